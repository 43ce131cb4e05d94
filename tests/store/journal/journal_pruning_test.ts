import { assertEquals } from "@std/assert";
import type { Store } from "../../../src/store/store.ts";
import { begunField, begunWrite, T0 } from "../samples.ts";
import { storeTest } from "../temp_store.ts";

const DAY = 86_400_000;

/** A write to item 100 that was seen to its end. */
function write(store: Store, at: number, before: string, sent: string): number {
  const fields = [begunField("title", [before], [sent], { lockedBefore: at !== T0 })];
  const [id] = store.of("plex").beginWrites([], [begunWrite("1", "100", fields)], at);
  store.of("plex").journal.seen([{ write: id!, field: "title", stood: [sent], locked: true }]);
  return id!;
}

function prune(store: Store, before: number): void {
  const { pruning } = store.of("plex");
  for (let isMore = true; isMore;) isMore = pruning.step(before, 2);
}

const titles = (store: Store) =>
  (store.of("plex").journal.ofItems(["100"]).get("100") ?? []).map((row) => [
    row.before[0],
    row.stood![0],
    row.lockedBefore,
    row.keptAt,
  ]);

storeTest("what is old becomes one row, from before our first write to our last", ({ store }) => {
  for (const [day, before, sent] of [[0, "File", "A"], [1, "A", "B"], [2, "B", "C"]] as const) {
    write(store, T0 + day * DAY, before, sent);
  }
  write(store, T0 + 90 * DAY, "C", "D");
  prune(store, T0 + 30 * DAY);
  assertEquals(titles(store), [["File", "C", false, T0], ["C", "D", true, null]]);
  prune(store, T0 + 100 * DAY);
  assertEquals(titles(store), [["File", "D", false, T0]]);
  assertEquals(store.database.prepare("SELECT 1 FROM writes").all().length, 1);
});

storeTest(
  "a value that a person set between two old writes is the one that is kept",
  ({ store }) => {
    write(store, T0, "File", "A");
    write(store, T0 + DAY, "Person's", "B");
    prune(store, T0 + 30 * DAY);
    assertEquals(titles(store).map(([before, stood]) => [before, stood]), [["Person's", "B"]]);
  },
);

storeTest(
  "a write that was undone is taken in by the undo's own, with all before it",
  ({ store }) => {
    write(store, T0, "File", "A");
    const second = write(store, T0 + DAY, "A", "B");
    const run = store.jobs.runs.begin("undo", T0, "undo");
    store.of("plex").journal.undone([{ field: "title", writes: [second] }], run);
    prune(store, T0 + 2 * DAY);
    assertEquals(titles(store).length, 2);
    write(store, T0 + 3 * DAY, "B", "A");
    prune(store, T0 + 30 * DAY);
    assertEquals(titles(store), [["File", "A", false, T0]]);
  },
);

storeTest("what is young, and what is of other items, stays as it is", ({ store }) => {
  write(store, T0, "File", "A");
  write(store, T0 + DAY, "A", "B");
  const fields = [begunField("title", ["Other"], ["X"])];
  store.of("plex").beginWrites([], [begunWrite("2", "101", fields)], T0);
  const before = titles(store);
  prune(store, T0);
  assertEquals(titles(store), before);
  prune(store, T0 + 30 * DAY);
  assertEquals(store.of("plex").journal.ofItems(["101"]).get("101")!.length, 1);
});

/** A write to the tags of item 100 that was seen to its end. */
function writeTags(store: Store, at: number, before: string[], sent: string[], origin: string[]) {
  const fields = [begunField("tags", before, sent, { lockedBefore: at !== T0, origin })];
  const [id] = store.of("plex").beginWrites([], [begunWrite("1", "100", fields)], at);
  store.of("plex").journal.seen([{ write: id!, field: "tags", stood: sent, locked: true }]);
  return id!;
}

const tags = (store: Store) =>
  store.of("plex").journal.ofItems(["100"]).get("100")!.map((row) => [
    row.before.join(),
    row.stood!.join(),
    row.lockedBefore,
  ]);

const LISTS = [
  { did: "nothing", then: "T,X", kept: "T", locked: false },
  { did: "added a name", then: "T,X,P", kept: "T,P", locked: true },
  { did: "took away a name of ours", then: "T", kept: "T", locked: true },
  { did: "took away a name of theirs", then: "X", kept: "", locked: true },
];
for (const { did, then, kept, locked } of LISTS) {
  storeTest(
    `of two old writes to a list our names alone are taken in, when a person ${did}`,
    ({ store }) => {
      writeTags(store, T0, ["T"], ["T", "X"], ["X"]);
      writeTags(store, T0 + DAY, then.split(","), [...then.split(","), "Y"], ["X", "Y"]);
      prune(store, T0 + 30 * DAY);
      assertEquals(tags(store), [[kept, `${then},Y`, locked]]);
    },
  );
}

