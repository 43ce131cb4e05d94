import { assertEquals, assertRejects } from "@std/assert";
import { DAY_MS } from "../../src/core/time/duration.ts";
import { FILES_KNOWN_AT } from "../../src/core/meta_keys.ts";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { Sweep, type SweepReport } from "../../src/intake/sweep.ts";
import { attempt, claimed, done } from "../store/samples.ts";
import { markSynced, type StashRig, takeJobs, takeRequests, withStashRig } from "./stash_rig.ts";

interface Rig extends StashRig {
  /** A whole sweep of a fresh process. */
  sweepAll(): Promise<SweepReport>;
}

/** Scenes 1 to `count`, of which the first `synced` are synced. */
async function withScenes(
  count: number,
  synced: number,
  use: (rig: Rig) => Promise<void>,
): Promise<void> {
  const scenes = Array.from({ length: count }, (_, n) => ({
    id: String(n + 1),
    title: `Scene ${n + 1}`,
    files: [{ path: `/data/${n % 2}/${n + 1}.mp4` }],
  }));
  await withStashRig({ scenes }, async (rig) => {
    await markSynced(rig, scenes.slice(0, synced).map(({ id }) => id));
    await use({
      ...rig,
      sweepAll: async () => {
        const sweep = new Sweep({ ...rig, stash: rig.client });
        for (;;) {
          const report = await sweep.step();
          if (report !== null) return report;
        }
      },
    });
  });
}

Deno.test("a sweep over scenes that are as they were synced queues nothing", async () => {
  await withScenes(600, 600, async ({ stash, store, sweepAll }) => {
    takeRequests(stash);
    assertEquals(await sweepAll(), { walked: 600, queued: 0 });
    // Three pages, of the last of which its last scene is asked for, and an empty one, of which the
    // count is.
    assertEquals(takeRequests(stash).length, 6);
    assertEquals(store.jobs.count(), 0);
  });
});

Deno.test("a sweep finds the scenes of a renamed folder, and those that are gone", async () => {
  await withScenes(600, 600, async ({ stash, store, sweepAll }) => {
    await stash.scan({ renamed_folders: [{ from: "/data/1", to: "/data/moved" }] });
    stash.destroy(["1", "301", "600"]);
    assertEquals(await sweepAll(), { walked: 597, queued: 302 });
    const ids = takeJobs(store).map(Number);
    const even = Array.from({ length: 300 }, (_, n) => (n + 1) * 2);
    assertEquals(ids, [...even, 1, 301].sort((a, b) => a - b));
  });
});

Deno.test("scenes that were never synced stay so: that is the user's decision", async () => {
  await withScenes(10, 5, async ({ store, sweepAll }) => {
    assertEquals((await sweepAll()).queued, 0);
    assertEquals((await sweepAll()).queued, 0);
    assertEquals(store.jobs.count(), 0);
  });
});

Deno.test("scenes that came since the last sweep are queued, once", async () => {
  await withScenes(10, 5, async ({ stash, store, runtime, sweepAll }) => {
    await sweepAll();
    stash.upsert([{ title: "Imported" }, { title: "Skipped before" }]);
    // The second one was dealt with already, and came to nothing.
    store.settlement.settle([attempt(claimed(store, "12"), done("skipped"))], runtime.now());
    await sweepAll();
    assertEquals(takeJobs(store), ["11"]);
    await sweepAll();
    assertEquals(takeJobs(store), []);
  });
});

Deno.test("a scene whose job is due or waits is left alone, one that is worked on is not", async () => {
  await withScenes(4, 4, async ({ stash, store, runtime, sweepAll }) => {
    store.meta.set(FILES_KNOWN_AT, 1);
    claimed(store, "3");
    store.jobs.enqueue(["1", "2"], "hook", runtime.now());
    store.database.exec("UPDATE jobs SET state = 'waiting', wait_count = 9 WHERE scene_id = '2'");
    await stash.scan({
      renamed_folders: [{ from: "/data/0", to: "/x" }, { from: "/data/1", to: "/y" }],
    });
    assertEquals((await sweepAll()).queued, 2);
    const jobs = store.queue.list(9).map((job) => [job.scene_id, job.state, job.generation]);
    assertEquals(jobs.sort(), [
      ["1", "ready", 1],
      ["2", "waiting", 1],
      ["3", "running", 2],
      ["4", "ready", 1],
    ]);
  });
});

Deno.test("a sweep that is cut off goes on where it was, in the next process too", async () => {
  await withScenes(600, 600, async (rig) => {
    const { stash, store, sweepAll } = rig;
    const step = () => new Sweep({ ...rig, stash: rig.client }).step();
    assertEquals(await step(), null);
    stash.setFaults([{ path: ".", status: 503 }]);
    await assertRejects(step, PlexsyncError);
    await assertRejects(step, PlexsyncError);
    assertEquals(store.jobs.count(), 0, "nothing is taken for gone");
    stash.setFaults([]);
    takeRequests(stash);
    assertEquals(await sweepAll(), { walked: 600, queued: 0 });
    assertEquals(takeRequests(stash).length, 5);
  });
});

Deno.test("a Stash without one scene is no reason to believe that all are gone", async () => {
  await withScenes(3, 3, async ({ stash, store, sweepAll }) => {
    stash.destroy(["1", "2", "3"]);
    assertEquals(await sweepAll(), { walked: 0, queued: 0 });
    assertEquals(store.jobs.count(), 0);
  });
});

Deno.test("a sweep is due at once, then each interval from start to start, and once when off", async () => {
  await withScenes(1, 1, async (rig) => {
    const { runtime, client, sweepAll } = rig;
    const sweep = new Sweep({ ...rig, stash: client });
    assertEquals([sweep.isDue("daily"), sweep.isDue("never")], [true, true]);
    await sweep.step();
    assertEquals([sweep.isDue("weekly"), sweep.isDue("never")], [true, true], "half way");
    await sweepAll();
    assertEquals([sweep.isDue("hourly"), sweep.isDue("daily")], [false, false]);
    assertEquals(sweep.isDue("never"), false);
    runtime.jump(DAY_MS - 1);
    assertEquals([sweep.isDue("hourly"), sweep.isDue("daily")], [true, false]);
    runtime.jump(1);
    assertEquals([sweep.isDue("daily"), sweep.isDue("weekly")], [true, false]);
    runtime.jump(-3 * DAY_MS);
    assertEquals(sweep.isDue("weekly"), true, "a clock that was set back strands no sweep");
  });
});
