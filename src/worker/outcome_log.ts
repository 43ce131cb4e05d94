import { formatDuration, lastedMs } from "../core/time/duration.ts";
import { cutText } from "../core/text/escape.ts";
import { endWindows, FLOOD_WINDOW_MS, type Hushed, meet, NO_FLOOD } from "../core/text/flood.ts";
import type { Attempt, Disposition, SettleResult } from "../core/jobs/job.ts";
import type { LogPort } from "../core/log_port.ts";

/** Told of progress; the daemon prints summaries and writes the snapshot from it. */
export interface Reporter {
  settled(attempts: readonly Attempt[]): void;
  /** Nothing is due: time to bring the snapshot up to date. */
  idle(): void;
}

/** How long the steps of one batch took, in ms. */
export interface BatchTiming {
  jobs: number;
  claimMs: number;
  gatherMs: number;
  writeMs: number;
  confirmMs: number;
  settleMs: number;
}

/** Failures of one kind that are said within a minute; the others are counted. */
const FAILURES_SAID = 5;
/** A step that takes longer is worth a warning. */
const SLOW_MS = 10_000;
/** Characters of an error's message in a line: room is left for path and hint. */
const MAX_REASON = 1_000;

const FAILED: readonly Disposition["to"][] = ["retry", "dead"];

type Fields = Record<string, unknown>;

interface Line {
  level: "debug" | "info" | "warning" | "error";
  message: string;
  /** Fields that the message spells out. */
  said: string[];
  fields?: Fields;
}

/**
 * Says what became of each job: info when Plex was changed or it comes back, error when it
 * was given up, else debug. When the same failure hits job after job, the
 * first few are said so and the others at debug, and their number when the minute is over.
 */
export class OutcomeLog {
  #flood = NO_FLOOD;

  constructor(private readonly log: LogPort) {}

  /** One line per outcome. @param now Epoch ms */
  batch({ settled, again, late }: SettleResult, now: number): void {
    this.tick(now);
    for (const attempt of settled) this.#outcome(attempt, again.includes(attempt), now);
    for (const { job } of late) {
      this.log.debug(`Scene ${job.scene_id}: settled too late, another run has it`, {
        event: "late_settle",
        job_id: job.id,
        scene_id: job.scene_id,
        said: ["scene_id"],
      });
    }
  }

  /** How long a batch took, at debug; a slow step at warning, once a minute. */
  timing(timing: BatchTiming, now: number): void {
    const { jobs, claimMs, gatherMs, writeMs, confirmMs, settleMs } = timing;
    const steps = {
      claim: claimMs,
      gather: gatherMs,
      write: writeMs,
      confirm: confirmMs,
      settle: settleMs,
    };
    const list = Object.entries(steps);
    const fields = Object.fromEntries(list.map(([step, ms]) => [`${step}_ms`, Math.round(ms)]));
    const words = list.map(([step, ms]) => `${step} ${formatDuration(ms)}`).join(", ");
    this.log.debug(`Batch of ${jobs} jobs: ${words}`, {
      event: "batch",
      count: jobs,
      ...fields,
      duration_ms: Math.round(list.reduce((sum, [, ms]) => sum + ms, 0)),
      said: ["count", ...Object.keys(fields)],
    });
    for (const [step, ms] of list) {
      if (lastedMs(ms) <= SLOW_MS || !this.#mayBeSaid("slow_step", step, now, 1)) continue;
      this.log.warning(`Slow: ${step} took ${formatDuration(ms)} for ${jobs} jobs`, {
        event: "slow_step",
        step,
        count: jobs,
        duration_ms: Math.round(ms),
        said: ["step", "count", "duration_ms"],
      });
    }
  }

  /** Tells the numbers of what was counted in minutes that are over. */
  tick(now: number): void {
    this.#end(now, false);
  }

  /** Nothing comes after this: all that was counted is told. */
  end(now: number): void {
    this.#end(now, true);
  }

  #outcome(attempt: Attempt, isAgain: boolean, now: number): void {
    const failed = FAILED.includes(attempt.disposition.to);
    const { level, message, said, fields } = failed && isAgain
      ? againLine(attempt)
      : lineOf(attempt, now);
    const event = failed && isAgain ? "job_retry" : eventOf(attempt);
    const all = { ...fieldsOf(attempt), event, ...fields, said };
    const type = attempt.errorType ?? "Unknown";
    if (failed && !this.#mayBeSaid(event, type, now, FAILURES_SAID)) {
      this.log.debug(message, all);
    } else this.log[level](message, all);
  }

  #mayBeSaid(event: string, what: string, now: number, free: number): boolean {
    const { flood, say, ended } = meet(this.#flood, `${event} ${what}`, now, free);
    this.#flood = flood;
    if (ended !== null) this.#tell(ended);
    return say;
  }

