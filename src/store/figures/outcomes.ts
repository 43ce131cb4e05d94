import type { Confidence } from "../../core/stats/counters.ts";
import { durationClass } from "../../core/stats/duration_class.ts";
import type { ErrorType } from "../../core/failures/error_types.ts";
import { type OutcomeName, UNCOUNTED } from "../../core/jobs/outcome.ts";
import type { Histogram } from "../../core/stats/percentile.ts";
import { type CountedOutcome, type StatsJson, SyncStats } from "../../core/stats/sync_stats.ts";
import type { WorkSum } from "../../core/stats/timeline.ts";
import { HOUR_MS, MINUTE_MS, startOf } from "../../core/time/duration.ts";
import type { Database } from "../database/database.ts";
import { type HourSum, HourSums } from "./hour_sums.ts";

/** A row of `outcomes`: what one attempt came to. */
export interface Outcome {
  id: number;
  job_id: number;
  scene_id: string;
  target: string;
  run_id: number | null;
  /** Epoch ms. */
  at: number;
  outcome: OutcomeName;
  error_type: ErrorType | null;
  error_message: string | null;
  duration_ms: number;
  confidence: Confidence | null;
  /** JSON array of the ids of the items that the scene was matched with. */
  items: string;
  /** JSON array of field names. */
  changed_fields: string;
  /** JSON array of what was not written, in words. */
  left_out: string;
}

export type NewOutcome = Omit<Outcome, "id">;

/** The condition for the rows that are counted. */
const PROCESSED = `outcome NOT IN (${UNCOUNTED.map((name) => `'${name}'`).join(", ")})`;

/** One row per settled attempt, and what those of each hour come to. */
export class Outcomes {
  private readonly hours: HourSums;

  constructor(private readonly database: Database) {
    this.hours = new HourSums(database);
  }

