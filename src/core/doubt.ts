import { COURSE } from "./course.ts";
import { PlexsyncError } from "./errors.ts";

/** Fewer successes of others than this prove nothing. */
export const FEWEST_PROOFS = 3;
/** So many failures in a row, and not one success between, are no longer one item's. */
export const FAILURES_IN_A_ROW = 5;
/**
 * Nine of ten: where three of ten fail by chance, a job would meet as many failures as it has
 * attempts now and then among a thousand.
 */
const NEARLY_ALL = 0.9;

/**
 * Whether a failed write says more than that this one job failed: it may be the server's fault as
 * well as the item's, so that others have to be asked before the job pays for it.
 */
export function isDoubtful(error: PlexsyncError): boolean {
  if (error.type === "StashUnavailable" || isOfSource(error)) return false;
  // It was answered, only without the effect: that does not pass by itself.
  if (error.status === 200) return false;
  return COURSE[error.type] === "outage" || COURSE[error.type] === "retry" &&
      error.type !== "Unknown";
}

/** A cover that could not be read from Stash: whose fault that is was settled there. */
function isOfSource({ cause }: PlexsyncError): boolean {
  return cause instanceof PlexsyncError && cause.type === "StashUnavailable";
}

/**
 * Whether what others met proves that the target does what it is asked, so that a failure is
 * the job's own.
 * @param succeeded Writes of other jobs that were done
 * @param failed Writes of other jobs that failed
 */
export function isProven(succeeded: number, failed: number): boolean {
  return succeeded >= FEWEST_PROOFS && succeeded >= NEARLY_ALL * (succeeded + failed);
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
