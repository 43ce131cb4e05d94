/** A small seeded generator, so that a library is the same on every machine. */
export interface Random {
  /** [0, 1) */
  next(): number;
  /** Whole number from low to high, both included. */
  whole(low: number, high: number): number;
  /** True in `percent` of 100 calls. */
  chance(percent: number): boolean;
  /** @throws {RangeError} the list is empty */
  pick<T>(list: readonly T[]): T;
}

/**
 * Mulberry32: 32 bits of state, ample for test data.
 * @param seed whole number; equal seeds give equal sequences
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    whole,
    chance: (percent) => next() * 100 < percent,
    pick: <T>(list: readonly T[]): T => {
      if (list.length === 0) throw new RangeError("Cannot pick from an empty list");
      return list[whole(0, list.length - 1)] as T;
    },
  };
}
