import { assertEquals } from "@std/assert";
import { MAX_WAIT_CHECKS, waitDelayMs } from "../../../src/core/jobs/backoff.ts";
import type { Store } from "../../../src/store/store.ts";
import { scene } from "../../core/samples.ts";
import { assertInvariants } from "../invariants.ts";
import {
  attempt,
  claimAll,
  claimed,
  done,
  indexed,
  LEASE_MS,
  madeWaiting,
  retry,
  sceneFile,
  T0,
  waiting,
} from "../samples.ts";
import { storeTest } from "../temp_store.ts";
import { TARGET } from "../../one_target.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";

const LATER = T0 + 30_000;
const NOW = T0 + 1_000;

const stateOf = (store: Store, scene = "1") => store.jobs.get(scene, TARGET)!.state;

const sights: { name: string; path: string; size: number; found: number }[] = [
  { name: "by its path", path: "/media/a.mp4", size: 1, found: 1 },
  { name: "by its name elsewhere", path: "/other/A.MP4", size: 1, found: 1 },
  { name: "by its size", path: "/media/renamed.mkv", size: 42, found: 1 },
  { name: "not by another file", path: "/media/b.mp4", size: 43, found: 0 },
  { name: "not by a file of unknown size", path: "/media/b.mp4", size: 0, found: 0 },
];
for (const { name, path, size, found } of sights) {
  for (const others of [0, 3]) {
    storeTest(`wake() finds a waiting job ${name}, among ${others} others`, ({ store }) => {
      madeWaiting(store, "1", LATER, sceneFile("/data/a.mp4", 42));
      for (let i = 0; i < others; i++) {
        madeWaiting(store, `${i + 2}`, LATER, sceneFile(`/data/other${i}.mp4`, 1_042 + i));
      }
      store.of(TARGET).index.put([indexed("99", "/media/old.mp4", { size: 42 })], NOW - 1);
      store.of(TARGET).index.put([indexed("100", path, { size })], NOW);
      assertEquals(store.jobs.wake(NOW, NOW, TARGET), { found, spent: 0 });
      assertEquals(stateOf(store), found === 1 ? "ready" : "waiting");
      assertEquals(claimAll(store, NOW).length, found);
      assertInvariants(store.database, { accepted: ["1"] });
    });
  }
}

storeTest("wake() takes no unknown size for the same size", ({ store }) => {
  madeWaiting(store, "1", LATER, sceneFile("/data/a.mp4", 0));
  store.of(TARGET).index.put([indexed("100", "/b.mp4", { size: 0 })], NOW);
  assertEquals(store.jobs.wake(NOW, NOW, TARGET), { found: 0, spent: 0 });
});

storeTest("wake() finds a job by any of its files, and counts it once", ({ store }) => {
  madeWaiting(store, "1", LATER, sceneFile("/data/a.mp4", 1), sceneFile("/data/b.mp4", 2));
  madeWaiting(store, "2", LATER, sceneFile("/data/c.mp4", 3));
  store.of(TARGET).index.put(
    [indexed("100", "/m/a.mp4", { size: 2 }), indexed("101", "/n/b.mp4")],
    NOW,
  );
  assertEquals(store.jobs.wake(NOW, NOW, TARGET), { found: 1, spent: 0 });
  assertEquals([stateOf(store, "1"), stateOf(store, "2")], ["ready", "waiting"]);
});

storeTest("wake() passes over an item that is as it was at the last look", ({ store }) => {
  madeWaiting(store, "1", LATER, sceneFile("/data/a.mp4"));
  store.of(TARGET).index.put([indexed("100", "/media/a.mp4")], NOW);
  assertEquals(store.jobs.wake(NOW, NOW + 1, TARGET), { found: 0, spent: 0 });
  assertEquals(stateOf(store), "waiting");
  store.of(TARGET).index.put([indexed("100", "/media/a.mp4")], NOW + 1);
  assertEquals(store.jobs.wake(NOW, NOW + 1, TARGET), { found: 0, spent: 0 });
  store.of(TARGET).index.put([indexed("100", "/media/a.mp4", { size: 9 })], NOW + 1);
  assertEquals(store.jobs.wake(NOW, NOW + 1, TARGET), { found: 1, spent: 0 });
});

