import type { Disposition } from "./job.ts";

/** How a processed attempt is counted. One that is given up is a failure too. */
export type Verdict = "succeeded" | "failed" | "given up";

/**
 * What each outcome counts as. A job that waits for Plex, or whose scene is gone, or that took
 * something back, was not processed: null, neither a success nor a failure.
 */
export const COUNTS_AS = {
  written: "succeeded",
  unchanged: "succeeded",
  skipped: "succeeded",
  gone: null,
  waiting: null,
  undone: null,
  retry: "failed",
  dead: "given up",
} as const satisfies Readonly<Record<string, Verdict | null>>;

/** What one attempt came to, as it is stored. */
export type OutcomeName = keyof typeof COUNTS_AS;

/** The outcomes that no counter knows of. */
export const UNCOUNTED = (Object.keys(COUNTS_AS) as OutcomeName[])
  .filter((name) => COUNTS_AS[name] === null);

/**
 * @param changed The scene changed while the attempt ran: it is run again, whatever came of it
 * @returns null for a job that was given back, since nothing came of it
 */
export function outcomeOf(disposition: Disposition, changed: boolean): OutcomeName | null {
  switch (disposition.to) {
    case "back":
      return null;
    case "done":
      return disposition.outcome;
    case "dead":
      return changed ? "retry" : "dead";
    default:
      return disposition.to;
  }
}

/** Whether an attempt is one that is counted. */
export function isProcessed(disposition: Disposition): boolean {
  const outcome = outcomeOf(disposition, false);
  return outcome !== null && COUNTS_AS[outcome] !== null;
}
