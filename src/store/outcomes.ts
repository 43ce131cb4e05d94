import type { ErrorType } from "../core/errors.ts";
import type { Histogram } from "../core/percentile.ts";
import type { StatsJson } from "../core/sync_stats.ts";
import type { Database } from "./database.ts";

/** A row of `outcomes`: what one attempt came to. */
export interface Outcome {
  id: number;
  job_id: number;
  scene_id: string;
  /** Epoch ms. */
  at: number;
  outcome: OutcomeName;
  error_type: ErrorType | null;
  error_message: string | null;
  duration_ms: number;
  confidence: "high" | "low" | null;
  rating_key: string | null;
  /** JSON array of field names. */
  changed_fields: string;
}

export type OutcomeName =
  | "written"
  | "unchanged"
  | "skipped"
  | "gone"
  | "waiting"
  | "retry"
  | "dead";

/** A job that waits for Plex, or whose scene is gone, is neither success nor failure (totals too). */
const PROCESSED = "outcome NOT IN ('waiting', 'gone')";

/** One row per settled attempt. */
export class Outcomes {
  constructor(private readonly database: Database) {}

  /** For a caller that holds the transaction. */
  add(row: Omit<Outcome, "id">): void {
    this.database.prepare(
      `INSERT INTO outcomes (job_id, scene_id, at, outcome, error_type, error_message,
         duration_ms, confidence, rating_key, changed_fields)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      row.job_id,
      row.scene_id,
      row.at,
      row.outcome,
      row.error_type,
      row.error_message,
      row.duration_ms,
      row.confidence,
      row.rating_key,
      row.changed_fields,
    );
  }

  /** Newest first. */
  recent(limit: number): Outcome[] {
    return this.database.prepare("SELECT * FROM outcomes ORDER BY id DESC LIMIT ?")
      .all<Outcome>(limit);
  }

  /** What became of one job, attempt by attempt, oldest first. */
  ofJob(sceneId: string, jobId: number): Outcome[] {
    // The scene is what has an index.
    return this.database.prepare(
      "SELECT * FROM outcomes WHERE scene_id = ? AND job_id = ? ORDER BY id",
    ).all<Outcome>(sceneId, jobId);
  }

  /** Jobs processed at or after `at` (epoch ms). */
  processedSince(at: number): number {
    return this.database.prepare(
      `SELECT count(*) AS n FROM outcomes WHERE at >= ? AND ${PROCESSED}`,
    ).get<{ n: number }>(at)!.n;
  }

  /** Durations in ms of the newest `limit` jobs that were processed. */
  recentDurations(limit: number): Histogram {
    const rows = this.database.prepare(
      `SELECT duration_ms, count(*) AS n FROM (
         SELECT duration_ms FROM outcomes WHERE ${PROCESSED} ORDER BY id DESC LIMIT ?
       ) GROUP BY duration_ms ORDER BY duration_ms`,
    ).all<{ duration_ms: number; n: number }>(limit);
    return rows.map(({ duration_ms, n }) => [duration_ms, n] as const);
  }

  /** The jobs processed at or after `at` (epoch ms) alone: counters, and durations in ms. */
  since(at: number): { stats: StatsJson; durations: Histogram } {
    // Grouped by small numbers, in one pass: sorting by text takes twice as long.
    const groups = this.database.prepare(
      `SELECT duration_ms,
         CASE outcome WHEN 'dead' THEN ${DEAD} WHEN 'retry' THEN ${RETRY} ELSE
           CASE confidence WHEN 'high' THEN ${HIGH} WHEN 'low' THEN ${LOW} ELSE ${UNMATCHED} END
         END AS kind, count(*) AS n
       FROM outcomes WHERE at >= ? AND ${PROCESSED} GROUP BY duration_ms, kind ORDER BY duration_ms`,
    ).all<Group>(at);
    const errors = this.database.prepare(
      `SELECT coalesce(error_type, 'Unknown') AS type, count(*) AS n FROM outcomes
       WHERE at >= ? AND outcome IN ('retry', 'dead') GROUP BY type ORDER BY type`,
    ).all<{ type: string; n: number }>(at);
    return {
      stats: fold(groups, errors, Math.floor(at / 1000)),
      durations: groups.map(({ duration_ms, n }) => [duration_ms, n] as const),
    };
  }

  /** When the oldest outcome that is still kept was settled, epoch ms; null without any. */
  oldestAt(): number | null {
    return this.database.prepare("SELECT min(at) AS at FROM outcomes")
      .get<{ at: number | null }>()!.at;
  }

  countByOutcome(): Record<string, number> {
    const rows = this.database.prepare(
      "SELECT outcome, count(*) AS n FROM outcomes GROUP BY outcome ORDER BY outcome",
    ).all<{ outcome: string; n: number }>();
    return Object.fromEntries(rows.map((row) => [row.outcome, row.n]));
  }

  /** Removes rows older than `before` (epoch ms); totals keep what they counted. */
  removeOlder(before: number): number {
    return this.database.prepare("DELETE FROM outcomes WHERE at < ?").run(before);
  }
}

/** What came of a job, as a number to group by. */
const DEAD = 0;
const RETRY = 1;
const HIGH = 2;
const LOW = 3;
const UNMATCHED = 4;

interface Group {
  duration_ms: number;
  kind: number;
  n: number;
}

function fold(
  groups: readonly Group[],
  errors: readonly { type: string; n: number }[],
  sessionStart: number,
): StatsJson {
  const count = (...kinds: number[]) =>
    groups.reduce((sum, { kind, n }) => kinds.includes(kind) ? sum + n : sum, 0);
  return {
    jobs_processed: count(DEAD, RETRY, HIGH, LOW, UNMATCHED),
    jobs_succeeded: count(HIGH, LOW, UNMATCHED),
    jobs_failed: count(DEAD, RETRY),
    jobs_to_dlq: count(DEAD),
    total_processing_time: groups.reduce((sum, { duration_ms, n }) => sum + duration_ms * n, 0) /
      1000,
    session_start: sessionStart,
    errors_by_type: Object.fromEntries(errors.map(({ type, n }) => [type, n])),
    high_confidence_matches: count(HIGH),
    low_confidence_matches: count(LOW),
  };
}