storeTest("a name that we took away is one of those that were there before", ({ store }) => {
  writeTags(store, T0, ["A", "B", "C"], ["A", "C"], []);
  writeTags(store, T0 + DAY, ["A", "C", "P"], ["A", "C", "P", "Y"], []);
  prune(store, T0 + 30 * DAY);
  assertEquals(tags(store), [["A,B,C,P", "A,C,P,Y", true]]);
});

storeTest("what Stash had is known of a row that stands for an undo of an undo", ({ store }) => {
  writeTags(store, T0, ["T"], ["T", "X"], ["X"]);
  const { journal } = store.of("plex");
  const again = store.of("plex").beginWrites([], [
    begunWrite("1", "100", [begunField("tags", ["T", "X"], ["T", "X"], { origin: null })]),
  ], T0 + DAY);
  journal.seen([{ write: again[0]!, field: "tags", stood: ["T", "X"], locked: true }]);
  prune(store, T0 + 30 * DAY);
  assertEquals(journal.ofItems(["100"]).get("100")!.map(({ origin }) => origin), [["X"]]);
});

for (
  const { came, then } of [{ came: "never came there", then: "A" }, { came: "came", then: "B" }]
) {
  storeTest(`an old write whose end nobody saw loses nothing, when it ${came}`, ({ store }) => {
    write(store, T0, "File", "A");
    const fields = [begunField("title", ["A"], ["B"], { lockedBefore: true })];
    store.of("plex").beginWrites([], [begunWrite("1", "100", fields)], T0 + DAY);
    write(store, T0 + 2 * DAY, then, "C");
    prune(store, T0 + 30 * DAY);
    assertEquals(titles(store), [["File", "C", false, T0]]);
  });
}

storeTest(
  "an image that was sent, and that nobody saw, is kept apart from the next",
  ({ store }) => {
    const { journal } = store.of("plex");
    const begin = (at: number, before: string[], locked: boolean) => {
      const field = begunField("poster", before, ["ab"], { lockedBefore: locked });
      const [id] = store.of("plex").beginWrites([], [begunWrite("1", "100", [field])], at);
      return id!;
    };
    begin(T0, [], false);
    const write = begin(T0 + DAY, ["upload://ab"], true);
    journal.seen([{ write, field: "poster", stood: ["upload://ab"], locked: true }]);
    prune(store, T0 + 30 * DAY);
    const kept = journal.ofItems(["100"]).get("100")!;
    assertEquals(kept.map(({ before, lockedBefore }) => [before, lockedBefore]), [
      [[], false],
      [["upload://ab"], true],
    ]);
  },
);

storeTest("what is not known to have stood before takes in nothing that is known", ({ store }) => {
  write(store, T0, "File", "A");
  const field = begunField("title", [], ["B"], { sure: false, lockedBefore: true });
  const [id] = store.of("plex").beginWrites([], [begunWrite("1", "100", [field])], T0 + DAY);
  const seen = { write: id!, field: "title" as const, stood: ["B"], locked: true };
  store.of("plex").journal.seen([seen]);
  prune(store, T0 + 30 * DAY);
  assertEquals(titles(store).map(([before]) => before), ["File", undefined]);
});

storeTest("what a clock that was ahead made is dealt with once it is old", ({ store }) => {
  const write = (item: string, at: number, before: string, sent: string) => {
    const fields = [begunField("title", [before], [sent])];
    const [id] = store.of("plex").beginWrites([], [begunWrite(item, item, fields)], at);
    store.of("plex").journal.seen([{ write: id!, field: "title", stood: [sent], locked: true }]);
  };
  write("200", T0, "File", "A");
  write("200", T0 + 300 * DAY, "A", "B");
  write("100", T0 + DAY, "File", "A");
  write("100", T0 + 2 * DAY, "A", "B");
  const kept = () =>
    store.database.prepare("SELECT item FROM writes ORDER BY id").all<{ item: string }>()
      .map(({ item }) => item);
  prune(store, T0 + 30 * DAY);
  assertEquals(kept(), ["200", "200", "100"]);
  prune(store, T0 + 301 * DAY);
  assertEquals(kept(), ["200", "100"]);
});

storeTest("a step looks at a part of the journal alone, and a round at all of it", ({ store }) => {
  store.database.exec("PRAGMA synchronous = OFF");
  const { pruning } = store.of("plex");
  const begun = Array.from({ length: 4_500 }, (_, at) => begunWrite(`${at}`, `9${at}`));
  store.of("plex").beginWrites([], begun, T0 + 10 * DAY);
  write(store, T0, "File", "A");
  write(store, T0 + DAY, "A", "B");
  for (let round = 0; round < 2; round++) {
    let steps = 0;
    while (pruning.step(T0 + 2 * DAY, 50)) steps++;
    assertEquals(steps, 3);
    assertEquals(titles(store), [["File", "B", false, T0]]);
  }
});
