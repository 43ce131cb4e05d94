import { assertEquals } from "@std/assert";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import { ask } from "../sim/stash/testing.ts";
import { fanOut, markSynced, type StashRig, takeJobs, withStashRig } from "./stash_rig.ts";

/** Long ago: what was there before counts as seen by its age alone. */
const AT = "2025-12-24T20:00:00Z";
const SCENES = [
  { id: "1", title: "One", performers: ["Ann"], tags: ["Red"], studio: "House" },
  { id: "2", title: "Two", performers: ["Bob"], tags: ["Red"] },
  { id: "3", title: "Three", performers: ["Ann", "Bob"] },
].map((scene) => ({ ...scene, created_at: AT, updated_at: AT }));

interface Rig extends StashRig {
  stampPoll: StampPoll;
  /** Polls, fans out, and gives the scenes that got a job. */
  poll(): Promise<string[]>;
}

/** A poll that has seen all that is there. */
async function withPoll(use: (rig: Rig) => Promise<void>): Promise<void> {
  await withStashRig({ scenes: SCENES }, async (rig) => {
    const { client, store, runtime, log } = rig;
    const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: true });
    const poll = async () => {
      await stampPoll.poll();
      await fanOut(rig);
      return takeJobs(store);
    };
    await poll();
    runtime.jump(60_000);
    await poll();
    runtime.jump(10_000);
    await use({ ...rig, stampPoll, poll });
  });
}

const RENAMES = [
  { kind: "performer", id: 1, scenes: ["1", "3"] },
  { kind: "studio", id: 1, scenes: ["1"] },
  { kind: "tag", id: 1, scenes: ["1", "2"] },
] as const;

for (const { kind, id, scenes } of RENAMES) {
  Deno.test(`a ${kind}'s new name reaches just the scenes that name it, once`, async () => {
    await withPoll(async ({ stash, runtime, poll }) => {
      stash.updateEntity(kind, id, { name: "Another name" });
      assertEquals<readonly string[]>(await poll(), scenes);
      runtime.jump(5_000);
      assertEquals(await poll(), []);
    });
  });
}

Deno.test("what is no new name of a performer costs no poll at its scenes", async () => {
  await withPoll(async (rig) => {
    await markSynced(rig, ["1", "2", "3"]);
    const update = 'mutation { performerUpdate(input: { id: 1, details: "More" }) { id } }';
    assertEquals((await ask(rig.stash, update)).errors, undefined);
    assertEquals(await rig.stampPoll.poll(), { scenes: 0, renames: 0 });
    assertEquals(rig.store.fanouts.list(), []);
  });
});

Deno.test("a second name within the second of the first is seen", async () => {
  await withPoll(async ({ stash, runtime, poll }) => {
    stash.updateEntity("tag", 1, { name: "Rose" });
    assertEquals(await poll(), ["1", "2"]);
    stash.updateEntity("tag", 1, { name: "Pink" });
    assertEquals(await poll(), []);
    runtime.jump(3_000);
    assertEquals(await poll(), ["1", "2"]);
  });
});

Deno.test("a new performer is fanned out to nobody: its scenes changed with it", async () => {
  await withPoll(async (rig) => {
    await markSynced(rig, ["1", "2", "3"]);
    rig.stash.upsert([{ id: "2", performers: ["Bob", "Cid"] }]);
    assertEquals(await rig.stampPoll.poll(), { scenes: 1, renames: 0 });
  });
});

Deno.test("a name that is not known any more counts as new where scenes of ours have it", async () => {
  await withPoll(async (rig) => {
    const { store, stash, poll } = rig;
    await markSynced(rig, ["1", "2", "3"]);
    store.database.exec("DELETE FROM entity_names");
    stash.updateEntity("performer", 2, { name: "Robert" });
    assertEquals(await poll(), ["2", "3"]);
  });
});

Deno.test("a rename seen and then cut off before its scenes is fanned out by the next process", async () => {
  await withPoll(async (rig) => {
    rig.stash.updateEntity("studio", 1, { name: "Home" });
    assertEquals(await rig.stampPoll.poll(), { scenes: 0, renames: 1 });
    const { client, store, runtime, log } = rig;
    const next = new StampPoll({ stash: client, store, runtime, log, waitForScan: true });
    assertEquals((await next.poll()).renames, 0);
    takeJobs(store);
    await fanOut(rig);
    assertEquals(takeJobs(store), ["1"]);
  });
});