storeTest("a job that wakes is due at once and has no look spent", ({ store }) => {
  const job = madeWaiting(store, "1", LATER, sceneFile("/data/a.mp4"));
  store.of(TARGET).index.put([indexed("100", "/media/a.mp4")], NOW);
  store.jobs.wake(NOW, NOW, TARGET);
  assertEquals(store.jobs.get("1", TARGET), {
    ...job,
    state: "ready",
    next_retry_at: NOW,
    updated_at: NOW,
  });
});

storeTest("wake() counts a look whose time has come, and doubles the next wait", ({ store }) => {
  madeWaiting(store, "1", LATER, sceneFile("/data/a.mp4"));
  assertEquals(store.jobs.wake(LATER - 1, T0, TARGET), { found: 0, spent: 0 });
  assertEquals(store.jobs.get("1", TARGET)!.wait_count, 0);
  let now = LATER;
  for (let look = 1; look <= MAX_WAIT_CHECKS; look++) {
    assertEquals(store.jobs.wake(now, T0, TARGET), { found: 0, spent: 1 });
    const job = store.jobs.get("1", TARGET)!;
    assertEquals([job.state, job.wait_count, job.next_retry_at], [
      "waiting",
      look,
      now + waitDelayMs(look),
    ]);
    assertEquals(store.jobs.wake(now, T0, TARGET), { found: 0, spent: 0 });
    now = job.next_retry_at;
  }
  // The last look is the job's own attempt: it ends as found, or as a dead letter.
  assertEquals(store.jobs.wake(now, T0, TARGET), { found: 0, spent: 1 });
  const [job] = claimAll(store, now);
  assertEquals([job!.scene_id, job!.wait_count, job!.retry_count], ["1", MAX_WAIT_CHECKS, 0]);
  const hoursWaited = (now - T0) / 3_600_000;
  assertEquals(hoursWaited > 2 && hoursWaited < 3, true, `${hoursWaited} h`);
});

storeTest("a look into an index that is as old as at the last one spends nothing", ({ store }) => {
  madeWaiting(store, "1", LATER, sceneFile("/data/a.mp4"));
  store.jobs.wake(LATER, T0, "plex", T0 - 1);
  const job = store.jobs.get("1", TARGET)!;
  assertEquals([job.wait_count, job.next_retry_at], [0, LATER + waitDelayMs(0)]);
});

storeTest("wake() takes the file before it counts the look", ({ store }) => {
  madeWaiting(store, "1", LATER, sceneFile("/data/a.mp4"));
  madeWaiting(store, "2", LATER, sceneFile("/data/b.mp4"));
  store.of(TARGET).index.put([indexed("100", "/media/a.mp4")], LATER);
  assertEquals(store.jobs.wake(LATER, LATER, TARGET), { found: 1, spent: 1 });
  assertEquals([store.jobs.get("1", TARGET)!.wait_count, store.jobs.get("2", TARGET)!.wait_count], [
    0,
    1,
  ]);
});

storeTest("wake() leaves alone what does not wait", ({ store }) => {
  madeWaiting(store, "1", LATER, sceneFile("/data/a.mp4"));
  store.jobs.enqueue(["1"], "hook", T0);
  const running = claimAll(store)[0]!;
  const queued = claimed(store, "2");
  store.settlement.settle([attempt(queued, retry(T0 + 5))], T0);
  store.of(TARGET).index.put([indexed("100", "/media/a.mp4")], LATER);
  const before = store.queue.list(9);
  assertEquals(store.jobs.wake(T0 + LEASE_MS, T0, TARGET), { found: 0, spent: 0 });
  assertEquals(store.queue.list(9), before);
  store.settlement.settle([attempt(running, done("written"))], T0);
  assertEquals(store.jobs.get("1", TARGET), undefined);
});

storeTest("wake() looks for the files of the newest attempt alone", ({ store }) => {
  madeWaiting(store, "1", LATER, sceneFile("/data/old.mp4"));
  store.jobs.enqueue(["1"], "rename", T0);
  const job = claimAll(store)[0]!;
  const files = [sceneFile("/data/new.mp4")];
  noteScenes(store.database, [scene({ id: "1", files })], T0);
  store.settlement.settle([attempt(job, waiting(LATER, ...files))], T0);
  store.of(TARGET).index.put([indexed("100", "/media/old.mp4")], NOW);
  assertEquals(store.jobs.wake(NOW, NOW, TARGET).found, 0);
  store.of(TARGET).index.put([indexed("101", "/media/new.mp4")], NOW);
  assertEquals(store.jobs.wake(NOW, NOW, TARGET).found, 1);
});
