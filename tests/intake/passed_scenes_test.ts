/** Scenes that spoil every list that they are in cost each further poll two requests, or some. */
import { assert, assertEquals } from "@std/assert";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import { type StashRig, takeJobs, withStashRig } from "./stash_rig.ts";

const POLL_MS = 31_000;
const scenes = Array.from({ length: 300 }, (_, at) => ({
  id: String(at + 1),
  title: `Scene ${at + 1}`,
  files: [{ path: `/data/${at + 1}.mp4`, size: at + 1, duration: 1 }],
}));
/** They changed within the overlap. */
const RECENT = ["1", "2", "50", "51", "52", "120", "299", "300"];
const failed = {
  body: JSON.stringify({
    errors: [{ message: "sql: Scan error on column index 4", path: ["findScenes", "scenes"] }],
    data: null,
  }),
  content_type: "application/json",
};
const SPOILS: Record<string, { effect: Record<string, unknown>; most: number }> = {
  "an error, whatever is asked of it": { effect: failed, most: 2 + 4 },
  "an error beside other data, whatever is asked of it": {
    effect: { ...failed, body: failed.body.replace("null", "{}") },
    most: 2,
  },
  "502, whatever is asked of it": { effect: { status: 502 }, most: 2 + 4 },
};

interface PollRig extends StashRig {
  /**
   * Twice: what changed is queued once more when the second that it was seen in is over.
   * @returns scenes that were queued, and the requests that one poll took at most
   */
  poll(): Promise<[string[], number]>;
}

async function withPolls(use: (rig: PollRig) => Promise<void>): Promise<void> {
  await withStashRig({ scenes }, async (rig) => {
    const { stash, client, store, runtime, log } = rig;
    const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
    const poll = async (): Promise<[string[], number]> => {
      const queued = new Set<string>();
      let most = 0;
      for (let n = 0; n < 2; n++) {
        runtime.jump(POLL_MS);
        stash.clearRequests();
        await stampPoll.poll();
        for (const id of takeJobs(store)) queued.add(id);
        most = Math.max(most, stash.requests().length);
      }
      return [[...queued].sort((a, b) => Number(a) - Number(b)), most];
    };
    runtime.jump(100 * 60 * 60_000);
    await poll();
    runtime.jump(POLL_MS);
    stash.upsert(RECENT.map((id) => ({ id, title: "Changed" })));
    await use({ ...rig, poll });
  });
}

for (const [how, { effect, most }] of Object.entries(SPOILS)) {
  for (const bad of [["1"], ["50", "120"], ["50", "51"], ["300"], ["299", "300"], ["1", "2"]]) {
    // The fault takes the place of all other data, too.
    if (most === 2 && bad.length > 1) continue;
    Deno.test(`polls take few requests while Stash answers ${how}, with scenes ${bad}`, async () => {
      await withPolls(async ({ stash, poll, runtime, told }) => {
        const spoil = (spoilt: string[]) =>
          stash.setFaults(spoilt.map((holds) => ({ holds, ...effect })));
        spoil(bad);
        const [first] = await poll();
        assertEquals(first, RECENT.filter((id) => !bad.includes(id)));
        for (let n = 0; n < 5; n++) {
          const [news, requests] = await poll();
          assertEquals(news, []);
          assert(requests <= most, `${requests} requests`);
        }
        assertEquals(told.length, 1, told.join("\n"));
        // A scene between, one that was not listed before, and a spoilt one itself.
        runtime.jump(1_000);
        stash.upsert([{ id: "51", title: "Again" }, { id: "119", title: "Now" }, {
          id: bad[0]!,
          title: "Again",
        }]);
        const others = [...new Set(["51", "119"])].filter((id) => !bad.includes(id));
        const [news, requests] = await poll();
        assertEquals([news, requests <= most], [others, true]);
        // One can be read again, and then the others.
        spoil(bad.slice(1));
        assertEquals((await poll())[0], bad.slice(0, 1));
        assertEquals((await poll())[0], []);
        spoil([]);
        assertEquals((await poll())[0], bad.slice(1));
        assertEquals((await poll())[0], []);
        runtime.jump(1_000);
        stash.upsert(bad.map((id) => ({ id, title: "Well" })));
        assertEquals((await poll())[0], bad);
      });
    });
  }
}

Deno.test("a scene whose stamps alone cannot be given costs few requests too", async () => {
  await withPolls(async ({ stash, poll }) => {
    stash.setFaults(
      ["updated_at", "files"].map((member) => ({ holds: "50", member, ...failed })),
    );
    assertEquals((await poll())[0], RECENT.filter((id) => id !== "50"));
    const [news, requests] = await poll();
    assertEquals(news, []);
    assert(requests <= 4, `${requests} requests`);
    stash.setFaults([]);
    assertEquals((await poll())[0], ["50"]);
  });
});

Deno.test("one that is deleted is asked for no more, and of one that lists can have lists tell again", async () => {
  await withPolls(async ({ stash, poll }) => {
    stash.setFaults(["50", "120"].map((holds) => ({ holds, ...failed })));
    await poll();
    stash.setFaults([]);
    stash.destroy(["50", "120"]);
    await poll();
    assertEquals(await poll(), [[], 1]);
  });
  await withPolls(async ({ stash, poll }) => {
    stash.setFaults(["50", "120"].map((holds) => ({ holds, ...failed })));
    await poll();
    stash.setFaults([]);
    assertEquals((await poll())[0], ["50", "120"]);
    for (let n = 0; n < 50; n++) assertEquals((await poll())[0], []);
    assertEquals(await poll(), [[], 1]);
  });
});

Deno.test("more scenes than can be left out of a list are searched for by each poll", async () => {
  await withPolls(async ({ stash, poll, runtime }) => {
    const bad = Array.from({ length: 12 }, (_, at) => String(100 + 3 * at));
    const well = ["101", "200"];
    runtime.jump(1_000);
    stash.upsert([...bad, ...well].map((id) => ({ id, title: "Changed" })));
    stash.setFaults(bad.map((holds) => ({ holds, ...failed })));
    const [news] = await poll();
    assertEquals(news.filter((id) => bad.includes(id)), []);
    assertEquals(news.filter((id) => well.includes(id)), well);
    stash.setFaults([]);
    assertEquals((await poll())[0], bad);
  });
});
