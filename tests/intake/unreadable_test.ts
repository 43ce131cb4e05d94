/** One scene that Stash lists and cannot give: all others are walked, and no walk stops at it. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FILES_KNOWN_AT } from "../../src/core/meta_keys.ts";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { enqueueBulk } from "../../src/intake/bulk.ts";
import { learnSceneFiles } from "../../src/intake/scene_files.ts";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import { Sweep } from "../../src/intake/sweep.ts";
import { createStashClient } from "../../src/stash/client.ts";
import { buried } from "../store/samples.ts";
import { fanOut, markSynced, type StashRig, takeJobs, withStashRig } from "./stash_rig.ts";

const SCENES = 20;
const POLL = 31_000;
/** In ms: longer than an answer takes. */
const PATIENCE = { connectTimeoutMs: 50, readTimeoutMs: 450 };
/** Members that a listing of ids alone does not have. */
const WHOLE = { member: "details" };
const failed = {
  body: JSON.stringify({
    errors: [{ message: "sql: Scan error on column index 4", path: ["findScenes", "scenes"] }],
    data: null,
  }),
  content_type: "application/json",
};

/** How the row spoils each answer that it is in. */
const SPOILS: Record<string, Record<string, unknown>> = {
  "its answer is too large": { ...WHOLE, answer: "large", bytes: 33 * 2 ** 20 },
  "its answer has too many values": { ...WHOLE, answer: "crowded" },
  "Stash answers it with an error": { ...WHOLE, ...failed },
  "its answer is garbage": { ...WHOLE, answer: "garbage" },
  "its answer is cut": { ...WHOLE, close: "body" },
  "a proxy answers 502 for it": { ...WHOLE, status: 502 },
  "a proxy answers 504 for it": { ...WHOLE, status: 504 },
  "Stash answers 500 for it": { ...WHOLE, status: 500 },
  "a proxy refuses it": { ...WHOLE, status: 403 },
  "the connection breaks off": { ...WHOLE, close: "headers" },
};

const scenes = Array.from({ length: SCENES }, (_, at) => ({
  id: String(at + 1),
  title: `Scene ${at + 1}`,
  files: [{ path: `/data/${at + 1}.mp4`, size: at + 1, duration: 1 }],
  tags: ["Outdoor"],
}));
const ids = scenes.map(({ id }) => id);
const others = (bad: string) => ids.filter((id) => id !== bad);

function withFiles({ store }: StashRig): string[] {
  return store.database.prepare("SELECT DISTINCT scene_id FROM scene_files")
    .all<{ scene_id: string }>().map((row) => row.scene_id)
    .sort((a, b) => Number(a) - Number(b));
}

async function sweepAll(
  { client, store, runtime }: Pick<StashRig, "client" | "store" | "runtime">,
): Promise<number> {
  const sweep = new Sweep({ stash: client, store, runtime });
  for (;;) {
    const report = await sweep.step();
    if (report !== null) return report.walked;
  }
}

for (const [how, spoil] of Object.entries(SPOILS)) {
  for (const bad of ["1", "13", "20"]) {
    const when = `for scene ${bad}, because ${how}`;

    Deno.test(`a sweep does all others, and keeps the files that can be read ${when}`, async () => {
      await withStashRig({ scenes }, async (rig) => {
        await markSynced(rig, ids);
        await rig.stash.scan({ renamed_folders: [{ from: "/data", to: "/moved" }] });
        rig.store.database.exec("DELETE FROM scene_files");
        rig.stash.setFaults([{ holds: bad, ...spoil }]);
        await sweepAll(rig);
        assertEquals(takeJobs(rig.store).filter((id) => id !== bad), others(bad));
        assert(rig.store.meta.get(FILES_KNOWN_AT) !== undefined, "it ended");
        assertEquals(withFiles(rig), ids);
        await sweepAll(rig);
        assertEquals(rig.told.length, 1, rig.told.join("\n"));
        assertMatch(rig.told[0]!, new RegExp(`Stash cannot give scene ${bad},`));
      });
    });

    Deno.test(`the files of all scenes are learnt, though one cannot be given ${when}`, async () => {
      await withStashRig({ scenes }, async (rig) => {
        const { client, store, runtime } = rig;
        rig.stash.setFaults([{ holds: bad, ...spoil }]);
        await learnSceneFiles({ stash: client, store, runtime });
        assertEquals(withFiles(rig), ids);
        assertEquals(rig.told.length, 1, rig.told.join("\n"));
      });
    });
  }
}

