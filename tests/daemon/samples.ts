import type { StatsJson } from "../../src/core/stats/sync_stats.ts";

/** 2026-11-22T10:00:00.000Z */
export const NOW = Date.UTC(2026, 10, 22, 10);

/** Counters as the database gives them. */
export const STATS: StatsJson = {
  jobs_processed: 50,
  jobs_succeeded: 48,
  jobs_failed: 2,
  jobs_to_dlq: 1,
  total_processing_time: 6.15,
  session_start: 1_790_000_000,
  errors_by_type: { PlexNotFound: 1, TransientError: 1 },
  high_confidence_matches: 47,
  low_confidence_matches: 1,
};

export const NO_STATS: StatsJson = {
  jobs_processed: 0,
  jobs_succeeded: 0,
  jobs_failed: 0,
  jobs_to_dlq: 0,
  total_processing_time: 0,
  session_start: 1_790_000_000,
  errors_by_type: {},
  high_confidence_matches: 0,
  low_confidence_matches: 0,
};

/** A file as the Python plugin writes it: times with fractions, no keys of ours. */
export const PYTHON_FILE = `{
  "jobs_processed": 1204,
  "jobs_succeeded": 1190,
  "jobs_failed": 14,
  "jobs_to_dlq": 3,
  "total_processing_time": 318.48273611068726,
  "session_start": 1769941234.8123105,
  "errors_by_type": {
    "PlexTemporaryError": 11,
    "PlexNotFound": 3
  },
  "high_confidence_matches": 1171,
  "low_confidence_matches": 19
}`;

export const PYTHON_STATS: StatsJson = {
  jobs_processed: 1_204,
  jobs_succeeded: 1_190,
  jobs_failed: 14,
  jobs_to_dlq: 3,
  total_processing_time: 318.483,
  session_start: 1_769_941_234,
  errors_by_type: { PlexNotFound: 3, PlexTemporaryError: 11 },
  high_confidence_matches: 1_171,
  low_confidence_matches: 19,
};

/** The cumulative keys of a snapshot that stands at `path`. */
export function countersIn(path: string): StatsJson {
  const { updated_at: _at, session: _session, ...counters } = JSON.parse(
    Deno.readTextFileSync(path),
  );
  return counters;
}
