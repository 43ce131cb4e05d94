import {
  type Confidence,
  type Counter,
  type CounterKey,
  COUNTERS,
  fromWhole,
  type Processed,
  toWhole,
} from "./counters.ts";
import type { ErrorType } from "../failures/error_types.ts";
import { COUNTS_AS, type OutcomeName } from "../jobs/outcome.ts";

/** The cumulative counters of `stats.json`, key for key. */
export interface StatsJson extends Record<CounterKey, number> {
  /** Unix seconds of the first session ever. */
  session_start: number;
  /** Failed attempts, in the order of the types' names. */
  errors_by_type: Record<string, number>;
}

/** What is counted of an outcome. */
export interface CountedOutcome {
  outcome: OutcomeName;
  /** Whole. */
  duration_ms: number;
  confidence: Confidence | null;
  error_type: ErrorType | null;
}

/** Exact arithmetic over outcomes: pure, no clock, no file. */
export class SyncStats {
  readonly #sessionStart: number;
  readonly #whole: Record<CounterKey, number>;
  readonly #errors: Record<string, number>;

  /** @param sessionStart Unix seconds, where `from` has none */
  constructor(sessionStart: number, from: Partial<StatsJson> = {}) {
    this.#sessionStart = from.session_start ?? sessionStart;
    this.#whole = ofEach((key, counter) => toWhole(counter, from[key] ?? 0));
    this.#errors = { ...from.errors_by_type };
  }

  /** Counts as many outcomes as `times` says. */
  record({ outcome, duration_ms, confidence, error_type }: CountedOutcome, times = 1): void {
    const verdict = COUNTS_AS[outcome];
    const seconds = duration_ms / 1000;
    if (verdict === "succeeded") this.recordSuccess(seconds, confidence, times);
    else if (verdict !== null) {
      this.recordFailure(error_type ?? "Unknown", seconds, verdict === "given up", times);
    }
  }

  /** @param confidence null for a job that ended without a match, such as a skipped one */
  recordSuccess(seconds: number, confidence: Confidence | null, times = 1): void {
    this.#raise({ verdict: "succeeded", ms: msOf(seconds), confidence }, times);
  }

  recordFailure(type: ErrorType, seconds: number, toDlq: boolean, times = 1): void {
    const verdict = toDlq ? "given up" : "failed";
    this.#raise({ verdict, ms: msOf(seconds), confidence: null }, times);
    this.#errors[type] = (this.#errors[type] ?? 0) + times;
  }

  #raise(attempt: Processed, times: number): void {
    for (const [key, counter] of COUNTERS) {
      this.#whole[key] += counter.raisedBy(attempt) * times;
    }
  }

  /** What was counted since `base`, an earlier state of these counters. */
  since(base: StatsJson): StatsJson {
    const before = new SyncStats(0, base);
    const errors = Object.entries(this.#errors)
      .map(([type, count]) => [type, count - (before.#errors[type] ?? 0)] as const)
      .filter(([, count]) => count > 0);
    const counters = ofEach((key, counter) =>
      fromWhole(counter, this.#whole[key] - before.#whole[key])
    );
    return new SyncStats(base.session_start, {
      ...counters,
      errors_by_type: Object.fromEntries(errors),
    }).toJSON();
  }

  /** Percent of processed jobs, 0 when there were none. */
  get successRate(): number {
    const { jobs_processed, jobs_succeeded } = this.#whole;
    return jobs_processed === 0 ? 0 : (jobs_succeeded / jobs_processed) * 100;
  }

  /** Seconds per processed job, 0 when there were none. */
  get avgProcessingTime(): number {
    const { jobs_processed, total_processing_time } = this.#whole;
    return jobs_processed === 0 ? 0 : total_processing_time / 1000 / jobs_processed;
  }

  toJSON(): StatsJson {
    const { high_confidence_matches, low_confidence_matches, ...others } = ofEach(
      (key, counter) => fromWhole(counter, this.#whole[key]),
    );
    // In the order that the file has always had, for who compares two of them by eye.
    return {
      ...others,
      session_start: this.#sessionStart,
      errors_by_type: Object.fromEntries(
        Object.entries(this.#errors).sort(([a], [b]) => a < b ? -1 : 1),
      ),
      high_confidence_matches,
      low_confidence_matches,
    };
  }
}

// A clock that was set back must not take time off the total.
function msOf(seconds: number): number {
  return Math.max(0, Math.round(seconds * 1000));
}

function ofEach(value: (key: CounterKey, counter: Counter) => number): Record<CounterKey, number> {
  const entries = COUNTERS.map(([key, counter]) => [key, value(key, counter)]);
  return Object.fromEntries(entries) as Record<CounterKey, number>;
}

/** What the database could not take in: it counts in whole numbers, and time in ms. */
const MAX_SECONDS = Number.MAX_SAFE_INTEGER / 1000;

/** Why a value is no `StatsJson`, which may lack keys or have null for them; null when it is one. */
export function problemOfStats(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is no object";
  const record = value as Record<string, unknown>;
  const counters = COUNTERS.map(([key, { inMs }]) => [key, inMs !== undefined] as const);
  for (const [key, inSeconds] of [...counters, ["session_start", true] as const]) {
    const number = record[key] ?? 0;
    if (inSeconds && !isSeconds(number)) return `${key} is no number of seconds`;
    if (!inSeconds && !isCount(number)) return `${key} is no whole number of at least 0`;
  }
  const errors = record.errors_by_type ?? {};
  if (typeof errors !== "object" || Array.isArray(errors)) return "errors_by_type is no object";
  return Object.values(errors as object).every(isCount)
    ? null
    : "errors_by_type holds something else than counts";
}

function isSeconds(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= MAX_SECONDS;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && value as number >= 0;
}