for (const bad of ["1", "13", "20"]) {
  Deno.test(`polls, bulks and fan-outs reach all scenes while Stash cannot give the time stamps of scene ${bad}`, async () => {
    await withStashRig({ scenes }, async (rig) => {
      const { stash, client, store, runtime, log, told } = rig;
      const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
      await stampPoll.poll();
      store.fanouts.add({ kind: "tag", id: "1" }, false, runtime.now());
      stash.upsert(ids.map((id) => ({ id, title: "Changed" })));
      stash.setFaults(
        ["updated_at", "files"].map((member) => ({ holds: bad, member, ...failed })),
      );
      for (let n = 0; n < 3; n++) {
        runtime.jump(POLL);
        await stampPoll.poll();
      }
      assertEquals(takeJobs(store), others(bad), "whether it changed nobody can know");
      // The one is queued with the others: what it is worth is judged where it is read.
      await enqueueBulk({ kind: "all" }, { stash: client, jobs: store.jobs, runtime });
      assertEquals(takeJobs(store), ids);
      const recent = { kind: "recent", windowMs: 3_600_000 } as const;
      await enqueueBulk(recent, { stash: client, jobs: store.jobs, runtime });
      assertEquals(takeJobs(store), ids);
      await fanOut(rig);
      assertEquals(takeJobs(store), ids);
      assertEquals(told.length, 1, told.join("\n"));
    });
  });
}

/** How Stash can fail to give even the id of a scene: its row is damaged, say. */
const NAMELESS: Record<string, Record<string, unknown>> = {
  "has an error for every list with one scene": failed,
  "answers 502 for every list with one scene": { status: 502 },
};
for (const [how, effect] of Object.entries(NAMELESS)) {
  for (const bad of [["1"], ["13"], ["20"], ["12", "13"], ["1", "20"]]) {
    Deno.test(`all other scenes are walked, polled and queued while a Stash that is well ${how}: ${bad}`, async () => {
      await withStashRig({ scenes }, async (rig) => {
        const { stash, client, store, runtime, log, told } = rig;
        const left = ids.filter((id) => !bad.includes(id));
        await markSynced(rig, ids);
        const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
        await stampPoll.poll();
        store.fanouts.add({ kind: "tag", id: "1" }, false, runtime.now());
        stash.upsert(ids.map((id) => ({ id, title: "Changed" })));
        stash.setFaults(bad.map((holds) => ({ holds, ...effect })));
        for (let n = 0; n < 3; n++) {
          runtime.jump(POLL);
          await stampPoll.poll();
        }
        assertEquals(takeJobs(store), left);
        await enqueueBulk({ kind: "all" }, { stash: client, jobs: store.jobs, runtime });
        assertEquals(takeJobs(store), left);
        await fanOut(rig);
        // Our own record knows who names a tag.
        assertEquals(takeJobs(store), ids);
        assertEquals(await sweepAll(rig), left.length);
        // Whether one that is not listed is gone, whoever works on it asks.
        assertEquals(takeJobs(store), ids);
        assert(store.meta.get(FILES_KNOWN_AT) !== undefined, "it ended");
        assertEquals(told.filter((line) => line.includes("cannot even name it")).length, 1);
        stash.setFaults([]);
        await sweepAll(rig);
        assertEquals(withFiles(rig), ids);
      });
    });
  }
}

Deno.test("a scene that Stash cannot even name is queued by one walk, and not by each that follows", async () => {
  await withStashRig({ scenes }, async (rig) => {
    const { stash, store } = rig;
    await markSynced(rig, ids);
    const walked = async () => {
      await sweepAll(rig);
      return takeJobs(store);
    };
    stash.setFaults(["13", "20"].map((holds) => ({ holds, ...failed })));
    await sweepAll(rig);
    assertEquals(store.queue.list(9).map(({ scene_id }) => scene_id).sort(), ["13", "20"]);
    store.database.exec("DELETE FROM jobs");
    buried(store, "13");
    buried(store, "20");
    // One is deleted meanwhile, and nothing tells it from a scene that has no name.
    stash.destroy(["5"]);
    assertEquals(await walked(), ["5"]);
    // Where all have names, whoever is missing is asked for.
    stash.destroy(["13"]);
    stash.setFaults([]);
    assertEquals(await walked(), ["5", "13"]);
  });
});

Deno.test("40 MiB of details keep one scene from being walked, and none of the others", async () => {
  const details = "x".repeat(40 * 2 ** 20);
  const heavy = scenes.map((scene) => scene.id === "7" ? { ...scene, details } : scene);
  await withStashRig({ scenes: heavy }, async (rig) => {
    assertEquals(await sweepAll(rig), SCENES);
    assertEquals(withFiles(rig), ids);
    assertMatch(rig.told.join("\n"), /^Stash cannot give scene 7, which is left out until it can/);
  });
});

