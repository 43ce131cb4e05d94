/** Runs that are compared with each other, and what becomes of their numbers. */
import type { Figure } from "./case.ts";

/** One of the things compared: does its work and gives what was measured. */
export type Side = () => number | Promise<number>;

/**
 * Runs all sides by turns, so that what else the machine does meets all of them alike. The first
 * round warms up and does not count.
 * @returns what each side gave, in the order of the rounds
 */
export async function interleave<Name extends string>(
  rounds: number,
  sides: Readonly<Record<Name, Side>>,
  stop: AbortSignal,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let round = 0; round <= rounds; round++) {
    // Each second round backwards: nobody always runs in the wake of the same one.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      stop.throwIfAborted();
      const value = await sides[name]();
      if (round > 0) results[name].push(value);
    }
  }
  return results;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The number in the middle, or the mean of the two. @throws {RangeError} there is none */
export function median(numbers: readonly number[]): number {
  if (numbers.length === 0) throw new RangeError("Cannot take the median of no numbers");
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The figure of some runs: their median. */
export function figure(
  what: string,
  unit: string,
  runs: readonly number[],
  target: Target = {},
): Figure {
  return { what, unit, value: median(runs), taken: "median", ...spread(runs), ...target };
}

/**
 * The figure of some runs of a short process: the shortest. All that another process does makes it
 * longer, on a busy machine by more than it takes itself.
 */
export function leastFigure(
  what: string,
  unit: string,
  runs: readonly number[],
  target: Target = {},
): Figure {
  return { what, unit, value: Math.min(...runs), taken: "least", ...spread(runs), ...target };
}

/** How much longer the shortest of one side is than the shortest of the other. */
export function leastSurplus(more: readonly number[], less: readonly number[]): number[] {
  return [Math.min(...more) - Math.min(...less)];
}

type Target = Pick<Figure, "atMost" | "atLeast">;

function spread(runs: readonly number[]) {
  return { from: Math.min(...runs), to: Math.max(...runs), runs: runs.length };
}

/** Round by round, one side by the other. */
export function ratios(above: readonly number[], below: readonly number[]): number[] {
  return above.map((value, round) => value / below[round]!);
}
