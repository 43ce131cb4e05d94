import { MAX_WAIT_CHECKS, retryDelayMs, waitDelayMs } from "./backoff.ts";
import type { ErrorType, PlexsyncError } from "./errors.ts";
import type { Disposition, Job } from "./job.ts";
import type { SceneFile } from "./scene.ts";

/** What a failure of each type means for its job (design section 8). */
type Course = "retry" | "outage" | "waiting" | "dead" | "gone";

export const COURSE: Readonly<Record<ErrorType, Course>> = {
  TransientError: "retry",
  PlexTemporaryError: "retry",
  Unknown: "retry",
  PlexServerDown: "outage",
  PlexUnauthorized: "outage",
  StashUnavailable: "outage",
  PlexNotFound: "waiting",
  AmbiguousMatch: "dead",
  PermanentError: "dead",
  PlexPermanentError: "dead",
  SceneGone: "gone",
};

export interface FailureContext {
  /** Epoch ms. */
  now: number;
  /** Drawn from [0, 1). */
  random: number;
  /** `max_retries` of the config, 1..20. */
  maxRetries: number;
  /** The scene's files on Plex's side, for a job that begins to wait. */
  files: SceneFile[];
}

/** A server's wish to be left alone is heard up to here; longer ones are asked again. */
const LONGEST_RETRY_AFTER_MS = 30 * 60_000;

/** Where a job goes after a failed attempt. */
export function afterFailedAttempt(
  job: Pick<Job, "retry_count" | "wait_count">,
  error: PlexsyncError,
  context: FailureContext,
): Disposition {
  const { now, random, maxRetries, files } = context;
  switch (COURSE[error.type]) {
    case "gone":
      return { to: "done", outcome: "gone" };
    case "dead":
      return { to: "dead" };
    case "outage":
      return { to: "back", at: now };
    case "waiting":
      if (job.wait_count >= MAX_WAIT_CHECKS) return { to: "dead" };
      return { to: "waiting", at: now + waitDelayMs(job.wait_count), files };
    case "retry": {
      if (job.retry_count >= maxRetries) return { to: "dead" };
      const delay = retryDelayMs(job.retry_count + 1, random);
      const wish = Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
      return { to: "retry", at: now + Math.max(delay, wish) };
    }
  }
}
