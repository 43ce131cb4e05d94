import { COUNTS_AS, type OutcomeName } from "../../core/jobs/outcome.ts";
import { durationClass } from "../../core/stats/duration_class.ts";
import type { Histogram } from "../../core/stats/percentile.ts";
import { type CountedOutcome, type StatsJson, SyncStats } from "../../core/stats/sync_stats.ts";
import { HOUR_MS, startOf } from "../../core/time/duration.ts";
import type { Database } from "../database/database.ts";
import { amountsOf, statsOf } from "./totals.ts";

/** How often an outcome was met, whether counters know it or not. */
const OUTCOME_PREFIX = "outcome:";
/** How many processed jobs took about so many ms: `durationClass`. */
const DURATION_PREFIX = "duration:";

/** One hour in which something came of jobs. */
export interface HourSum {
  /** When it began, epoch ms. */
  at: number;
  /** Attempts by outcome; none is left out for not being counted. */
  outcomes: Partial<Record<OutcomeName, number>>;
  /** Of processed jobs, in ms: `durationClass`. */
  durations: Histogram;
}

/**
 * What the outcomes of each hour came to, under the names of the totals and two kinds of its own.
 * Raised with each outcome, so that a long time is read from its hours and not from a million rows.
 */
export class HourSums {
  constructor(private readonly database: Database) {}

  /** For a caller that holds the transaction. */
  add(rows: readonly (CountedOutcome & { at: number })[]): void {
    const raise = this.database.prepare(
      `INSERT INTO hour_sums (hour_at, name, value)
         SELECT ?, key, value FROM json_each(?) WHERE value <> 0
       ON CONFLICT (hour_at, name) DO UPDATE SET value = value + excluded.value`,
    );
    for (const [hour, ofHour] of Map.groupBy(rows, ({ at }) => startOf(at, HOUR_MS))) {
      raise.run(hour, JSON.stringify(sumsOf(ofHour)));
    }
  }

  /**
   * Counters of all hours from `hourAt` on.
   * @param hourAt Where an hour begins, epoch ms
   */
  since(hourAt: number): StatsJson {
    return statsOf(
      this.database.prepare(
        "SELECT name, sum(value) AS value FROM hour_sums WHERE hour_at >= ? GROUP BY name",
      ).all<{ name: string; value: number }>(hourAt),
    );
  }

  /** What came of each hour in which something did, from that of `at` (epoch ms) on, oldest first. */
  byHour(at: number): HourSum[] {
    // Put together by the database: of a month there are twenty thousand rows.
    const rows = this.database.prepare(
      `SELECT hour_at, json_group_object(name, value) AS sums FROM hour_sums
       WHERE hour_at >= ? AND (name GLOB '${OUTCOME_PREFIX}*' OR name GLOB '${DURATION_PREFIX}*')
       GROUP BY hour_at ORDER BY hour_at`,
    ).all<{ hour_at: number; sums: string }>(startOf(at, HOUR_MS));
    return rows.map((row) => {
      const sums = Object.entries<number>(JSON.parse(row.sums));
      const kind = (prefix: string) =>
        sums.filter(([name]) => name.startsWith(prefix))
          .map(([name, value]) => [name.slice(prefix.length), value] as const);
      return {
        at: row.hour_at,
        outcomes: Object.fromEntries(kind(OUTCOME_PREFIX)),
        durations: kind(DURATION_PREFIX).map(([ms, n]) => [Number(ms), n] as const)
          .sort(([a], [b]) => a - b),
      };
    });
  }

  /** Forgets the hours that ended before (epoch ms). */
  removeOlder(before: number): void {
    this.database.prepare("DELETE FROM hour_sums WHERE hour_at < ?").run(startOf(before, HOUR_MS));
  }
}

function sumsOf(rows: readonly CountedOutcome[]): Record<string, number> {
  const stats = new SyncStats(0);
  const kinds: Record<string, number> = {};
  const count = (name: string) => kinds[name] = (kinds[name] ?? 0) + 1;
  for (const row of rows) {
    stats.record(row);
    count(OUTCOME_PREFIX + row.outcome);
    if (COUNTS_AS[row.outcome] !== null) count(DURATION_PREFIX + durationClass(row.duration_ms));
  }
  return { ...amountsOf(stats.toJSON()), ...kinds };
}
