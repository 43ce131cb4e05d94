import { COURSE } from "./course.ts";
import { PlexsyncError } from "../failures/errors.ts";

/** Fewer successes of others than this prove nothing. */
const FEWEST_PROOFS = 3;
/** More are never asked for. */
const MOST_PROOFS = 12;
/** So many failures in a row, and not one success between, are no longer one item's. */
export const FAILURES_IN_A_ROW = 5;
/**
 * Nine of ten: where three of ten fail by chance, a job would meet as many failures as it has
 * attempts now and then among a thousand.
 */
const NEARLY_ALL = 0.9;

/** What a job failed at, where that may be another's fault. */
export type DoubtfulWork =
  /** An edit was refused, or got no answer. */
  | "edit"
  /** The same for a rating, which is sent by itself. */
  | "rating"
  /** An edit was taken, and nothing of it stands there. */
  | "silence"
  /** The same of some of its fields, while all else of it stands there. */
  | "unheard"
  /** The same of a rating, all else being written. */
  | "unrated"
  /** An image could not be sent. */
  | "image"
  /** One that the target has could not be chosen. */
  | "choice"
  /** A cover could not be read. */
  | "cover";

/**
 * Whether a failed write says more than that this one job failed: it may be the server's fault as
 * well as the item's, so that others have to be asked before the job pays for it.
 */
export function isDoubtful(error: PlexsyncError): boolean {
  // Stash was asked already, and is down.
  if (error.type === "StashUnavailable") return false;
  return COURSE[error.type] === "outage" || isRefused(error) || isNotFound(error) ||
    COURSE[error.type] === "retry" && error.type !== "Unknown";
}

/** The target says that the item it was sent to is not there, which whoever stands before it can say. */
export function isNotFound({ type, status }: PlexsyncError): boolean {
  return type === "PlexNotFound" && status === 404;
}

/**
 * The target says that the item is not there, and shows it: that was a refusal, by the target or by
 * what stands before it.
 * @param title The target's name
 */
export function asRefusal(
  { message, status, retryAfterMs, part }: PlexsyncError,
  title: string,
): PlexsyncError {
  return new PlexsyncError("PlexPermanentError", `${message}, and shows the item`, {
    status,
    retryAfterMs,
    part,
    hint:
      `Look for a rule of what stands before ${title} that refuses this, and whether plex_token ` +
      "belongs to the server's owner",
  });
}

/** Statuses by which an image itself is refused: its form, or its size. */
const IMAGES_OWN: readonly number[] = [413, 415];

/** Whether the refusal of an image speaks of its bytes, and not of whoever sends it. */
export function isOfBytes({ status = 0 }: PlexsyncError): boolean {
  return IMAGES_OWN.includes(status);
}

/**
 * Whether the request was answered, with a refusal that another try will not change: it may be meant
 * for this one item, or for all that ask.
 */
export function isRefused({ type, status = 0 }: PlexsyncError): boolean {
  return type === "PlexUnauthorized" ||
    type === "PlexPermanentError" && status >= 300 && status < 500;
}

/** A cover that could not be read from Stash, which is well. */
export function isOfSource({ cause }: PlexsyncError): boolean {
  return cause instanceof PlexsyncError && cause.type === "StashUnavailable";
}

/** Statuses that ask for another try. */
const NOT_NOW: readonly number[] = [408, 421, 425, 429];

/**
 * Whether the answer for a cover is one that another try will not change: it is refused, or is no
 * image. Where other covers can be read there is nothing to try again.
 */
export function isCoverRefused(error: PlexsyncError): boolean {
  const status = isOfSource(error) ? (error.cause as PlexsyncError).status ?? 0 : 0;
  const isFinal = status >= 400 && status < 500 && !NOT_NOW.includes(status);
  return isFinal || status >= 200 && status < 300;
}

/**
 * How many successes of others make a failure a job's own. The nearer its end is, the more: what
 * fails at random would be given up now and then otherwise.
 * @param retryCount Failures that it paid for
 */
export function proofsFor(retryCount: number): number {
  return Math.min(MOST_PROOFS, FEWEST_PROOFS + retryCount);
}

/**
 * Whether what others met proves that the target does what it is asked, so that a failure is
 * the job's own.
 * @param succeeded Requests of that kind by other jobs that were done
 * @param failed Those that failed
 * @param wanted Successes, at least
 */
export function isProven(succeeded: number, failed: number, wanted = FEWEST_PROOFS): boolean {
  return succeeded >= wanted && succeeded >= NEARLY_ALL * (succeeded + failed);
}

/** The same failure as that of one item, known now that the server itself works. */
export function asItemsOwn(error: PlexsyncError): PlexsyncError {
  if (COURSE[error.type] !== "outage") return error;
  const details = {
    cause: error,
    status: error.status,
    path: error.path,
    retryAfterMs: error.retryAfterMs,
  };
  return error.type === "PlexUnauthorized"
    ? new PlexsyncError("PlexPermanentError", error.message, {
      ...details,
      hint: "The token is valid elsewhere: look for a rule of a proxy that refuses this item",
    })
    : new PlexsyncError("PlexTemporaryError", error.message, {
      ...details,
      hint: "Retried by itself; the server answers otherwise, so look at this item, and at a " +
        "proxy's limits",
    });
}
