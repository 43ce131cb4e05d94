import type { StatsJson } from "../core/sync_stats.ts";
import { type Database, transaction } from "./database.ts";

const ERROR_PREFIX = "error:";

/** Cumulative counters; raised in the transaction that writes the outcome they count. */
export class Totals {
  constructor(private readonly database: Database) {}

  /** For a caller that holds the transaction. */
  add(name: string, amount: number): void {
    this.database.prepare(
      `INSERT INTO totals (name, value) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`,
    ).run(name, amount);
  }

  addError(type: string): void {
    this.add(ERROR_PREFIX + type, 1);
  }

  /** All counters in the shape of `stats.json`. */
  read(): StatsJson {
    const rows = this.database.prepare("SELECT name, value FROM totals").all<
      { name: string; value: number }
    >();
    const values = new Map(rows.map((row) => [row.name, row.value]));
    const of = (name: string) => values.get(name) ?? 0;
    const errors = rows.filter((row) => row.name.startsWith(ERROR_PREFIX))
      .map((row) => [row.name.slice(ERROR_PREFIX.length), row.value] as const)
      .sort(([a], [b]) => a < b ? -1 : 1);
    return {
      jobs_processed: of("jobs_processed"),
      jobs_succeeded: of("jobs_succeeded"),
      jobs_failed: of("jobs_failed"),
      jobs_to_dlq: of("jobs_to_dlq"),
      total_processing_time: of("total_processing_ms") / 1000,
      session_start: of("session_start"),
      errors_by_type: Object.fromEntries(errors),
      high_confidence_matches: of("high_confidence_matches"),
      low_confidence_matches: of("low_confidence_matches"),
    };
  }

  /**
   * Takes over the counters of an older program's file, once, when there are none yet.
   * @param now Unix seconds, for a file without a session start
   */
  takeOver(base: StatsJson | null, now: number): void {
    // One transaction: half a take-over would count as a whole one at the next start.
    transaction(this.database, () => {
      if (this.database.prepare("SELECT 1 FROM totals LIMIT 1").get() !== undefined) return;
      this.add("session_start", Math.floor(base?.session_start || now));
      if (base !== null) this.addAll(base);
    });
  }

  private addAll(base: StatsJson): void {
    this.add("jobs_processed", base.jobs_processed);
    this.add("jobs_succeeded", base.jobs_succeeded);
    this.add("jobs_failed", base.jobs_failed);
    this.add("jobs_to_dlq", base.jobs_to_dlq);
    this.add("total_processing_ms", Math.round(base.total_processing_time * 1000));
    this.add("high_confidence_matches", base.high_confidence_matches);
    this.add("low_confidence_matches", base.low_confidence_matches);
    for (const [type, count] of Object.entries(base.errors_by_type)) {
      this.add(ERROR_PREFIX + type, count);
    }
  }
}
