import { assertEquals } from "@std/assert";
import { emptyMemory, type Memory } from "../../../src/core/sync/memory.ts";
import type { Store } from "../../../src/store/store.ts";
import { scene } from "../../core/samples.ts";
import { assertInvariants } from "../invariants.ts";
import { attempt, claimed, done, retry, T0, written } from "../samples.ts";
import { openTestStore, storeTest } from "../temp_store.ts";
import { TARGET } from "../../one_target.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";

const begun: Memory["begun"] = { summary: ["New"], tags: ["Blue"] };

storeTest("what was written comes back as it was given", async ({ store, path, driver }) => {
  const full = written("7");
  const empty = { ...full, sceneId: "8", fields: {}, covers: {} };
  store.of(TARGET).written.put(full);
  store.of(TARGET).written.put(empty);
  const other = await openTestStore(path, driver);
  assertEquals(other.of(TARGET).written.ofScene("7"), [full]);
  assertEquals(
    other.of(TARGET).written.ofScenes(["8", "7", "9"]),
    new Map([["7", [full]], ["8", [empty]]]),
  );
  other.close();
});

storeTest("a scene has one row per item: the newer replaces the older", ({ store }) => {
  store.of(TARGET).written.put(written("7"));
  const other = { ...written("7", "200"), writtenAt: T0 + 1 };
  store.of(TARGET).written.put(other);
  const newer = { ...written("7"), fields: {}, sceneHash: "other", writtenAt: T0 + 5 };
  store.of(TARGET).written.put(newer);
  assertEquals(store.of(TARGET).written.ofScene("7"), [newer, other]);
  assertEquals(store.of(TARGET).written.hashes(6, 7), new Map([["7", "other"]]));
});

storeTest("a row that is damaged counts as never written", ({ store }) => {
  store.of(TARGET).written.put(written("7", "200"));
  for (const fields of ["{", "[]", '{"fields":{}}', '{"fields":[],"begun":{},"covers":{}}']) {
    store.of(TARGET).written.put(written("7"));
    store.database.prepare("UPDATE written SET fields = ? WHERE item = '100'").run(fields);
    assertEquals(store.of(TARGET).written.ofScene("7"), [written("7", "200")], fields);
    store.of(TARGET).beginWrites([{ ...emptyMemory("7", "100"), begun }], [], T0);
    assertEquals(store.of(TARGET).written.ofScene("7").length, 2, fields);
  }
});

storeTest("a begun write is known, also to the next process", async ({ store, path, driver }) => {
  store.of(TARGET).written.put(written("7"));
  store.of(TARGET).beginWrites(
    [{ ...written("7"), begun }, {
      ...emptyMemory("8", "100"),
      begun,
    }],
    [],
    T0,
  );
  const other = await openTestStore(path, driver);
  assertEquals(other.of(TARGET).written.ofScene("7"), [{ ...written("7"), begun }]);
  assertEquals(other.of(TARGET).written.ofScene("8"), [{ ...emptyMemory("8", "100"), begun }]);
  assertEquals(other.of(TARGET).written.hashes(0, 9), new Map([["7", "hash"]]));
  assertEquals(other.of(TARGET).written.inRange(0, null, 9), [{ scene_id: "7", item: "100" }]);
  other.close();
});

storeTest("a settled write is begun no more; a retry leaves it as it was", ({ store }) => {
  const job = claimed(store, "7");
  store.of(TARGET).beginWrites([{ ...emptyMemory("7", "100"), begun }], [], T0);
  store.settlement.settle([attempt(job, retry(T0))], T0);
  assertEquals(store.of(TARGET).written.ofScene("7")[0]?.begun, begun);
  const end = attempt(claimed(store, "7"), done("written"), { written: [written("7")] });
  store.settlement.settle([end], T0 + 1);
  assertEquals(store.of(TARGET).written.ofScene("7"), [written("7")]);
});

storeTest("an attempt that failed on one item keeps what it wrote to the others", ({ store }) => {
  const both = [written("7"), { ...written("7", "200"), writtenAt: T0 - 1 }];
  const end = attempt(claimed(store, "7"), retry(T0), { items: ["100", "200"], written: both });
  store.settlement.settle([end], T0);
  assertEquals(store.of(TARGET).written.ofScene("7"), both);
  assertEquals(store.outcomes.recent(1)[0]!.items, '["100","200"]');
});

/** Scenes 1 to 3 written to two items each, of which 2 is gone. */
function withGone(store: Store): void {
  for (const id of ["1", "2", "3"]) {
    noteScenes(store.database, [scene({ id })], T0);
    for (const item of [`${id}0`, `${id}1`]) store.of(TARGET).written.put(written(id, item));
  }
  store.settlement.settle([attempt(claimed(store, "2"), done("gone"))], T0);
}

storeTest("what was written for a scene that is gone is kept apart", ({ store }) => {
  withGone(store);
  const rows = (...ids: string[]) =>
    ids.flatMap((id) => [`${id}0`, `${id}1`].map((item) => ({ scene_id: id, item })));
  // One that was only begun may have left nothing there.
  store.of(TARGET).beginWrites(
    ["1", "2"].map((id) => ({ ...emptyMemory(id, "300"), begun })),
    [],
    T0,
  );
  assertEquals(store.of(TARGET).written.ofScene("2").length, 3);
  assertEquals([...store.of(TARGET).written.hashes(0, 3).keys()], ["1", "3"]);
  assertEquals(store.of(TARGET).written.inRange(0, null, 9), rows("1", "3"));
  assertEquals(store.of(TARGET).written.inRange(0, null, 1), rows("1"));
  assertEquals(store.of(TARGET).written.inRange(1, 2, 9), []);
  assertEquals(store.of(TARGET).written.ofItems(["20", "11", "99"]), [{
    scene_id: "1",
    item: "11",
  }]);
  assertEquals(store.of(TARGET).written.gone("", 1), rows("2"));
  assertEquals(store.of(TARGET).written.gone("2", 1), []);
  assertInvariants(store.database);
});

storeTest("forgetGone() forgets the items that it is told, then the scene", ({ store }) => {
  withGone(store);
  const [first, second] = store.of(TARGET).written.gone("", 9);
  store.of(TARGET).written.forgetGone([first!]);
  assertEquals(store.of(TARGET).written.gone("", 9), [second!]);
  store.of(TARGET).written.forgetGone([second!]);
  assertEquals(store.of(TARGET).written.ofScene("2"), []);
  assertEquals(store.database.prepare("SELECT 1 FROM scenes").all().length, 2);
  assertInvariants(store.database);
});

storeTest("a scene that is read again is no longer gone", ({ store }) => {
  withGone(store);
  noteScenes(store.database, [scene({ id: "2" })], T0);
  assertEquals([store.of(TARGET).written.gone("", 9), store.of(TARGET).written.hashes(1, 2).size], [
    [],
    1,
  ]);
});
