import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { stepFanout } from "../../src/intake/fanout.ts";
import { transaction } from "../../src/store/database/database.ts";
import { memory, scene } from "../core/samples.ts";
import { fanOut, fanoutPorts, type StashRig, withStashRig } from "./stash_rig.ts";
import { TARGET } from "../one_target.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

/** Scenes 1 to `count`; every other one is by performer "Ann" (its id is given). */
async function withScenes(count: number, use: (rig: StashRig, ann: string) => Promise<void>) {
  const scenes = Array.from({ length: count }, (_, n) => ({
    id: String(n + 1),
    title: `Scene ${n + 1}`,
    performers: n % 2 === 0 ? ["Ann"] : ["Bob"],
    files: [{ path: `/data/${n}.mp4` }],
  }));
  await withStashRig({ scenes }, async (rig) => {
    const ann = (await rig.client.scenes(["1"])).get("1")!.links[0]!.id;
    await use(rig, ann);
  });
}

Deno.test("a rename puts just the scenes concerned into the queue, page by page", async () => {
  await withScenes(1_200, async (rig, ann) => {
    const { store, runtime } = rig;
    transaction(store.database, () => store.fanouts.add({ kind: "performer", id: ann }, false, 1));
    assertEquals(await fanOut(rig), 3);
    const ids = store.queue.list(5_000).map((job) => Number(job.scene_id));
    assertEquals(ids.length, 600);
    assertEquals(ids.every((id) => id % 2 === 1), true);
    assertEquals(store.fanouts.list(), []);
    assertEquals(store.jobs.get("1", TARGET)?.enqueued_at, runtime.now());
  });
});

Deno.test("what is gone in Stash is found by our own record", async () => {
  await withScenes(4, async (rig) => {
    const { store } = rig;
    const gone = { kind: "tag", id: "77" } as const;
    noteScenes(store.database, [
      scene({ id: "1", links: [gone] }),
      scene({ id: "2", links: [gone] }),
      scene({ id: "4", links: [gone, { kind: "tag", id: "8" }] }),
      scene({ id: "3", links: [{ kind: "performer", id: "77" }] }),
    ], 1);
    transaction(store.database, () => {
      // Scene 1 was only seen.
      for (const sceneId of ["2", "3", "4"]) store.of(TARGET).written.put(memory({ sceneId }));
      store.fanouts.add(gone, true, 1);
    });
    await fanOut(rig);
    assertEquals(store.queue.list(10).map((job) => job.scene_id).sort(), ["2", "4"]);
  });
});

Deno.test("a walk that Stash interrupts goes on where it was", async () => {
  await withScenes(1_200, async (rig, ann) => {
    const { stash, store } = rig;
    transaction(store.database, () => store.fanouts.add({ kind: "performer", id: ann }, false, 1));
    await stepFanout(fanoutPorts(rig));
    stash.setFaults([{ path: ".", status: 503 }]);
    await assertRejects(() => stepFanout(fanoutPorts(rig)), PlexsyncError);
    assertEquals(store.fanouts.list().map((row) => [row.last_scene, row.queued]), [[999, 500]]);
    stash.setFaults([]);
    await fanOut(rig);
    assertEquals(store.jobs.count(), 600);
    assertEquals(store.queue.list(5_000).every((job) => job.generation === 1), true);
  });
});

Deno.test("a newer change of the same thing begins its walk anew", async () => {
  await withScenes(1_200, async (rig, ann) => {
    const { store } = rig;
    const again = (at: number) =>
      transaction(
        store.database,
        () => store.fanouts.add({ kind: "performer", id: ann }, false, at),
      );
    again(1);
    await stepFanout(fanoutPorts(rig));
    again(2);
    await fanOut(rig);
    assertEquals(store.jobs.count(), 600);
    assertEquals(store.jobs.get("1", TARGET)?.generation, 2);
  });
});
