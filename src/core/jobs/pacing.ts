/** How many writes run side by side, found by trying: Plex writes one at a time inside. */
export interface Pace {
  /** 1..max */
  limit: number;
  /** Written items per second of the batch before, or null at the start. */
  rate: number | null;
  /** Which way the last step went. */
  step: 1 | -1;
}

export const FIRST_PACE: Readonly<Pace> = Object.freeze({ limit: 1, rate: null, step: 1 });

// Noise between two batches is about this much; a smaller gain is no gain.
const WORTHWHILE = 1.1;

export interface BatchSample {
  /** Items written. */
  items: number;
  elapsedMs: number;
  /** Whether the server refused or timed out. */
  failed: boolean;
}

/**
 * The pace for the next batch: one step further the way that paid off, one back when it
 * did not, half at once when the server failed.
 * @param max `max_parallel_writes`, 1..16
 */
export function nextPace(pace: Pace, sample: BatchSample, max: number): Pace {
  if (sample.failed) return { limit: Math.max(1, Math.floor(pace.limit / 2)), rate: null, step: 1 };
  // Too few writes to say anything about speed.
  if (sample.items < 2 * pace.limit) return pace;
  const rate = sample.items / Math.max(sample.elapsedMs / 1000, 0.001);
  const step = pace.rate === null || rate > pace.rate * WORTHWHILE
    ? pace.step
    : -pace.step as 1 | -1;
  return { limit: Math.min(max, Math.max(1, pace.limit + step)), rate, step };
}
