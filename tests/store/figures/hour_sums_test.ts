/** What the outcomes of each hour come to. */
import { assertEquals } from "@std/assert";
import { type StatsJson, SyncStats } from "../../../src/core/stats/sync_stats.ts";
import { HOUR_MS } from "../../../src/core/time/duration.ts";
import type { Outcome } from "../../../src/store/figures/outcomes.ts";
import type { Store } from "../../../src/store/store.ts";
import { assertInvariants } from "../invariants.ts";
import { attempt, claimed, dead, done, retry, waiting } from "../samples.ts";
import { storeTest } from "../temp_store.ts";

/** Where an hour begins. */
const NINE = 497_222 * HOUR_MS;

/** Attempts that end a third of an hour apart, from nine o'clock on. */
function fill(store: Store, count: number): void {
  const ends = [done("written"), done("skipped"), retry(NINE), dead, waiting(NINE), done("gone")];
  for (let i = 0; i < count; i++) {
    const at = NINE + i * HOUR_MS / 3;
    const job = claimed(store, `${i}`, at);
    const more = { durationMs: 40 + i, confidence: i % 2 === 0 ? "high" : "low" } as const;
    store.settlement.settle([attempt(job, ends[i % ends.length]!, more)], at);
    // What goes on would be in hand again before the next.
    store.queue.clear({});
  }
}

/** The counters of the rows from `at` on, added up one by one. */
function counted({ database }: Store, at: number): StatsJson {
  const stats = new SyncStats(Math.floor(at / 1000));
  const rows = database.prepare("SELECT * FROM outcomes WHERE at >= ?").all<Outcome>(at);
  for (const row of rows) stats.record(row);
  return stats.toJSON();
}

storeTest("promise 5: the counters since any time are those of its outcomes", ({ store }) => {
  fill(store, 40);
  assertInvariants(store.database);
  for (let at = NINE - HOUR_MS; at < NINE + 15 * HOUR_MS; at += HOUR_MS / 6) {
    const want = counted(store, at);
    assertEquals(store.outcomes.since(at), want, `${(at - NINE) / HOUR_MS} h`);
    assertEquals(store.outcomes.processedSince(at), want.jobs_processed);
  }
  assertEquals(store.outcomes.since(NINE + 1).jobs_processed > 0, true);
});

storeTest("byHour() tells outcomes and durations of each hour, the oldest first", ({ store }) => {
  fill(store, 6);
  assertEquals(store.outcomes.byHour(NINE + 1), [
    {
      at: NINE,
      outcomes: { written: 1, skipped: 1, retry: 1 },
      durations: [[40, 2], [44, 1]],
    },
    { at: NINE + HOUR_MS, outcomes: { dead: 1, waiting: 1, gone: 1 }, durations: [[44, 1]] },
  ]);
  assertEquals(store.outcomes.byHour(NINE + HOUR_MS).map(({ at }) => at), [NINE + HOUR_MS]);
});

storeTest("hours go with the last of their outcomes", ({ store }) => {
  fill(store, 6);
  store.outcomes.removeOlder(NINE + HOUR_MS / 2);
  assertEquals(store.outcomes.byHour(0).length, 2);
  store.outcomes.removeOlder(NINE + HOUR_MS);
  assertEquals(store.outcomes.byHour(0).map(({ at }) => at), [NINE + HOUR_MS]);
});

storeTest("settle() adds a whole batch to its hour", ({ store }) => {
  const batch = ["1", "2", "3"].map((scene) => attempt(claimed(store, scene), done("written")));
  store.settlement.settle(batch, NINE);
  assertEquals(store.outcomes.byHour(0), [
    { at: NINE, outcomes: { written: 3 }, durations: [[104, 3]] },
  ]);
});
