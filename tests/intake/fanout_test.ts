import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/errors.ts";
import { type FanoutPorts, stepFanout } from "../../src/intake/fanout.ts";
import { createStashClient } from "../../src/stash/client.ts";
import { transaction } from "../../src/store/database.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { written } from "../core/samples.ts";
import { type SimStash, startSimStash } from "../sim/stash/server.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";

interface Rig {
  stash: SimStash;
  store: Store;
  ports: FanoutPorts;
  runtime: FakeRuntime;
}

/** Scenes 1 to `count`; every other one is by performer "Ann" (its id is given). */
async function withScenes(count: number, use: (rig: Rig, ann: string) => Promise<void>) {
  const scenes = Array.from({ length: count }, (_, n) => ({
    id: String(n + 1),
    title: `Scene ${n + 1}`,
    performers: n % 2 === 0 ? ["Ann"] : ["Bob"],
    files: [{ path: `/data/${n}.mp4` }],
  }));
  const stash = await startSimStash({ scenes });
  const folder = await Deno.makeTempDir();
  const store = await openStore(`${folder}/plexsync.db`, {
    driver: "builtin",
    sleep: () => Promise.resolve(),
  });
  const client = createStashClient({
    url: stash.url,
    apiKey: stash.apiKey,
    fetch,
    connectTimeoutMs: 1_000,
    readTimeoutMs: 5_000,
  });
  const runtime = new FakeRuntime();
  const { fanouts, written } = store;
  const ann = (await client.scenes(["1"])).get("1")!.links[0]!.id;
  try {
    await use({ stash, store, ports: { fanouts, written, stash: client, runtime }, runtime }, ann);
  } finally {
    store.close();
    await stash.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function drain(ports: FanoutPorts): Promise<number> {
  let steps = 0;
  while (await stepFanout(ports)) steps++;
  return steps;
}

Deno.test("a rename puts just the scenes concerned into the queue, page by page", async () => {
  await withScenes(1_200, async ({ store, ports, runtime }, ann) => {
    transaction(store.database, () => store.fanouts.add({ kind: "performer", id: ann }, false, 1));
    assertEquals(await drain(ports), 3);
    const ids = store.jobs.list(5_000).map((job) => Number(job.scene_id));
    assertEquals(ids.length, 600);
    assertEquals(ids.every((id) => id % 2 === 1), true);
    assertEquals(store.fanouts.list(), []);
    assertEquals(store.jobs.get("1")?.enqueued_at, runtime.now());
  });
});

Deno.test("what is gone in Stash is found by our own record", async () => {
  await withScenes(4, async ({ store, ports }) => {
    const gone = { kind: "tag", id: "77" } as const;
    transaction(store.database, () => {
      store.written.put(written({ sceneId: "2", links: [gone] }));
      store.written.put(written({ sceneId: "4", links: [gone, { kind: "tag", id: "8" }] }));
      store.written.put(written({ sceneId: "3", links: [{ kind: "performer", id: "77" }] }));
      store.fanouts.add(gone, true, 1);
    });
    await drain(ports);
    assertEquals(store.jobs.list(10).map((job) => job.scene_id).sort(), ["2", "4"]);
  });
});

Deno.test("a walk that Stash interrupts goes on where it was", async () => {
  await withScenes(1_200, async ({ stash, store, ports }, ann) => {
    transaction(store.database, () => store.fanouts.add({ kind: "performer", id: ann }, false, 1));
    await stepFanout(ports);
    stash.setFaults([{ path: ".", status: 503 }]);
    await assertRejects(() => stepFanout(ports), PlexsyncError);
    assertEquals(store.fanouts.list().map((row) => [row.last_scene, row.queued]), [[999, 500]]);
    stash.setFaults([]);
    await drain(ports);
    assertEquals(store.jobs.count(), 600);
    assertEquals(store.jobs.list(5_000).every((job) => job.generation === 1), true);
  });
});

Deno.test("a newer change of the same thing begins its walk anew", async () => {
  await withScenes(1_200, async ({ store, ports }, ann) => {
    const again = (at: number) =>
      transaction(
        store.database,
        () => store.fanouts.add({ kind: "performer", id: ann }, false, at),
      );
    again(1);
    await stepFanout(ports);
    again(2);
    await drain(ports);
    assertEquals(store.jobs.count(), 600);
    assertEquals(store.jobs.get("1")?.generation, 2);
  });
});
