/** Figures for programs and for people. Pure. */
import { table } from "../../src/cli/terminal/output.ts";
import type { Figure, Outcome } from "./case.ts";
import type { Versions } from "./machine.ts";

/** One line of the output: a case, and all that its figures depend on. */
export interface Report extends Outcome {
  readonly case: string;
  readonly scale: string;
  readonly seed: number;
  readonly seconds: number;
  readonly versions: Versions;
  /** Before and after; null where the system does not say. */
  readonly load: readonly [number | null, number | null];
}

/** The line of JSON: each figure with whether it meets its target, null where it has none. */
export function reportLine(report: Report): string {
  const figures = report.figures.map((figure) => ({
    ...figure,
    value: rounded(figure.value),
    from: rounded(figure.from),
    to: rounded(figure.to),
    met: isMet(figure),
  }));
  return JSON.stringify({ ...report, figures, skipped: report.skipped ?? [] });
}

/** @returns null for a figure without a target */
export function isMet({ value, atMost, atLeast }: Figure): boolean | null {
  if (atMost === undefined && atLeast === undefined) return null;
  return value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity);
}

/** The same for people, the worse beside the better. */
export function reportTable(report: Report): string {
  const { load: [before, after] } = report;
  const loads = before === null ? "" : `, load ${before} to ${after}`;
  const head = `${report.case} (${report.scale}, ${report.seconds} s${loads})\n`;
  const rows = report.figures.map((figure) => [
    figure.what,
    shown(figure.value),
    figure.unit,
    figure.runs > 1 ? `${shown(figure.from)} to ${shown(figure.to)}` : "",
    targetOf(figure),
  ]);
  const lines = (report.skipped ?? []).map((line) => `skipped: ${line}\n`).join("");
  const body = rows.length === 0 ? "" : table(["WHAT", "VALUE", "UNIT", "RUNS", "TARGET"], rows);
  return `${head}${body}${lines}`;
}

function targetOf(figure: Figure): string {
  const met = isMet(figure);
  if (met === null) return "";
  const { atMost, atLeast } = figure;
  const limit = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
  return `${limit}: ${met ? "met" : "missed"}`;
}

/** Four figures, as far as they say anything. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function shown(value: number): string {
  return Math.abs(value) >= 1_000
    ? String(Math.round(value))
    : String(Number(value.toPrecision(3)));
}