  #end(now: number, all: boolean): void {
    const { flood, ended } = endWindows(this.#flood, now, all);
    this.#flood = flood;
    for (const hushed of ended) this.#tell(hushed);
  }

  #tell({ kind, count, forMs }: Hushed): void {
    const [repeated, what] = kind.split(" ") as [string, string];
    const time = forMs >= FLOOD_WINDOW_MS ? "the last minute" : formatDuration(forMs);
    const level = repeated === "job_dead" ? "error" : "warning";
    this.log[level](`… and ${count} more in ${time} (${what})`, {
      event: "repeated",
      repeated,
      [repeated === "slow_step" ? "step" : "error_type"]: what,
      count,
      duration_ms: forMs,
      said: ["step", "error_type", "count", "duration_ms"],
    });
  }
}

function eventOf({ disposition }: Attempt): string {
  return `job_${disposition.to === "done" ? disposition.outcome : disposition.to}`;
}

function fieldsOf(attempt: Attempt): Fields {
  const { job } = attempt;
  return {
    job_id: job.id,
    scene_id: job.scene_id,
    attempt: job.retry_count + 1,
    rating_key: attempt.items[0],
    confidence: attempt.confidence ?? undefined,
    error_type: attempt.errorType ?? undefined,
    error_message: attempt.errorMessage ?? undefined,
    left_out: attempt.leftOut.length > 0 ? attempt.leftOut : undefined,
    path: attempt.path ?? undefined,
    paths: attempt.paths,
    hint: attempt.hint ?? undefined,
    duration_ms: Math.round(attempt.durationMs),
  };
}

function lineOf(attempt: Attempt, now: number): Line {
  const { job, disposition } = attempt;
  const scene = `Scene ${job.scene_id}`;
  const { reason, said: saidReason } = reasonOf(attempt);
  const said = ["scene_id", ...saidReason];
  switch (disposition.to) {
    case "done":
      return doneLine(disposition.outcome, scene, attempt, said);
    case "waiting":
      return {
        level: "debug",
        message: `${scene}: waits for Plex: ${reason}`,
        said,
        fields: { retry_in_ms: disposition.at - now },
      };
    case "retry": {
      const retryInMs = Math.max(0, disposition.at - now);
      return {
        // What may pass by itself wakes nobody; what does not is said once, at its end.
        level: "info",
        message: `${scene}: attempt ${job.retry_count + 1} failed: ${reason}; ` +
          `the next in ${formatDuration(retryInMs)}`,
        said: [...said, "attempt", "retry_in_ms"],
        fields: { retry_in_ms: retryInMs },
      };
    }
    case "back":
      return { level: "debug", message: `${scene}: given back: ${reason || "not begun"}`, said };
    case "dead":
      return {
        level: "error",
        message: `${scene}: given up after attempt ${job.retry_count + 1}: ${reason}`,
        said: [...said, "attempt"],
      };
  }
}

/** What failed is over: the scene as it is now is brought to the target at once. */
function againLine(attempt: Attempt): Line {
  const { job } = attempt;
  const { reason, said } = reasonOf(attempt);
  return {
    level: "info",
    message: `Scene ${job.scene_id}: attempt ${job.retry_count + 1} failed: ${reason}; ` +
      "the scene changed meanwhile, so it runs again now",
    said: ["scene_id", "attempt", "retry_in_ms", ...said],
    fields: { retry_in_ms: 0 },
  };
}

function doneLine(
  outcome: "written" | "unchanged" | "skipped" | "gone",
  scene: string,
  attempt: Attempt,
  said: string[],
): Line {
  switch (outcome) {
    case "written":
      return {
        level: "info",
        message: `${scene}: wrote ${attempt.changedFields.join(", ")}${leftOut(attempt)}`,
        said: [...said, "changed", "left_out"],
        fields: { changed: attempt.changedFields },
      };
    case "unchanged":
      return {
        level: "debug",
        message: `${scene}: already equal${leftOut(attempt)}`,
        said: [...said, "left_out"],
      };
    case "gone":
      return { level: "debug", message: `${scene}: deleted in Stash`, said };
    case "skipped":
      return { level: "debug", message: `${scene}: skipped: ${attempt.errorMessage}`, said };
  }
}

function leftOut(attempt: Attempt): string {
  const text = attempt.leftOut.join("; ");
  return text === "" ? "" : ` (${cutText(text, MAX_REASON)})`;
}

/** The error in words, `PlexNotFound: Plex has no item …`, and the fields that it spells out. */
function reasonOf({ errorType, errorMessage, path }: Attempt): { reason: string; said: string[] } {
  const message = cutText(errorMessage ?? "", MAX_REASON);
  const said = ["error_message"];
  if (errorType !== null) said.push("error_type");
  if (path !== null && message.includes(path)) said.push("path");
  return { reason: errorType === null ? message : `${errorType}: ${message}`, said };
}
