import { DAY_MS, HOUR_MS, MINUTE_MS, startOf } from "../time/duration.ts";
import { COUNTS_AS, type OutcomeName } from "../jobs/outcome.ts";
import { perMinute } from "./figures.ts";
import { type Histogram, percentile } from "./percentile.ts";

/** How far back one can look, and in what steps. */
export const RANGES = {
  "1h": { name: "1 hour", ms: HOUR_MS, stepMs: MINUTE_MS },
  "24h": { name: "24 hours", ms: DAY_MS, stepMs: HOUR_MS },
  "30d": { name: "30 days", ms: 30 * DAY_MS, stepMs: 6 * HOUR_MS },
} as const;

export type RangeName = keyof typeof RANGES;

/** The outcomes that are told apart: those that are counted. */
export const TIMED_OUTCOMES = (Object.keys(COUNTS_AS) as OutcomeName[])
  .filter((name) => COUNTS_AS[name] !== null);

/** What came of jobs in a stretch of time that is no longer than a step. */
export interface WorkSum {
  /** When it began, epoch ms. */
  at: number;
  outcomes: Readonly<Partial<Record<OutcomeName, number>>>;
  /** Of processed jobs, in ms. */
  durations: Histogram;
}

/** What was done in one step. */
export interface Step {
  /** When it begins, epoch ms. */
  at: number;
  /** Jobs per minute by outcome. */
  rates: Readonly<Record<string, number>>;
  /** How long one job took, in ms; null where none was done. */
  p50_ms: number | null;
  p95_ms: number | null;
}

/** Where a range begins that ends at an instant: with a step, epoch ms. */
export function firstStep(range: RangeName, now: number): number {
  const { ms, stepMs } = RANGES[range];
  return startOf(now - ms, stepMs);
}

/** Step by step, also those in which nothing was done; the last one is under way. */
export function timeline(sums: readonly WorkSum[], range: RangeName, now: number): Step[] {
  const { ms, stepMs } = RANGES[range];
  const byStep = Map.groupBy(sums, ({ at }) => startOf(at, stepMs));
  const first = firstStep(range, now);
  return Array.from({ length: ms / stepMs + 1 }, (_, n) => {
    const at = first + n * stepMs;
    const those = byStep.get(at) ?? [];
    const durations = those.flatMap((sum) => sum.durations).sort(([a], [b]) => a - b);
    // Of a step that has just begun, a minute is the least that a rate can be told of.
    const passedMs = Math.min(stepMs, Math.max(MINUTE_MS, now - at));
    const rates = TIMED_OUTCOMES.map((outcome) => {
      const jobs = those.reduce((sum, { outcomes }) => sum + (outcomes[outcome] ?? 0), 0);
      return [outcome, perMinute(jobs, passedMs)];
    });
    return {
      at,
      rates: Object.fromEntries(rates),
      p50_ms: percentile(durations, 50),
      p95_ms: percentile(durations, 95),
    };
  });
}
