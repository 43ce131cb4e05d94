/** A backup of Stash is put back while it is watched: what went back by it no time stamp shows. */
import { assertEquals, assertMatch } from "@std/assert";
import { SWEEP } from "../../src/core/meta_keys.ts";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import { takeJobs, withStashRig } from "./stash_rig.ts";

const DAY_MS = 24 * 3_600_000;
const IDS = ["1", "2", "3", "4", "5"];

for (
  const [many, how] of [[1, ""], [4, ""], [1, ", by way of an empty one"], [
    4,
    ", by way of an empty one",
  ]] as const
) {
  const changed = IDS.slice(0, many);
  Deno.test(`all scenes are walked over when ${many} that changed last are as they were${how}`, async () => {
    const before = IDS.map((id) => ({
      id,
      title: `Old ${id}`,
      created_at: "2025-12-02T03:04:05Z",
      updated_at: "2025-12-02T03:04:05Z",
      files: [{ path: `/data/${id}.mp4` }],
    }));
    await withStashRig({ scenes: before }, async ({ stash, client, store, runtime, log, told }) => {
      runtime.jump(10 * DAY_MS);
      const poll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
      const polled = async () => {
        runtime.jump(60_000);
        await poll.poll();
        return takeJobs(store);
      };
      const isWalkDue = () => store.meta.get(SWEEP)!.doneAt === 0;
      const walked = () =>
        store.meta.set(SWEEP, { doneAt: runtime.now(), greatest: 5, underWay: null });
      await polled();
      stash.upsert(changed.map((id) => ({ id, title: "New" })));
      assertEquals(await polled(), changed);
      await polled();
      walked();

      if (how !== "") {
        stash.load([]);
        for (let n = 0; n < 3; n++) {
          stash.clearRequests();
          assertEquals(await polled(), []);
          assertEquals(stash.requests().length, 2);
        }
        assertEquals(isWalkDue(), false);
        // Of a few it is not worth a word.
        assertEquals(told.splice(0).length, many === 1 ? 0 : 1);
      }
      stash.load(before);
      assertEquals(await polled(), []);
      assertEquals(isWalkDue(), true);
      walked();
      assertEquals(await polled(), []);
      assertEquals(isWalkDue(), false, "once");
      stash.upsert([{ id: "5", title: "Changed afterwards" }]);
      assertEquals(await polled(), ["5"]);
      assertEquals(told.length, changed.length === 1 ? 0 : 1, told.join("\n"));
      if (told.length > 0) assertMatch(told[0]!, /as after a backup of it was put back/);
    });
  });
}
