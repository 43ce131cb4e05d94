/** Two targets in one database: what holds for one says nothing of the other. */
import { assertEquals } from "@std/assert";
import { emptyMemory } from "../../src/core/sync/memory.ts";
import { Store } from "../../src/store/store.ts";
import { machineOf } from "../../src/core/meta_keys.ts";
import { scene } from "../core/samples.ts";
import { assertInvariants } from "./invariants.ts";
import {
  attempt,
  begunWrite,
  dead,
  done,
  indexed,
  LEASE_MS,
  sceneFile,
  T0,
  waiting,
  written,
} from "./samples.ts";
import { storeTest } from "./temp_store.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

const LATER = T0 + LEASE_MS;

/** Registers a test of a store that writes to "plex" and "other". */
function twoTargets(promise: string, body: (store: Store) => void): void {
  storeTest(promise, ({ store }) => {
    body(new Store(store.database, ["plex", "other"]));
    assertInvariants(store.database);
  });
}

const claim = (store: Store, target: string, now = T0) =>
  store.jobs.claim(`${target} worker`, now, 9, LEASE_MS, target);

twoTargets("a scene has a job for each target, and a claim sees its own alone", (store) => {
  assertEquals(store.jobs.enqueue(["1", "2"], "hook", T0), { added: 2, merged: 0 });
  assertEquals(store.jobs.enqueue(["2"], "hook", T0), { added: 0, merged: 1 });
  assertEquals(store.jobs.count(), 4);
  for (const target of ["plex", "other"]) {
    const jobs = claim(store, target);
    assertEquals(jobs.map((job) => [job.scene_id, job.target]), [["1", target], ["2", target]]);
    assertEquals(claim(store, target), []);
    assertEquals(store.jobs.hasDue(T0, target), false);
  }
});

twoTargets("an expired lease is freed by its own target's claim", (store) => {
  store.jobs.enqueue(["1"], "hook", T0);
  claim(store, "plex");
  claim(store, "other");
  assertEquals(claim(store, "other", LATER).map((job) => job.deaths), [1]);
  assertEquals(store.jobs.get("1", "plex")!.deaths, 0);
  assertEquals(store.jobs.get("1", "plex")!.lease_owner, "plex worker");
});

twoTargets("a late or early job of one target is not the other's", (store) => {
  store.jobs.enqueue(["1"], "hook", T0);
  const [job] = claim(store, "other");
  store.settlement.settle([attempt(job!, waiting(LATER))], T0);
  assertEquals([store.jobs.nextDueAt("plex"), store.jobs.nextWaitingAt("plex")], [T0, null]);
  assertEquals([store.jobs.nextDueAt("other"), store.jobs.nextWaitingAt("other")], [null, LATER]);
  assertEquals([store.jobs.nextDueAt(), store.jobs.nextWaitingAt()], [T0, LATER]);
  claim(store, "plex");
  store.database.exec("DELETE FROM jobs WHERE target = 'plex'");
  assertEquals(store.jobs.hasWork(T0), false);
  noteScenes(store.database, [scene({ id: "1" })], T0);
});

twoTargets("a file in one target's index wakes that target's job alone", (store) => {
  const files = [sceneFile("/data/a.mp4", 5)];
  noteScenes(store.database, [scene({ id: "1", files })], T0);
  store.jobs.enqueue(["1"], "hook", T0);
  for (const target of ["plex", "other"]) {
    const [job] = claim(store, target);
    store.settlement.settle([attempt(job!, waiting(LATER, ...files))], T0);
  }
  store.of("other").index.put([indexed("7", "/media/a.mp4", { size: 5 })], T0);
  assertEquals(store.jobs.wake(T0, T0, "plex"), { found: 0, spent: 0 });
  assertEquals(store.jobs.wake(T0, T0, "other"), { found: 1, spent: 0 });
  assertEquals(store.jobs.get("1", "plex")!.state, "waiting");
});

twoTargets("a scene may be dead for one target and done for the other", (store) => {
  store.jobs.enqueue(["1"], "hook", T0);
  for (const target of ["plex", "other"]) {
    store.settlement.settle([attempt(claim(store, target)[0]!, dead)], T0);
  }
  const letters = store.deadLetters.recent(9);
  assertEquals(letters.map(({ target }) => target).sort(), ["other", "plex"]);
  const mine = letters.find(({ target }) => target === "other")!;
  assertEquals(store.deadLetters.retry([mine.id], T0), [mine.id]);
  assertEquals([store.jobs.get("1", "plex"), store.jobs.count()], [undefined, 1]);
  store.settlement.settle([attempt(claim(store, "other")[0]!, done("written"))], T0);
  assertEquals(store.deadLetters.recent(9).map(({ target }) => target), ["plex"]);
  assertEquals(store.outcomes.recent(1)[0]!.target, "other");
});

twoTargets("what was written, and what is known of items, is a target's own", (store) => {
  const index = store.of("other").index;
  noteScenes(store.database, [scene({ id: "1" })], T0);
  store.of("plex").written.put(written("1"));
  store.of("other").beginWrites([emptyMemory("1", "100")], [begunWrite("1")], T0);
  assertEquals(store.of("plex").journal.ofItems(["100"]).size, 0);
  assertEquals(store.of("other").journal.ofItems(["100"]).get("100")?.length, 2);
  assertEquals(store.of("plex").written.ofScene("1"), [written("1")]);
  assertEquals(store.of("other").written.hashes(0, 1).size, 0);
  for (const each of [store.of("plex").index, index]) {
    each.put([indexed("100", each === index ? "/b.mp4" : "/a.mp4")], T0);
  }
  assertEquals(store.of("plex").index.ofItem("100").map(({ path }) => path), ["/a.mp4"]);
  assertEquals(index.find([sceneFile("/b.mp4")]).length, 1);
  assertEquals(index.find([sceneFile("/a.mp4")]), []);
  assertEquals(index.dropUnseen("1", T0 + 1), 1);
  assertEquals([store.of("plex").index.count(), index.count()], [{ items: 1, files: 1 }, {
    items: 0,
    files: 0,
  }]);
  store.meta.set(machineOf("other"), "abc");
  store.of("plex").forget();
  assertEquals([store.of("plex").index.count().items, store.of("plex").written.ofScene("1")], [
    0,
    [],
  ]);
  assertEquals(store.of("other").written.ofScene("1").length, 1);
  assertEquals(store.meta.get(machineOf("other")), "abc");
});