Deno.test("an outage in the middle is none of a scene's fault: the walk fails, and goes on after it", async () => {
  await withStashRig({ scenes }, async (rig) => {
    const { stash, store, runtime, told } = rig;
    stash.setFaults([{ holds: "13", ...WHOLE, ...failed }]);
    let requests = 0;
    /** After how many the scene was named. */
    let named = 0;
    // Answers stop at each of the requests in turn.
    const sweepWith = async (from: number) => {
      requests = 0;
      const flaky = createStashClient({
        url: stash.url,
        apiKey: stash.apiKey,
        connectTimeoutMs: 1_000,
        readTimeoutMs: 5_000,
        odd: (line) => {
          told.push(line);
          named = requests;
        },
        fetch: (url, init) => {
          if (++requests > from) return Promise.reject(new TypeError("connection refused"));
          return fetch(url, init);
        },
      });
      return await new Sweep({ stash: flaky, store, runtime }).step();
    };
    await sweepWith(Infinity);
    assertEquals(told.splice(0).length, 1);
    const all = named;
    assert(all > 10, `${all} requests`);
    for (let from = 0; from < all; from++) {
      store.database.exec("DELETE FROM meta WHERE key = 'sweep'");
      await assertRejects(() => sweepWith(from), PlexsyncError);
      assertEquals(told, [], `after ${from} requests`);
    }
  });
});

Deno.test("a Stash that is well and gives no scene at all is no Stash of unreadable scenes", async () => {
  await withStashRig({ scenes }, async (rig) => {
    rig.stash.setFaults(ids.map((holds) => ({ holds, ...WHOLE, ...failed })));
    await assertRejects(() => sweepAll(rig), PlexsyncError, "Scan error");
    assertEquals(rig.told, []);
    assert(rig.stash.requests().length < 40, `${rig.stash.requests().length} requests`);
  });
});

/** What a Stash that is well, or a proxy before it, can do to every list of scenes. */
const HOPELESS: Record<string, { effect: Record<string, unknown>; most: number }> = {
  "answers 502 for every list": { effect: { status: 502 }, most: 14 },
  "breaks off at every list": { effect: { close: "headers" }, most: 14 },
  "says nothing for every list": { effect: { hang: true }, most: 9 },
};
for (const [how, { effect, most }] of Object.entries(HOPELESS)) {
  Deno.test(`a walk searches for no scene while a Stash that is well ${how}`, async () => {
    await withStashRig({ scenes }, async (rig) => {
      const { stash, store, runtime } = rig;
      const client = createStashClient({
        ...PATIENCE,
        url: stash.url,
        apiKey: stash.apiKey,
        fetch,
      });
      stash.setFaults(ids.map((holds) => ({ holds, ...effect })));
      for (let n = 0; n < 3; n++) {
        stash.clearRequests();
        await assertRejects(
          () => new Sweep({ stash: client, store, runtime }).step(),
          PlexsyncError,
        );
        const count = stash.requests().length;
        assert(count <= most, `${count} requests`);
      }
    });
  });
}

Deno.test("a sweep does all others while Stash says nothing for one scene", async () => {
  await withStashRig({ scenes }, async ({ stash, store, runtime }) => {
    const told: string[] = [];
    const odd = (line: string) => void told.push(line);
    const { url, apiKey } = stash;
    const client = createStashClient({ ...PATIENCE, url, apiKey, fetch, odd });
    stash.setFaults([{ holds: "13", ...WHOLE, hang: true }]);
    assertEquals(await sweepAll({ client, store, runtime }), SCENES);
    assertEquals(told.length, 1);
  });
});

Deno.test("each unreadable scene takes twice the logarithm of a page, and some ten for the whole page", async () => {
  const many = Array.from({ length: 250 }, (_, at) => ({ id: String(at + 1), title: `${at}` }));
  for (const bad of [["1"], ["100"], ["250"], ["3", "77", "201"]]) {
    await withStashRig({ scenes: many }, async (rig) => {
      rig.stash.setFaults(bad.map((holds) => ({ holds, ...WHOLE, ...failed })));
      await sweepAll(rig);
      const count = rig.stash.requests().length;
      assertEquals(rig.told.length, bad.length);
      assert(count <= bad.length * (2 * Math.log2(256) + 5) + 15, `${bad}: ${count} requests`);
    });
  }
});

Deno.test("a page that is too large as a whole is asked for in parts from then on, and nothing is said", async () => {
  const details = "x".repeat(2 ** 20);
  const heavy = Array.from({ length: 48 }, (_, at) => ({ id: String(at + 1), details }));
  await withStashRig({ scenes: heavy }, async (rig) => {
    assertEquals(await sweepAll(rig), 48);
    const first = rig.stash.requests().length;
    rig.stash.clearRequests();
    assertEquals(await sweepAll(rig), 48);
    const second = rig.stash.requests().length;
    assert(second < first, `${first} requests, then ${second}`);
    assertEquals(rig.told, []);
  });
});
