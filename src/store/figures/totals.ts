import {
  type Counter,
  type CounterKey,
  COUNTERS,
  fromWhole,
  toWhole,
} from "../../core/stats/counters.ts";
import { type StatsJson, SyncStats } from "../../core/stats/sync_stats.ts";
import { type Database, transaction } from "../database/database.ts";

const ERROR_PREFIX = "error:";
const SESSION_START = "session_start";

/** Cumulative counters; raised in the transaction that writes the outcomes they count. */
export class Totals {
  constructor(private readonly database: Database) {}

  /** Adds counters and errors in one statement; for a caller that holds the transaction. */
  add(counted: StatsJson): void {
    this.raise(amountsOf(counted));
  }

  /** All counters in the shape of `stats.json`. */
  read(): StatsJson {
    return statsOf(
      this.database.prepare("SELECT name, value FROM totals")
        .all<{ name: string; value: number }>(),
    );
  }

  /**
   * Takes over the counters of an older program's file, once, when there are none yet.
   * @param now Unix seconds, for a file without a session start
   */
  takeOver(base: StatsJson | null, now: number): void {
    // One transaction: half a take-over would count as a whole one at the next start.
    transaction(this.database, () => {
      if (this.database.prepare("SELECT 1 FROM totals LIMIT 1").get() !== undefined) return;
      this.raise({ [SESSION_START]: Math.floor(base?.session_start || now) });
      if (base !== null) this.add(base);
    });
  }

  /** @param amounts Whole numbers by name */
  private raise(amounts: Readonly<Record<string, number>>): void {
    this.database.prepare(
      `INSERT INTO totals (name, value) SELECT key, value FROM json_each(?) WHERE value <> 0
       ON CONFLICT (name) DO UPDATE SET value = value + excluded.value`,
    ).run(JSON.stringify(amounts));
  }
}

/** Whole numbers by the names under which they are kept. */
export function amountsOf(counted: StatsJson): Record<string, number> {
  const counters = COUNTERS.map(([key, counter]) =>
    [nameOf(key, counter), toWhole(counter, counted[key])] as const
  );
  const errors = Object.entries(counted.errors_by_type)
    .map(([type, count]) => [ERROR_PREFIX + type, count] as const);
  return Object.fromEntries([...counters, ...errors]);
}

/** The counters that were kept under these names; others among them are passed over. */
export function statsOf(rows: readonly { name: string; value: number }[]): StatsJson {
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  const counters = COUNTERS.map(([key, counter]) =>
    [key, fromWhole(counter, values.get(nameOf(key, counter)) ?? 0)] as const
  );
  const errors = rows.filter(({ name }) => name.startsWith(ERROR_PREFIX))
    .map(({ name, value }) => [name.slice(ERROR_PREFIX.length), value] as const);
  return new SyncStats(values.get(SESSION_START) ?? 0, {
    ...Object.fromEntries(counters),
    errors_by_type: Object.fromEntries(errors),
  }).toJSON();
}

function nameOf(key: CounterKey, { inMs }: Counter): string {
  return inMs ?? key;
}
