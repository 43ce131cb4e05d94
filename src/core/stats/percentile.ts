/** How often values occurred, `[value, count]`, ascending by value; one may stand there twice. */
export type Histogram = readonly (readonly [value: number, count: number])[];

/**
 * The smallest value that at least `percent` of all values do not exceed (nearest rank):
 * always one that occurred, never one in between.
 * @param percent Above 0, up to 100
 * @returns null for no values at all
 * @throws {RangeError} `percent` is out of range
 */
export function percentile(histogram: Histogram, percent: number): number | null {
  if (!(percent > 0 && percent <= 100)) {
    throw new RangeError(`Cannot take a percentile of ${percent}: must be above 0, up to 100`);
  }
  const total = countOf(histogram);
  if (total === 0) return null;
  // Multiplied first: 0.95 * 20 is a little more than 19, and its ceiling would be 20.
  const rank = Math.ceil((percent * total) / 100);
  let seen = 0;
  for (const [value, count] of histogram) {
    seen += count;
    if (seen >= rank) return value;
  }
  return null;
}

/** How many values there are. */
export function countOf(histogram: Histogram): number {
  return histogram.reduce((sum, [, count]) => sum + count, 0);
}
