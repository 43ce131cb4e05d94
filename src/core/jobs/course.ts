import type { Work } from "./breaker.ts";
import { MAX_WAIT_CHECKS, retryDelayMs, waitDelayMs } from "./backoff.ts";
import type { ErrorType } from "../failures/error_types.ts";
import { asPlexsyncError, NeedsAttention, PlexsyncError } from "../failures/errors.ts";
import { HINTS } from "../failures/hints.ts";
import type { Disposition, Job } from "./job.ts";
import type { SceneFile } from "../sync/scene.ts";

/** What a failure of each type means for its job. */
export type Course = "retry" | "outage" | "waiting" | "dead" | "gone";

export const COURSE: Readonly<Record<ErrorType, Course>> = {
  TransientError: "retry",
  PlexTemporaryError: "retry",
  Unknown: "retry",
  PlexServerDown: "outage",
  PlexUnauthorized: "outage",
  StashUnavailable: "outage",
  PlexNotFound: "waiting",
  AmbiguousMatch: "dead",
  SharedItem: "dead",
  PermanentError: "dead",
  PlexPermanentError: "dead",
  SceneGone: "gone",
};

/** The key of the source among the servers; every other key is that of a target. */
export const STASH = "stash";

/** What work met besides the ends of its jobs: this is what the gates go by. */
export type WorkEvent =
  /** A server answered real work. */
  | { kind: "answered"; server: string; work: Work }
  /** A server is down, or does not do what is asked of it: of so many jobs, each for itself. */
  | { kind: "failed"; server: string; error: PlexsyncError; work: Work; jobs: number }
  /** Only a person can mend it. */
  | {
    kind: "attention";
    server: string;
    message: string;
    hint: string;
    work: Work;
    /** The same for all that one trouble is the reason of, whatever request met it: what to do. */
    root: string;
  };

/**
 * What a failure says about a server; null when it says nothing but that one job failed.
 * @param target Key of the target that was worked with
 */
export function serverEvent(thrown: unknown, target: string): WorkEvent | null {
  if (thrown instanceof NeedsAttention) {
    return attention(target, thrown.message, thrown.hint ?? "");
  }
  const error = asPlexsyncError(thrown);
  if (COURSE[error.type] !== "outage") return null;
  const server = error.type === "StashUnavailable" ? STASH : target;
  return error.type === "PlexUnauthorized"
    ? attention(server, error.message, error.hint, error.hint)
    : failed(server, error);
}

function attention(server: string, message: string, hint: string, root = message): WorkEvent {
  return { kind: "attention", server, message, hint, work: "read", root };
}

/**
 * The target refuses to write for all that ask: a person has to see to it.
 * @param error Of one of them
 * @param what What it refuses, such as `edit`
 */
export function refusalEvent(
  error: PlexsyncError,
  { id, title }: { id: string; title: string },
  what: string,
): WorkEvent {
  // Without the item, which is another one at each try.
  const message = `${title} answered ${error.status} to every ${what}`;
  return {
    kind: "attention",
    server: id,
    message,
    hint: refusalHint(error),
    work: "write",
    root: message,
  };
}

/** The target answers, and not one edit of these jobs is done. @param error Of one of them */
export function writesFail(
  error: PlexsyncError,
  { id, title }: { id: string; title: string },
  jobs: number,
): WorkEvent {
  const { type, message, status } = error;
  const hint = `${title} answers and takes no writes: look into its log for a locked ` +
    "database or a full disk. Work resumes by itself";
  const told = new PlexsyncError(type, message, { status, hint });
  return { kind: "failed", server: id, error: told, work: "write", jobs };
}

/** All else works with this token, which for another type's hint would be the first thing to see to. */
function refusalHint(error: PlexsyncError): string {
  if (error.type !== "PlexUnauthorized" && error.hint !== HINTS[error.type]) return error.hint;
  return "Check that plex_token belongs to the server's owner, and the rules of a proxy before it; " +
    "work resumes by itself";
}

/** Something failed that any number of jobs share. */
function failed(server: string, error: PlexsyncError): WorkEvent {
  return { kind: "failed", server, error, work: "read", jobs: 1 };
}

/**
 * The same for something that all jobs need, such as the listing of a library: there every failure
 * is a server's, or one that a person has to mend. An error that nobody foresaw is no job's either.
 */
export function sharedEvent(thrown: unknown, target: string): WorkEvent {
  const event = serverEvent(thrown, target);
  if (event !== null) return event;
  const error = asPlexsyncError(thrown);
  return COURSE[error.type] === "dead"
    ? attention(target, error.message, hintForAll(error))
    : failed(target, error);
}

/** No job is a dead letter when all work rests, so the hint of a type must not speak of one. */
function hintForAll({ type, hint }: PlexsyncError): string {
  if (hint !== HINTS[type]) return hint;
  return type === "PlexPermanentError"
    ? "Check that plex_token belongs to the server's owner; work resumes by itself"
    : "Mend it; work resumes by itself";
}

export interface FailureContext {
  /** Epoch ms. */
  now: number;
  /** Drawn from [0, 1). */
  random: number;
  /** `max_retries` of the config, 1..20. */
  maxRetries: number;
  /** The scene's files on the target's side, for a job that begins to wait. */
  files: readonly SceneFile[];
}

/** A server's wish to be left alone is heard up to here; longer ones are asked again. */
const LONGEST_RETRY_AFTER_MS = 30 * 60_000;

/** How long the server wants to be left alone, in ms; 0 when it did not say. */
export function wishedDelayMs({ retryAfterMs }: PlexsyncError): number {
  return Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
}

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
      return { to: "retry", at: now + Math.max(delay, wishedDelayMs(error)) };
    }
  }
}
