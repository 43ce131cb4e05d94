import { FURTHEST_AHEAD_MS } from "../time/clock.ts";
import { MINUTE_MS } from "../time/duration.ts";
import { type Interval, INTERVAL_MS } from "../time/interval.ts";

/** A failed run is tried again after this long, unless the next one is due sooner. */
const AFTER_FAILURE_MS = 10 * MINUTE_MS;

/** The last run that came to an end by itself. Epoch ms. */
export interface LastRun {
  startedAt: number;
  endedAt: number;
  failed: boolean;
}

/**
 * When the next reconciliation is due, epoch ms: it may lie behind. Null for never. Intervals
 * count from start to start, so that a run that takes an hour does not shift the next one.
 * @param last null when there was none, which makes it due at once
 * @param now Epoch ms
 */
export function nextReconcileAt(
  interval: Interval,
  last: LastRun | null,
  now: number,
): number | null {
  if (interval === "never") return null;
  // A run begun in the future: the clock was set back, and would strand the schedule.
  if (last === null || last.startedAt > now + FURTHEST_AHEAD_MS) return now;
  const next = last.startedAt + INTERVAL_MS[interval];
  return last.failed ? Math.min(next, last.endedAt + AFTER_FAILURE_MS) : next;
}