  /** For a caller that holds the transaction. */
  add(...rows: NewOutcome[]): void {
    const insert = this.database.prepare(
      `INSERT INTO outcomes (job_id, scene_id, target, run_id, at, outcome, error_type,
         error_message, duration_ms, confidence, items, changed_fields, left_out)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const row of rows) {
      insert.run(
        row.job_id,
        row.scene_id,
        row.target,
        row.run_id,
        row.at,
        row.outcome,
        row.error_type,
        row.error_message,
        row.duration_ms,
        row.confidence,
        row.items,
        row.changed_fields,
        row.left_out,
      );
    }
    this.hours.add(rows);
  }

  /** Newest first. */
  recent(limit: number): Outcome[] {
    return this.database.prepare("SELECT * FROM outcomes ORDER BY id DESC LIMIT ?")
      .all<Outcome>(limit);
  }

  /** The newest row's id, 0 before the first. */
  newestId(): number {
    return this.database.prepare("SELECT coalesce(max(id), 0) AS id FROM outcomes")
      .get<{ id: number }>()!.id;
  }

  /** Those of these scenes that were brought to a target, or found equal, after the row `afterId`. */
  syncedAfter(afterId: number, sceneIds: readonly string[], target: string): Set<string> {
    const rows = this.database.prepare(
      `SELECT DISTINCT scene_id FROM outcomes
       WHERE scene_id IN (SELECT value FROM json_each(?)) AND id > ? AND target = ?
         AND outcome IN ('written', 'unchanged')`,
    ).all<{ scene_id: string }>(JSON.stringify(sceneIds), afterId, target);
    return new Set(rows.map(({ scene_id }) => scene_id));
  }

  /** What became of a scene after the row `afterId`, oldest first. */
  ofScene(sceneId: string, afterId: number): Outcome[] {
    return this.database.prepare("SELECT * FROM outcomes WHERE scene_id = ? AND id > ? ORDER BY id")
      .all<Outcome>(sceneId, afterId);
  }

  /** What became of a scene, newest first. */
  recentOf(sceneId: string, limit: number): Outcome[] {
    return this.database.prepare(
      "SELECT * FROM outcomes WHERE scene_id = ? ORDER BY id DESC LIMIT ?",
    ).all<Outcome>(sceneId, limit);
  }

  /** What became of one job, attempt by attempt, oldest first. */
  ofJob(sceneId: string, jobId: number): Outcome[] {
    // The scene is what has an index.
    return this.database.prepare(
      "SELECT * FROM outcomes WHERE scene_id = ? AND job_id = ? ORDER BY id",
    ).all<Outcome>(sceneId, jobId);
  }

  /** What the newest attempt on a scene came to; undefined when none is kept. */
  lastOf(sceneId: string, target: string): OutcomeName | undefined {
    return this.database.prepare(
      "SELECT outcome FROM outcomes WHERE scene_id = ? AND target = ? ORDER BY id DESC LIMIT 1",
    ).get<{ outcome: OutcomeName }>(sceneId, target)?.outcome;
  }

  /** Jobs processed at or after `at` (epoch ms). */
  processedSince(at: number): number {
    const whole = startOf(at + HOUR_MS - 1, HOUR_MS);
    const rows = this.database.prepare(
      `SELECT count(*) AS n FROM outcomes WHERE at >= ? AND at < ? AND ${PROCESSED}`,
    ).get<{ n: number }>(at, whole)!.n;
    return rows + this.hours.since(whole).jobs_processed;
  }

  /** Durations in ms of the newest `limit` jobs that were processed, at or after `at` (epoch ms). */
  recentDurations(limit: number, at = 0): Histogram {
    const rows = this.database.prepare(
      `SELECT duration_ms, count(*) AS n FROM (
         SELECT duration_ms FROM outcomes WHERE at >= ? AND ${PROCESSED} ORDER BY at DESC LIMIT ?
       ) GROUP BY duration_ms ORDER BY duration_ms`,
    ).all<{ duration_ms: number; n: number }>(at, limit);
    return rows.map(({ duration_ms, n }) => [duration_ms, n] as const);
  }

  /**
   * Counters of the jobs processed at or after `at` (epoch ms) alone: from their rows up to the next
   * full hour, from the sums of whole hours behind it.
   */
  since(at: number): StatsJson {
    const whole = startOf(at + HOUR_MS - 1, HOUR_MS);
    const kinds = this.database.prepare(
      `SELECT outcome, confidence, error_type, sum(duration_ms) AS ms, count(*) AS n FROM outcomes
       WHERE at >= ? AND at < ? AND ${PROCESSED} GROUP BY outcome, confidence, error_type`,
    ).all<Omit<CountedOutcome, "duration_ms"> & { ms: number; n: number }>(at, whole);
    const hours = this.hours.since(whole);
    const ms = kinds.reduce((sum, kind) => sum + kind.ms, 0);
    const stats = new SyncStats(0, {
      ...hours,
      session_start: Math.floor(at / 1000),
      total_processing_time: hours.total_processing_time + ms / 1000,
    });
    for (const { n, ...kind } of kinds) stats.record({ ...kind, duration_ms: 0 }, n);
    return stats.toJSON();
  }

  /** See `HourSums`. */
  byHour(at: number): HourSum[] {
    return this.hours.byHour(at);
  }

  /** The same by the minute, from rows: for an hour or two. */
  byMinute(at: number): WorkSum[] {
    // Grouped here: SQLite would sort them all first, which takes longer than to read them.
    const rows = this.database.prepare(
      `SELECT at, outcome, duration_ms FROM outcomes WHERE at >= ? AND ${PROCESSED}`,
    ).all<Pick<Outcome, "at" | "outcome" | "duration_ms">>(at);
    return [...Map.groupBy(rows, (row) => startOf(row.at, MINUTE_MS))]
      .map(([minute, ofMinute]) => ({
        at: minute,
        outcomes: Object.fromEntries(countBy(ofMinute, ({ outcome }) => outcome)),
        durations: countBy(ofMinute, ({ duration_ms }) => durationClass(duration_ms)),
      }));
  }

  /** When the oldest outcome that is still kept was settled, epoch ms; null without any. */
  oldestAt(): number | null {
    return this.database.prepare("SELECT min(at) AS at FROM outcomes")
      .get<{ at: number | null }>()!.at;
  }

  /** Removes rows older than `before` (epoch ms); totals keep what they counted. */
  removeOlder(before: number): number {
    this.hours.removeOlder(before);
    return this.database.prepare("DELETE FROM outcomes WHERE at < ?").run(before);
  }
}

function countBy<T, K>(all: readonly T[], key: (one: T) => K): [K, number][] {
  const counts = new Map<K, number>();
  for (const one of all) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1);
  return [...counts];
}
