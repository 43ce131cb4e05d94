/** The cost of a batch does not grow with the queue: ratios alone, no absolute times. */
import { assertEquals } from "@std/assert";
import type { Store } from "../../src/store/store.ts";
import { scene } from "../core/samples.ts";
import { addJobs, type Bulk } from "./many_jobs.ts";
import { attempt, claimAll, done, LEASE_MS, sceneFile, T0, waiting } from "./samples.ts";
import { storeTest } from "./temp_store.ts";
import { TARGET } from "../one_target.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

/** How many times the time of the short queue a long one may need; it is near 1. */
const LIMIT = 5;
const BATCH = 50;

const ready: Bulk = { state: "ready", dueAt: T0, priority: 0 };
const retried: Bulk = { state: "ready", dueAt: T0 + 600_000, priority: 0 };
const parked: Bulk = { state: "waiting", dueAt: T0 + 600_000, priority: 20 };

/** Shortest of some runs, in ms: the one that was disturbed least. */
function fastest(runs: number, work: () => void): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** Claims one batch and settles it; a fifth of it goes on to wait for Plex. */
function batch(store: Store): void {
  const jobs = store.jobs.claim("me", T0, BATCH, LEASE_MS, TARGET);
  assertEquals(jobs.length, BATCH);
  const fileOf = (id: string) => sceneFile(`/data/${id}.mp4`, 5);
  noteScenes(
    store.database,
    jobs.map(({ scene_id: id }) => scene({ id, files: [fileOf(id)] })),
    T0,
  );
  const ends = jobs.map((job, i) =>
    i % 5 === 0
      ? attempt(job, waiting(T0 + 600_000, fileOf(job.scene_id)))
      : attempt(job, done("written"))
  );
  assertEquals(store.settlement.settle(ends, T0).settled.length, BATCH);
}

const backlogs: { name: string; bulk: Bulk }[] = [
  { name: "due", bulk: ready },
  { name: "waiting for Plex", bulk: parked },
];
for (const { name, bulk } of backlogs) {
  storeTest(`a batch with 50,000 jobs ${name} costs as one with 500`, ({ store }) => {
    // The work is ahead of the backlog, so that both runs do the same.
    addJobs(store, 2_000, "work", { ...ready, priority: 10 });
    addJobs(store, 500, "backlog", bulk);
    batch(store);
    const short = fastest(8, () => batch(store));
    addJobs(store, 49_500, "more", bulk);
    const long = fastest(8, () => batch(store));
    assertEquals(long < short * LIMIT, true, `${long} ms with 50,000, ${short} ms with 500`);
  });
}

storeTest("a look at an idle queue with 50,000 jobs costs as one with 500", ({ store }) => {
  const look = () => {
    for (let i = 0; i < 200; i++) {
      assertEquals(claimAll(store), []);
      store.jobs.nextWaitingAt();
    }
  };
  addJobs(store, 250, "retried", retried);
  addJobs(store, 250, "parked", parked);
  look();
  const short = fastest(8, look);
  addJobs(store, 24_750, "more-retried", retried);
  addJobs(store, 24_750, "more-parked", parked);
  const long = fastest(8, look);
  assertEquals(long < short * LIMIT, true, `${long} ms with 50,000, ${short} ms with 500`);
});
