import { assertEquals } from "@std/assert";
import type { JournalRow } from "../../../src/store/journal/journal.ts";
import type { Store } from "../../../src/store/store.ts";
import { attempt, begunField, begunWrite, claimed, done, retry, T0 } from "../samples.ts";
import { storeTest } from "../temp_store.ts";

const of = (store: Store, item = "100"): JournalRow[] =>
  store.of("plex").journal.ofItems([item]).get(item) ?? [];

const stood = (store: Store, item = "100") =>
  Object.fromEntries(of(store, item).map((row) => [row.field, row.stood]));

storeTest(
  "a write is known from before its request on, with all that it may change",
  ({ store }) => {
    const run = store.jobs.runs.begin("bulk", T0, "sync --all");
    const fields = [
      begunField("performers", [["Ann", "Lead"], "Bob"], ["Cid", ["Ann", "Lead"]], {
        lockedBefore: true,
        origin: ["Cid"],
      }),
      begunField("date", [], ["2024-05-06"], { along: "1999", sure: false }),
    ];
    const write = store.of("plex").beginWrites([], [begunWrite("7", "100", fields, run)], T0)[0]!;
    const [date, performers] = of(store).sort((a, b) => a.field < b.field ? -1 : 1);
    const head = {
      write,
      at: T0,
      runId: run,
      cause: "bulk",
      sceneId: "7",
      item: "100",
      files: [{ path: "/media/100.mp4", size: 1_000, durationMs: null }],
      stood: null,
      keptAt: null,
      keptOf: [],
      undoneBy: null,
    };
    assertEquals(performers, { ...head, ...fields[0]! });
    assertEquals(date, { ...head, ...fields[1]! });
    assertEquals(store.of("plex").journal.unseenOf("100", null).length, 2);
    assertEquals(store.of("plex").journal.unseenOf("101", null), []);
  },
);

storeTest(
  "what stood after a write comes with the end of its job, not with a late one",
  ({ store }) => {
    const [write] = store.of("plex").beginWrites([], [begunWrite("1")], T0);
    const seen = [
      { write: write!, field: "title" as const, stood: ["New"], locked: true },
      { write: write!, field: "tags" as const, stood: ["Drama"], locked: false },
    ];
    const job = claimed(store, "1");
    const late = { ...job, lease_owner: "other" };
    store.settlement.settle([attempt(late, done("written"), { seen })], T0);
    assertEquals(stood(store), { title: null, tags: null });
    store.settlement.settle([attempt(job, retry(T0), { seen })], T0);
    assertEquals(stood(store), { title: ["New"], tags: ["Drama"] });
    assertEquals(of(store).map(({ field, lockedAfter }) => [field, lockedAfter]), [
      ["tags", false],
      ["title", true],
    ]);
  },
);

storeTest("an image is known by its key once it is shown", ({ store }) => {
  const journal = store.of("plex").journal;
  const fields = [begunField("poster", ["media://1"], ["ab"])];
  store.of("plex").beginWrites([], [begunWrite("1", "100", fields)], T0);
  journal.shown([{ item: "100", field: "poster", digest: "cd", key: "upload://cd" }]);
  journal.shown([{ item: "101", field: "poster", digest: "ab", key: "upload://ab" }]);
  journal.shown([{ item: "100", field: "background", digest: "ab", key: "upload://ab" }]);
  assertEquals(stood(store).poster, null);
  // The write of the same image that nobody saw end left it to the next one.
  const [next] = store.of("plex").beginWrites([], [begunWrite("1", "100", fields)], T0);
  assertEquals(journal.unseenOf("100", null).map(({ write }) => write), [next]);
  assertEquals(journal.unseenOf("100", next!).map(({ write }) => write), [next! - 1]);
  journal.shown([{ item: "100", field: "poster", digest: "ab", key: "upload://ab" }]);
  assertEquals(journal.unseenOf("100", null), []);
  assertEquals(stood(store).poster, ["upload://ab"]);
});

storeTest("a scene's history has what others wrote to its items, the newest first", ({ store }) => {
  for (const [scene, item] of [["1", "100"], ["2", "100"], ["3", "101"]] as const) {
    store.of("plex").beginWrites([], [begunWrite(scene, item)], T0);
  }
  const of = (scene: string, limit = 9) =>
    store.of("plex").journal.ofScene(scene, limit).map(({ sceneId, field }) =>
      `${sceneId} ${field}`
    );
  assertEquals(of("1"), ["2 tags", "2 title", "1 tags", "1 title"]);
  assertEquals(of("1", 1), ["2 tags"]);
  assertEquals(of("3"), ["3 tags", "3 title"]);
  assertEquals(of("9"), []);
});

storeTest("a damaged row says nothing, and another server's are forgotten", ({ store }) => {
  store.of("plex").beginWrites([], [begunWrite("1")], T0);
  store.database.exec("UPDATE journal SET before = '{' WHERE field = 'title'");
  assertEquals(of(store).map(({ field }) => field), ["tags"]);
  store.of("plex").forget();
  assertEquals(of(store), []);
  assertEquals(store.database.prepare("SELECT * FROM journal").all(), []);
});

storeTest("a run is kept while a write of it is known", ({ store }) => {
  const run = store.jobs.runs.begin("bulk", T0);
  store.of("plex").beginWrites([], [begunWrite("1", "100", [], run)], T0);
  store.jobs.runs.removeOlder(T0 + 1);
  assertEquals(store.database.prepare("SELECT id, name FROM runs").all(), [
    { id: run, name: "sync" },
  ]);
});
