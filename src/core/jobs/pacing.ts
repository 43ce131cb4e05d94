/**
 * How many writes run side by side, found by trying: Plex writes one at a time inside, and what
 * more of them bring depends on the machine and the network between.
 *
 *   held   the limit stays for some batches, and each confirms its rate
 *   tried  one batch with a limit one further; it pays off, or the one before is held again
 *
 * Each try in vain doubles the time until the next, so that a server that stays as it is gets few.
 */
export interface Pace {
  /** 1..max */
  readonly limit: number;
  /** Items a second that the held limit is good for; null while none was seen. */
  readonly rate: number | null;
  /** The limit that is held, while another is tried. */
  readonly heldLimit: number | null;
  /** Which way the next try goes, or this one. */
  readonly step: 1 | -1;
  /** Batches until the next try. */
  readonly holdFor: number;
  /** Batches that are held after the next try in vain. */
  readonly patience: number;
}

const FIRST_PATIENCE = 2;
// Trying one batch in 65 costs nothing that anyone could see.
const MOST_PATIENCE = 64;

export const FIRST_PACE: Readonly<Pace> = Object.freeze({
  limit: 1,
  rate: null,
  heldLimit: null,
  step: 1,
  holdFor: 0,
  patience: FIRST_PATIENCE,
});

// Noise between two batches is about this much; a smaller gain is no gain.
const WORTHWHILE = 1.1;
// Fewer at once are the better choice where they are as fast. Less than half of what a gain has to
// be, so that no server lies between the two and is climbed up and down for ever.
const AS_FAST = 0.95;
// No noise of one batch: the server, or the way to it, is another one than before.
const CHANGED = 1.5;

export interface BatchSample {
  /** Items written. */
  items: number;
  elapsedMs: number;
  /** Whether the server refused or timed out. */
  failed: boolean;
}

/**
 * The pace for the next batch: held, or one step further to try it, or the one before when that did
 * not pay off; half at once when the server failed.
 * @param max `max_parallel_writes`, 1..16
 */
export function nextPace(pace: Pace, sample: BatchSample, max: number): Pace {
  if (sample.failed) return { ...FIRST_PACE, limit: Math.max(1, Math.floor(pace.limit / 2)) };
  // The bound may have been lowered since.
  if (pace.limit > max) return { ...FIRST_PACE, limit: max };
  // Too few writes to say anything about speed.
  if (sample.items < 2 * pace.limit) return pace;
  const rate = sample.items / Math.max(sample.elapsedMs / 1000, 0.001);
  return pace.heldLimit === null ? held(pace, rate, max) : tried(pace, pace.heldLimit, rate, max);
}

function held(pace: Pace, rate: number, max: number): Pace {
  const before = pace.rate ?? rate;
  if (rate > before * CHANGED || rate * CHANGED < before) {
    return further({ ...pace, rate, patience: FIRST_PATIENCE }, max);
  }
  const known = { ...pace, rate: (before + rate) / 2 };
  return pace.holdFor > 0 ? { ...known, holdFor: pace.holdFor - 1 } : further(known, max);
}

function tried(pace: Pace, heldLimit: number, rate: number, max: number): Pace {
  const before = pace.rate ?? 0;
  const paysOff = rate > before * (pace.step === 1 ? WORTHWHILE : AS_FAST);
  if (paysOff) return further({ ...pace, rate }, max);
  return {
    ...pace,
    limit: heldLimit,
    heldLimit: null,
    step: pace.step === 1 ? -1 : 1,
    holdFor: pace.patience,
    patience: Math.min(2 * pace.patience, MOST_PATIENCE),
  };
}

/** One step on in its direction, or in the other where that one ends; held where there is none. */
function further(pace: Pace, max: number): Pace {
  const steps = pace.step === 1 ? [1, -1] as const : [-1, 1] as const;
  const step = steps.find((by) => pace.limit + by >= 1 && pace.limit + by <= max);
  if (step === undefined) return { ...pace, heldLimit: null, holdFor: pace.patience };
  return { ...pace, heldLimit: pace.limit, limit: pace.limit + step, step };
}
