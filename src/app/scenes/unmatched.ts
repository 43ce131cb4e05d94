import type { ErrorType } from "../../core/failures/error_types.ts";
import type { DeadLetter, Job } from "../../core/jobs/job.ts";
import type { DeadFilter } from "../../store/queue/dead_filter.ts";
import type { Installation } from "../installation.ts";
import { type LocalMatch, localMatcher } from "./local_match.ts";

type WithStore = Pick<Installation, "store">;

/** Given up because it was not certain which item is meant. */
export const UNMATCHED: readonly ErrorType[] = ["PlexNotFound", "AmbiguousMatch", "SharedItem"];

/** A scene without an item, and what might be its own. */
export interface Unmatched {
  scene_id: string;
  target: string;
  /** Where it was looked for. */
  path: string | null;
  /** Why it has none; null while it only waits. */
  reason: string | null;
  /** When it was given up, or is looked for again. Epoch ms. */
  at: number;
  /** What the list goes on behind. */
  id: number;
  match: LocalMatch;
}

/** Scenes that were given up for want of an item, newest first. */
export function givenUpScenes(
  installation: Pick<Installation, "store" | "config" | "targets">,
  behind: DeadFilter["behind"],
  limit: number,
): Unmatched[] {
  const { store } = installation;
  const filter = { types: UNMATCHED, targets: store.targets, behind };
  return withMatches(store.deadLetters.recent(limit, filter), installation, (letter) => ({
    reason: letter.error_message,
    at: letter.failed_at,
  }));
}

/** Scenes that wait for their file to come to the target, those that are looked for soonest first. */
export function waitingScenes(
  installation: Pick<Installation, "store" | "config" | "targets">,
  behind: Pick<Job, "next_retry_at" | "id"> | null,
  limit: number,
): Unmatched[] {
  const { store } = installation;
  return withMatches(store.queue.waiting(limit, behind), installation, (job) => ({
    reason: null,
    at: job.next_retry_at,
  }));
}

/** How many there are of each. */
export function countUnmatched({ store }: WithStore): { given_up: number; waiting: number } {
  const byType = store.deadLetters.byType();
  return {
    given_up: UNMATCHED.reduce((sum, type) => sum + (byType[type] ?? 0), 0),
    waiting: store.jobs.counts().find(({ state }) => state === "waiting")?.count ?? 0,
  };
}

function withMatches<Row extends Pick<Job | DeadLetter, "id" | "scene_id" | "target" | "path">>(
  rows: readonly Row[],
  installation: Pick<Installation, "store" | "config" | "targets">,
  more: (row: Row) => Pick<Unmatched, "reason" | "at">,
): Unmatched[] {
  const matchOf = localMatcher(installation);
  const { targets } = installation.store;
  return rows.filter(({ target }) => targets.includes(target)).map((row) => {
    const { id, scene_id, target, path } = row;
    return { scene_id, target, path, id, ...more(row), match: matchOf(scene_id, target) };
  });
}

/** How many scenes are known, and how many of them were looked for in vain; in all targets. */
export function matchCoverage(parts: WithStore): { scenes: number; unmatched: number } {
  const { given_up, waiting } = countUnmatched(parts);
  return { scenes: parts.store.scenes.count(), unmatched: given_up + waiting };
}
