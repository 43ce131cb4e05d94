/** Lists of Stash that are wrong about one scene: all others are watched, swept and queued. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { FILES_KNOWN_AT, newestStampOf, SWEEP } from "../../src/core/meta_keys.ts";
import { enqueueBulk } from "../../src/intake/bulk.ts";
import { learnSceneFiles } from "../../src/intake/scene_files.ts";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import { Sweep } from "../../src/intake/sweep.ts";
import { fanOut, markSynced, takeJobs, withStashRig } from "./stash_rig.ts";

const POLL = 31_000;
const SCENES = 6;
/** Nobody has it. */
const FOREIGN = 1_000_000_000;

const scenes = Array.from({ length: SCENES }, (_, at) => ({
  id: String(at + 1),
  title: `Scene ${at + 1}`,
  files: [{ path: `/data/${at + 1}.mp4`, size: at + 1, duration: 1 }],
  tags: ["Outdoor"],
}));

const LIES = (["wrong_id", "nothing"] as const).flatMap((answer) =>
  // The last one is what a walk goes on from.
  ["1", "2", String(SCENES)].map((scene) => ({ scene, answer }))
);

function known(ids: readonly string[]): string[] {
  return ids.filter((id) => Number(id) <= SCENES);
}

function others(scene: string): string[] {
  return scenes.map(({ id }) => id).filter((id) => id !== scene);
}

for (const lie of LIES) {
  const when = `Stash's answers have ${lie.answer} for scene ${lie.scene}`;
  const other = lie.scene === "2" ? "3" : "2";

  for (const restarts of [false, true]) {
    Deno.test(`other changes arrive at the next poll, and the one itself when it is over, while ${when}${restarts ? ", plexsync being started anew" : ""}`, async () => {
      await withStashRig({ scenes }, async (rig) => {
        const { stash, client, store, runtime, log, told } = rig;
        const make = () =>
          new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
        let stampPoll = make();
        const poll = async () => {
          runtime.jump(POLL);
          await stampPoll.poll();
          return known(takeJobs(store));
        };
        for (let n = 0; n < 20; n++) await poll();
        stash.setFaults([lie]);
        if (restarts) stampPoll = make();
        stash.upsert([{ id: lie.scene, title: "Changed while the answers are wrong" }]);
        for (const title of ["First", "Second", "Third"]) {
          stash.upsert([{ id: other, title }]);
          const arrived = await poll();
          assert(arrived.includes(other), title);
          assert(!arrived.includes(lie.scene), "nobody can know");
        }
        const at = Date.parse(store.meta.get(newestStampOf("scene"))!);
        assert(at <= runtime.now(), "the cursor is no later than now");
        assert(told.length <= 1, told.join("\n"));
        stash.setFaults([]);
        assert((await poll()).includes(lie.scene), "it comes late");
        for (let n = 0; n < 3; n++) await poll();
        assertEquals(await poll(), []);
      });
    });
  }

  Deno.test(`a sweep, a bulk and a fan-out reach all other scenes, while ${when}`, async () => {
    await withStashRig({ scenes }, async (rig) => {
      const { stash, client, store, runtime, told } = rig;
      await markSynced(rig, scenes.map(({ id }) => id));
      await learnSceneFiles({ stash: client, store, runtime });
      stash.setFaults([lie]);
      await stash.scan({ renamed_folders: [{ from: "/data", to: "/moved" }] });
      const sweep = new Sweep({ stash: client, store, runtime });
      while (await sweep.step() === null);
      assertEquals(known(takeJobs(store)).filter((id) => id !== lie.scene), others(lie.scene));
      const { greatest } = store.meta.get(SWEEP)!;
      assert(greatest! <= SCENES, `scenes after ${greatest} count as new`);

      await enqueueBulk({ kind: "all" }, { stash: client, jobs: store.jobs, runtime });
      assertEquals(known(takeJobs(store)), others(lie.scene));

      const tag = store.scenes.scenesOf({ kind: "tag", id: "1" }, 0, 100);
      assertEquals(tag.filter((id) => Number(id) > SCENES), []);
      store.fanouts.add({ kind: "tag", id: "1" }, false, runtime.now());
      await fanOut(rig);
      const reached = known(takeJobs(store)).filter((id) => id !== lie.scene);
      assertEquals(reached, others(lie.scene));
      assert(told.length <= 2, told.join("\n"));
    });
  });
}

Deno.test("the scene that stands out of place is named once, in all walks together", async () => {
  await withStashRig({ scenes }, async (rig) => {
    const { stash, client, store, runtime, log, told } = rig;
    stash.setFaults([{ scene: "2", answer: "wrong_id" }]);
    const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
    for (let n = 0; n < 5; n++) {
      stash.upsert(scenes.map(({ id }) => ({ id, title: `Round ${n}` })));
      runtime.jump(POLL);
      await stampPoll.poll();
      await enqueueBulk({ kind: "all" }, { stash: client, jobs: store.jobs, runtime });
      const sweep = new Sweep({ stash: client, store, runtime });
      while (await sweep.step() === null);
    }
    assertEquals(told.length, 1, told.join("\n"));
    assertMatch(told[0]!, new RegExp(`scene "${FOREIGN + 2}" twice, or where no such id can`));
  });
});

Deno.test("a Stash that lists nothing is not one without scenes: no walk is through, nothing new is all", async () => {
  const updated_at = "2025-12-24T20:00:00Z";
  const old = scenes.map((scene) => ({ ...scene, updated_at, created_at: updated_at }));
  await withStashRig({ scenes: old }, async (rig) => {
    const { stash, client, store, runtime, log } = rig;
    stash.setFaults([{ path: ".", answer: "nothing" }]);
    await assertRejects(() => learnSceneFiles({ stash: client, store, runtime }), PlexsyncError);
    const sweep = new Sweep({ stash: client, store, runtime });
    await assertRejects(() => sweep.step(), PlexsyncError);
    assertEquals(store.meta.get(FILES_KNOWN_AT), undefined);

    const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
    await assertRejects(() => stampPoll.poll(), PlexsyncError, "counts 6 scenes and lists none");
    stash.setFaults([]);
    for (let n = 0; n < 3; n++) {
      runtime.jump(POLL);
      await stampPoll.poll();
    }
    assertEquals(takeJobs(store), [], "what was there before is no change");
  });
});

Deno.test("what changes while Stash lists nothing arrives when it lists again", async () => {
  await withStashRig({ scenes }, async (rig) => {
    const { stash, client, store, runtime, log, told } = rig;
    const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
    const poll = async () => {
      runtime.jump(POLL);
      await stampPoll.poll();
      return takeJobs(store);
    };
    for (let n = 0; n < 20; n++) await poll();
    stash.setFaults([{ path: ".", answer: "nothing", times: 2 }]);
    stash.upsert([{ id: "4", title: "Meanwhile" }]);
    await poll();
    stash.upsert([{ id: "5", title: "A little later" }]);
    await poll();
    assertEquals(await poll(), ["4", "5"]);
    assertEquals(told.length, 1, told.join("\n"));
    assertMatch(told[0]!, /^Stash lists none of the 6 scenes that changed last/);
  });
});
