import { MINUTE_MS } from "../time/duration.ts";

/** The time after an outage, in which the queue drains at a rising rate. Epoch ms. */
export interface Recovery {
  recoveredAt: number;
  /** How long the rate rises. */
  rampMs: number;
}

/** Jobs per second at the beginning of the ramp. */
export const FIRST_RATE = 5;
/** Jobs per second at the end of the ramp; beyond it there is no bound. */
const LAST_RATE = 200;
const LONGEST_RAMP_MS = 5 * MINUTE_MS;

/** A server that comes back is slow at first; the longer it was away, the more waits for it. */
export function recoveryAfter(outageMs: number, now: number): Recovery {
  return { recoveredAt: now, rampMs: Math.min(Math.max(outageMs, 0), LONGEST_RAMP_MS) };
}

/** Jobs per second that may be done at `now`; Infinity when the ramp is over. */
export function drainRate(recovery: Recovery | null, now: number): number {
  if (recovery === null) return Infinity;
  const age = now - recovery.recoveredAt;
  // Set back, the clock would hold the ramp for ever.
  if (age < 0 || age >= recovery.rampMs) return Infinity;
  return FIRST_RATE * (LAST_RATE / FIRST_RATE) ** (age / recovery.rampMs);
}

/** How many jobs to take at once: about a second's worth, so that the rate can rise. */
export function drainBatch(rate: number, batchSize: number): number {
  return Math.max(1, Math.min(batchSize, Math.floor(rate)));
}

/**
 * How long to wait after `jobs` that took `elapsedMs`, so that `rate` is kept. Whole ms.
 * @param elapsedMs Negative when the clock was set back meanwhile, for which nobody has to wait
 */
export function drainPauseMs(rate: number, jobs: number, elapsedMs: number): number {
  if (!Number.isFinite(rate)) return 0;
  return Math.max(0, Math.ceil((jobs / rate) * 1000 - Math.max(0, elapsedMs)));
}
