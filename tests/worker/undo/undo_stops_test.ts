/** What stops syncs stops no undo: it asks Stash nothing, and is what a person wants. */
import { assertEquals } from "@std/assert";
import { PAUSED_AT } from "../../../src/core/meta_keys.ts";
import type { Rig } from "../rig.ts";
import { NO_IMAGES, request, resultOf, state, sync, withOne } from "./undo_rig.ts";

interface Stop {
  by: string;
  stop(rig: Rig): Promise<unknown> | unknown;
  /** What became of the scene's sync meanwhile. */
  jobs: number;
}

const STOPS: readonly Stop[] = [
  {
    by: "plexsync pause",
    stop: (rig) => rig.store.meta.set(PAUSED_AT, rig.runtime.now()),
    jobs: 1,
  },
  { by: "sync_master = false", stop: (rig) => rig.restart({ syncMaster: false }), jobs: 0 },
  {
    by: "a Stash that is down, its gate closed",
    async stop(rig) {
      await rig.stash.close();
      for (let i = 0; i < 6; i++) {
        await rig.once();
        rig.runtime.jump(2_000);
      }
      assertEquals(rig.gates.pausedBecause === null, false);
    },
    jobs: 1,
  },
  {
    by: "a sync that fails",
    stop: (rig) => rig.stash.upsert([{ id: "1", files: [] }]),
    jobs: 0,
  },
];

for (const { by, stop, jobs } of STOPS) {
  Deno.test(`an undo is not stopped by ${by}`, async () => {
    await using rig = await withOne(NO_IMAGES);
    const before = state(rig);
    await sync(rig);
    rig.enqueue(["1"]);
    await stop(rig);
    const run = await request(rig);
    await rig.once();
    const { restored, errors } = resultOf(rig, run);
    assertEquals([restored.length, errors], [7, []]);
    assertEquals(state(rig), before);
    assertEquals(rig.store.jobs.count(), jobs);
  });
}

Deno.test("an undo waits while Plex is down, spends no attempt, and ends when it is back", async () => {
  await using rig = await withOne(NO_IMAGES);
  const before = state(rig);
  await sync(rig);
  const run = await request(rig);
  const read = rig.context.target.read;
  rig.context.target.read = () => Promise.reject(new DOMException("down", "NetworkError"));
  for (let i = 0; i < 12; i++) {
    await rig.once();
    rig.runtime.jump(5_000);
  }
  assertEquals(resultOf(rig, run).restored, []);
  rig.context.target.read = read;
  await rig.until(() => resultOf(rig, run).restored.length > 0);
  assertEquals([state(rig), resultOf(rig, run).errors], [before, []]);
});
