/** A file's length as it is kept, in whole ms; null where it is not known. */
export function wholeMs({ durationMs }: { durationMs: number | null }): number | null {
  return durationMs === null ? null : Math.round(durationMs);
}

/** Lengths that two programs tell of one file differ by no more. */
const SAME_LENGTH_MS = 1_000;

/** The least and the greatest length, in whole ms, that may be told of a file of this one. */
export function likeLengths(durationMs: number): [least: number, greatest: number] {
  return [Math.floor(durationMs) - SAME_LENGTH_MS, Math.ceil(durationMs) + SAME_LENGTH_MS];
}
