import { assertEquals } from "@std/assert";
import { journalUpkeep } from "../../src/daemon/journal_upkeep.ts";
import type { Store } from "../../src/store/store.ts";
import { TARGET } from "../one_target.ts";
import { begunField, begunWrite, T0 } from "../store/samples.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";

/** Text that makes each write take some 700 bytes. */
const LONG = "x".repeat(300);

/** So many writes to one item, one a second, the first at `T0`. */
function write(store: Store, count: number): void {
  for (let nth = 0; nth < count; nth++) {
    const text = (n: number) => [`${LONG} ${n}`];
    const fields = [begunField("title", text(nth), text(nth + 1))];
    const [id] = store.of(TARGET).beginWrites(
      [],
      [begunWrite("1", "100", fields)],
      T0 + nth * 1_000,
    );
    store.of(TARGET).journal.seen([
      { write: id!, field: "title", stood: text(nth + 1), locked: true },
    ]);
  }
}

/** One round of the upkeep, all writes being young. @returns the waits in it, in ms */
async function round(store: Store, journalMaxMb: number): Promise<number[]> {
  const runtime = new FakeRuntime(T0);
  const stop = new AbortController();
  const waits: number[] = [];
  const sleep = (ms: number) => {
    waits.push(ms);
    if (ms >= 3_600_000) stop.abort();
    return Promise.resolve();
  };
  const config = { journalDays: 90, journalMaxMb };
  const parts = {
    config,
    store,
    runtime: Object.assign(runtime, { sleep }),
    log: { warning() {} },
  };
  await journalUpkeep(parts).run(stop.signal);
  return waits.slice(0, -1);
}

const times = (store: Store) =>
  store.database.prepare("SELECT at FROM writes ORDER BY id").all<{ at: number }>()
    .map(({ at }) => (at - T0) / 1_000);

Deno.test("journalUpkeep() takes the older half together when there is no room", async () => {
  using temp = new TempFolder();
  const store = await openTestStore(temp.file("plexsync.db"), "builtin");
  store.database.exec("PRAGMA synchronous = OFF");
  try {
    write(store, 4_100);
    // It is looked through and measured in three parts each, with a turn for others behind each.
    const none = [250, 250, 250, 0, 0, 0];
    assertEquals(await round(store, 3), none);
    assertEquals(times(store).length, 4_100);
    const waits = await round(store, 2);
    assertEquals(waits.slice(0, 6), none);
    // 2,050 writes before the middle, of which the last stands for all; two parts behind it.
    assertEquals(waits.slice(6), Array.from({ length: 2_050 / 50 + 2 }, () => 250));
    assertEquals(times(store), Array.from({ length: 2_051 }, (_, at) => 2_049 + at));
  } finally {
    store.close();
  }
});

Deno.test("journalUpkeep() measures no further once it is to stop", async () => {
  using temp = new TempFolder();
  const store = await openTestStore(temp.file("plexsync.db"), "builtin");
  store.database.exec("PRAGMA synchronous = OFF");
  try {
    write(store, 4_100);
    const stop = new AbortController();
    let parts = 0;
    const sleep = (ms: number) => {
      if (ms === 0) {
        parts++;
        stop.abort();
      }
      return Promise.resolve();
    };
    const config = { journalDays: 90, journalMaxMb: 1 };
    const runtime = Object.assign(new FakeRuntime(T0), { sleep });
    await journalUpkeep({ config, store, runtime, log: { warning() {} } }).run(stop.signal);
    // Of three.
    assertEquals(parts, 1);
    assertEquals(times(store).length, 4_100);
  } finally {
    store.close();
  }
});
