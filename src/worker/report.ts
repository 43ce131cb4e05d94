import type { Attempt } from "../core/job.ts";
import type { LogPort } from "./ports.ts";

/** Told of progress; the daemon prints summaries and writes the snapshot from it. */
export interface Reporter {
  settled(attempts: readonly Attempt[]): void;
  /** Nothing is due: what is still unsaid about the last jobs is said now. */
  idle(): void;
}

/** One line per outcome: info when Plex was changed, warning when a job was given up, else debug. */
export function reportBatch(
  settled: readonly Attempt[],
  late: readonly Attempt[],
  log: LogPort,
): void {
  for (const attempt of settled) reportAttempt(attempt, log);
  for (const { job } of late) {
    log.debug(`Scene ${job.scene_id}: settled too late, another run has it`, {
      event: "late_settle",
      job_id: job.id,
      scene_id: job.scene_id,
    });
  }
}

function reportAttempt(attempt: Attempt, log: LogPort): void {
  const { job, disposition } = attempt;
  const fields: Record<string, unknown> = {
    event: `job_${disposition.to === "done" ? disposition.outcome : disposition.to}`,
    job_id: job.id,
    scene_id: job.scene_id,
    rating_key: attempt.ratingKey ?? undefined,
    error_type: attempt.errorType ?? undefined,
    path: attempt.path ?? undefined,
    hint: attempt.hint ?? undefined,
    duration_ms: Math.round(attempt.durationMs),
  };
  const scene = `Scene ${job.scene_id}`;
  switch (disposition.to) {
    case "done":
      if (disposition.outcome === "written") {
        const what = attempt.changedFields.join(", ");
        return log.info(`${scene}: wrote ${what}`, { ...fields, changed: attempt.changedFields });
      }
      if (disposition.outcome === "unchanged") return log.debug(`${scene}: already equal`, fields);
      if (disposition.outcome === "gone") return log.debug(`${scene}: deleted in Stash`, fields);
      return log.debug(`${scene}: skipped: ${attempt.errorMessage}`, fields);
    case "waiting":
      return log.debug(`${scene}: waits for Plex: ${attempt.errorMessage}`, fields);
    case "retry":
      return log.warning(`${scene}: ${attempt.errorMessage}; tried again later`, fields);
    case "back":
      return log.debug(`${scene}: given back: ${attempt.errorMessage ?? "stopping"}`, fields);
    case "dead":
      return log.error(`${scene}: given up: ${attempt.errorMessage}`, fields);
  }
}
