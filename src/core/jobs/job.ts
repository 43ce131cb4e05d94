import type { ErrorType } from "../failures/error_types.ts";
import type { SceneFile } from "../sync/scene.ts";
import type { ItemOrigin, SeenField } from "../journal/journal.ts";
import type { Memory } from "../sync/memory.ts";

/** What made a job. */
export const REASONS = [
  "hook",
  "poke",
  "watch",
  "bulk",
  "reconcile",
  "rename",
  "retry",
  "undo",
] as const;
export type Reason = (typeof REASONS)[number];

/** What a run is: redo is the undo of an undo. */
export type RunKind = Reason | "redo";

/** What a run is called that was not given a name of its own. */
export const RUN_NAMES: Readonly<Record<RunKind, string>> = {
  hook: "changes that Stash told of",
  poke: "scenes named by HTTP",
  watch: "changes found in Stash",
  bulk: "sync",
  reconcile: "reconcile",
  rename: "renamed in Stash",
  retry: "dead letters put back",
  undo: "undo",
  redo: "undo of an undo",
};

/** Claim order: higher first. What a person just did goes before what a walk found. */
export const PRIORITY: Readonly<Record<Reason, number>> = {
  undo: 20,
  hook: 20,
  poke: 20,
  retry: 15,
  watch: 10,
  rename: 5,
  bulk: 0,
  reconcile: 0,
};

/** The least priority of what is no bulk work. */
export const SINGLE_CHANGES = PRIORITY.bulk + 1;

/**
 * ready: due at `next_retry_at`; running: leased; waiting: not in Plex yet,
 * looked at when Plex gains a file or at `next_retry_at` at the latest.
 */
export const JOB_STATES = ["ready", "running", "waiting"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A stored row of `jobs`, named as its columns. Times are epoch ms. */
export interface Job {
  id: number;
  scene_id: string;
  /** Where the scene is to be written to. */
  target: string;
  /** What made it, or last asked for it again. */
  run_id: number | null;
  reason: Reason;
  priority: number;
  /** Raised by each new change of the scene while the job lives. */
  generation: number;
  state: JobState;
  /** Failed attempts that count. */
  retry_count: number;
  /** Looks into Plex's index that found nothing. */
  wait_count: number;
  /** Processes that died, or fell silent, while they held it. */
  deaths: number;
  next_retry_at: number;
  lease_owner: string | null;
  lease_until: number | null;
  last_error_type: ErrorType | null;
  last_error_message: string | null;
  /** Path that was looked for in Plex, on Plex's side. */
  path: string | null;
  enqueued_at: number;
  updated_at: number;
}

/** Where a job goes after an attempt. */
export type Disposition =
  /** Leaves the queue; `gone`: the scene was deleted in Stash. */
  | { to: "done"; outcome: "written" | "unchanged" | "skipped" | "gone" }
  /** Comes back at `at`, an attempt spent. */
  | { to: "retry"; at: number }
  /**
   * Comes back at `at`, no attempt spent: a server was down. `isBehind`: as the youngest of its
   * priority, so that what fails again and again does not keep the others from their turn.
   */
  | { to: "back"; at: number; isBehind?: boolean }
  /** Waits for Plex to learn of these files. */
  | { to: "waiting"; at: number; files: readonly SceneFile[] }
  /** Becomes a dead letter. */
  | { to: "dead" };

/** What one attempt came to; one row of `outcomes`, except for `back`. */
export interface Attempt {
  job: Pick<Job, "id" | "scene_id" | "generation" | "lease_owner" | "retry_count">;
  disposition: Disposition;
  durationMs: number;
  confidence: "high" | "low" | null;
  /** Items that were meant, the best first. */
  items: readonly string[];
  changedFields: string[];
  /** What of the scene was not written, or not in full, such as `tags: 20 of 120 left out: …`. */
  leftOut: readonly string[];
  /** Why it was skipped, waits, or failed; null when there is nothing to say. */
  errorType: ErrorType | null;
  errorMessage: string | null;
  path: string | null;
  /** Further media paths that its texts name, for a log that has to hide them. */
  paths?: readonly string[];
  hint: string | null;
  stackTrace: string | null;
  candidates: readonly string[];
  /** New third side of the next decision, per item; what is not named stays known. */
  written: readonly Memory[];
  /** What stood after each write of it. */
  seen: readonly SeenField[];
  /** What Stash has now for what was written earlier, and was left alone. */
  origins: readonly ItemOrigin[];
  /** Items on which nothing is left of what was written there for a scene: it is forgotten. */
  released: readonly Pick<Memory, "sceneId" | "item">[];
}

/** What became of the attempts of one settle call: late ones changed nothing. */
export interface SettleResult {
  settled: Attempt[];
  /** Of the settled: their scene changed meanwhile, so they run again, whatever came of them. */
  again: Attempt[];
  late: Attempt[];
}

/** A job that was given up, as stored. */
export interface DeadLetter {
  id: number;
  job_id: number;
  scene_id: string;
  target: string;
  run_id: number | null;
  /** JSON of the job row, and of what was known of the match. */
  job_data: string;
  error_type: ErrorType;
  error_message: string;
  stack_trace: string | null;
  retry_count: number;
  path: string | null;
  hint: string;
  failed_at: number;
}
