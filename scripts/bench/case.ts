/** What a benchmark is, and what it hands back. */

/** How much of everything: `tiny` is for the tests, which look whether a case still runs. */
export type Scale = "tiny" | "small" | "full";

/** One measured figure. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
  /** Which of its runs it is: the one in the middle, or the one that was disturbed least. */
  readonly taken: "median" | "least";
  /** Least and greatest of the runs. */
  readonly from: number;
  readonly to: number;
  readonly runs: number;
  /** What it has to stay at or below, or at or above. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What a case came to. */
export interface Outcome {
  /** How much of what was measured. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly figures: readonly Figure[];
  /** What could not be measured here, and why: one line each. */
  readonly skipped?: readonly string[];
}

/** What a case is handed. */
export interface Tools {
  readonly seed: number;
  /** Tells how far it is. */
  say(line: string): void;
  /** The work is to end. */
  readonly stop: AbortSignal;
  /** A fresh folder, gone at the end of the case. */
  readonly folder: string;
}

export interface BenchCase {
  /** What it answers, in one line. */
  readonly question: string;
  /** @throws {Error} the end state is not what it must be: then there is no figure */
  run(scale: Scale, tools: Tools): Promise<Outcome>;
}

/**
 * Stops a case whose work did not do what it was measured for.
 * @throws {Error} it is not so
 */
export function check(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Error(`Cannot measure: ${what}`);
}
