import { MINUTE_MS } from "../time/duration.ts";
import type { JobState } from "../jobs/job.ts";
import type { Outage } from "./outage_metrics.ts";
import { countOf, type Histogram, percentile } from "./percentile.ts";
import { type StatsJson, SyncStats } from "./sync_stats.ts";

/** What follows from counters and from the durations of single jobs. */
export interface Derived {
  /** Percent, one decimal. */
  success_rate: number;
  /** Seconds per job. */
  avg_processing_time: number;
  /** Half of the jobs took no longer than this, in ms; null when none was timed. */
  p50_ms: number | null;
  p95_ms: number | null;
  /** How many jobs the percentiles are of. */
  timed_jobs: number;
}

/** What stats say beyond the counters. Names are stable: other programs read them. */
export interface Figures extends StatsJson, Derived {
  /** Jobs per minute over the last hour, and over the last five minutes. */
  rate_per_minute: number;
  rate_per_minute_5m: number;
  queue: Record<JobState, number>;
  /** When the oldest job in each state was enqueued, epoch ms; null for none. */
  queue_oldest_at: Record<JobState, number | null>;
  oldest_at: number | null;
  /** Number by error type. */
  dead_letters: Record<string, number>;
  last_outage: Outage | null;
}

/** @param durations Of single jobs, in ms */
export function derive(stats: StatsJson, durations: Histogram): Derived {
  const computed = new SyncStats(0, stats);
  return {
    success_rate: round(computed.successRate, 1),
    avg_processing_time: round(computed.avgProcessingTime, 6),
    p50_ms: percentile(durations, 50),
    p95_ms: percentile(durations, 95),
    timed_jobs: countOf(durations),
  };
}

/**
 * Jobs per minute.
 * @param count Jobs within `windowMs`
 */
export function perMinute(count: number, windowMs: number): number {
  return round((count * MINUTE_MS) / windowMs, 2);
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
