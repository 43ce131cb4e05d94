import type { Verdict } from "../jobs/outcome.ts";

export type Confidence = "high" | "low";

/** An attempt that was processed, as the counters see it. */
export interface Processed {
  verdict: Verdict;
  /** Whole milliseconds, at least 0. */
  ms: number;
  /** null for an attempt without a match, such as a skipped one. */
  confidence: Confidence | null;
}

/** A number that only rises. */
export interface Counter {
  /** For one in seconds: the name of the whole milliseconds behind it in the database. */
  inMs?: string;
  /** By how much an attempt raises it: attempts, or milliseconds. */
  raisedBy(attempt: Processed): number;
  /** Its place among the metrics: those of one name are one family. */
  metric: { name: string; help: string; labels?: Readonly<Record<string, string>> };
}

const failed = ({ verdict }: Processed) => verdict !== "succeeded";
const matched = (confidence: Confidence): Counter => ({
  raisedBy: (attempt) => Number(!failed(attempt) && attempt.confidence === confidence),
  metric: { name: "matches_total", help: "Matched items by confidence", labels: { confidence } },
});

const TABLE = {
  jobs_processed: {
    raisedBy: () => 1,
    metric: { name: "jobs_processed_total", help: "Jobs that were worked on" },
  },
  jobs_succeeded: {
    raisedBy: (attempt) => Number(!failed(attempt)),
    metric: { name: "jobs_succeeded_total", help: "Jobs that succeeded" },
  },
  jobs_failed: {
    raisedBy: (attempt) => Number(failed(attempt)),
    metric: { name: "jobs_failed_total", help: "Jobs that failed, tried again or not" },
  },
  jobs_to_dlq: {
    raisedBy: ({ verdict }) => Number(verdict === "given up"),
    metric: { name: "jobs_dead_total", help: "Jobs that became a dead letter" },
  },
  total_processing_time: {
    inMs: "total_processing_ms",
    raisedBy: ({ ms }) => ms,
    metric: { name: "processing_seconds_total", help: "Time spent on all jobs, in seconds" },
  },
  high_confidence_matches: matched("high"),
  low_confidence_matches: matched("low"),
} satisfies Readonly<Record<string, Counter>>;

export type CounterKey = keyof typeof TABLE;

/** All counters by their key in `stats.json`: who reads, adds or shows them goes by this list. */
export const COUNTERS = Object.entries(TABLE) as readonly (readonly [CounterKey, Counter])[];

/** A counter's value as a whole number: sums of fractions of a second drift in the last digits. */
export function toWhole({ inMs }: Counter, value: number): number {
  return inMs === undefined ? value : Math.round(value * 1000);
}

/** The value behind a whole number: a number of attempts, or seconds. */
export function fromWhole({ inMs }: Counter, whole: number): number {
  return inMs === undefined ? whole : whole / 1000;
}
