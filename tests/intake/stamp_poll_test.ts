import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { newestStampOf } from "../../src/core/meta_keys.ts";
import { CHANGE_KINDS } from "../../src/stash/changes.ts";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import { type StashRig, takeJobs, takeRequests, withStashRig } from "./stash_rig.ts";

interface Rig extends StashRig {
  /** Polls once and gives the scenes that got a job, which are then taken away. */
  poll(): Promise<string[]>;
  /** Polls each minute. */
  pollFor(minutes: number): Promise<void>;
  /** A fresh process on the same database. */
  restart(): void;
}

async function withPoll(
  zone: string,
  use: (rig: Rig) => Promise<void>,
  settled = true,
): Promise<void> {
  const scenes = [1, 2, 3].map((n) => ({
    id: String(n),
    title: `Scene ${n}`,
    files: [{ path: `/data/${n}.mp4`, size: 1, duration: 1 }],
  }));
  await withStashRig({ scenes, zone }, async (rig) => {
    const { client, store, runtime, log } = rig;
    const make = () => new StampPoll({ stash: client, store, runtime, log, waitForScan: true });
    let stampPoll = make();
    if (settled) {
      // The newest scene comes once more, when its second is surely over.
      await stampPoll.poll();
      runtime.jump(60_000);
      await stampPoll.poll();
      takeJobs(store);
    }
    await use({
      ...rig,
      restart: () => {
        stampPoll = make();
      },
      poll: async () => {
        await stampPoll.poll();
        return takeJobs(store);
      },
      pollFor: async (minutes) => {
        for (let n = 0; n < minutes; n++) {
          runtime.jump(60_000);
          await stampPoll.poll();
        }
      },
    });
  });
}

for (const zone of ["Z", "+02:00", "-07:00"]) {
  Deno.test(`StampPoll sees a change once, on a server that writes ${zone}`, async () => {
    await withPoll(zone, async ({ stash, runtime, poll }) => {
      assertEquals(await poll(), []);
      runtime.jump(10_000);
      stash.upsert([{ id: "2", title: "Changed" }]);
      assertEquals(await poll(), ["2"]);
      runtime.jump(1_000);
      assertEquals(await poll(), []);
      runtime.jump(60_000);
      assertEquals(await poll(), ["2"], "once more, when its second is surely over");
      assertEquals(await poll(), []);
    });
  });
}

Deno.test("StampPoll sees a second change within the same second of the server's clock", async () => {
  await withPoll("Z", async ({ stash, runtime, poll }) => {
    await poll();
    runtime.jump(10_000);
    stash.upsert([{ id: "2", title: "First" }]);
    assertEquals(await poll(), ["2"]);
    stash.upsert([{ id: "2", title: "Second, same tick" }]);
    assertEquals(await poll(), []);
    runtime.jump(3_000);
    assertEquals(await poll(), ["2"]);
  });
});

Deno.test("StampPoll sees a change whose stamp is minutes older than the newest seen", async () => {
  await withPoll("Z", async ({ stash, runtime, poll }) => {
    await poll();
    runtime.jump(10 * 60_000);
    stash.upsert([{ id: "1", title: "Newer" }]);
    assertEquals(await poll(), ["1"]);
    // A bulk edit takes its time first and shows its rows later.
    runtime.jump(-4 * 60_000);
    stash.upsert([{ id: "3", title: "Stamped before, visible after" }]);
    runtime.jump(4 * 60_000 + 1_000);
    assertEquals(await poll(), ["3"]);
  });
});

Deno.test("StampPoll goes on after a restart where it was: nothing in between is missed", async () => {
  await withPoll("+02:00", async ({ stash, runtime, poll, restart }) => {
    await poll();
    runtime.jump(60_000);
    stash.upsert([{ id: "1", title: "While away" }]);
    runtime.jump(24 * 60 * 60_000);
    stash.upsert([{ id: "2", title: "While away too" }]);
    restart();
    const seen = await poll();
    // What lies within the overlap may come again: a repeated job finds nothing to do.
    assertEquals(seen.filter((id) => id !== "3"), ["1", "2"]);
  });
});

Deno.test("StampPoll sees new scenes, also in a Stash that was empty", async () => {
  await withPoll("Z", async ({ stash, runtime, poll }) => {
    stash.destroy(["1", "2", "3"]);
    assertEquals(await poll(), []);
    runtime.jump(1_000);
    const [id] = stash.upsert([{ title: "First ever", files: [{ path: "/data/n.mp4" }] }]);
    assertEquals(await poll(), [id!]);
  }, false);
});

Deno.test("StampPoll loses nothing when Stash does not answer", async () => {
  await withPoll("Z", async ({ stash, runtime, poll }) => {
    await poll();
    runtime.jump(10_000);
    stash.upsert([{ id: "2", title: "Changed" }]);
    stash.setFaults([{ path: ".", status: 500 }]);
    await assertRejects(poll, PlexsyncError);
    stash.setFaults([]);
    assertEquals(await poll(), ["2"]);
  });
});

Deno.test("a poll at a Stash where nothing changed is one request, and lists nothing", async () => {
  await withPoll("+02:00", async ({ stash, client, store, runtime, poll, pollFor }) => {
    await pollFor(6);
    takeRequests(stash);
    for (let n = 0; n < 10; n++) {
      runtime.jump(30_000);
      assertEquals(await poll(), []);
    }
    assertEquals(takeRequests(stash), Array(10).fill("findScenes"));
    const since = store.meta.get(newestStampOf("scene"))!;
    const asks = [{ kind: "scene", after: since }] as const;
    const [page] = await Array.fromAsync(client.changes(asks, 10));
    assertEquals(page?.stamps.get("scene"), [], "strictly after the newest stamp");
  });
});

Deno.test("a bulk edit of many pages is listed for minutes, not for ever", async () => {
  await withPoll("Z", async ({ stash, runtime, poll, pollFor }) => {
    stash.upsert(Array.from({ length: 1_200 }, (_, n) => ({ title: `New ${n}` })));
    assertEquals((await poll()).length, 1_200);
    takeRequests(stash);
    runtime.jump(3_000);
    await poll();
    const again = ["findScenes", "jobQueue", "findScenes", "findScenes"];
    assertEquals(takeRequests(stash), again, "its whole second is seen again");
    await pollFor(6);
    takeRequests(stash);
    assertEquals(await poll(), []);
    assertEquals(takeRequests(stash).length, 1);
  });
});

Deno.test("a new scene, which shows by its own stamp and by its file's, is one change", async () => {
  await withPoll("Z", async ({ stash, store, runtime, poll }) => {
    await poll();
    runtime.jump(10_000);
    const [id] = stash.upsert([{ title: "New", files: [{ path: "/data/n.mp4" }] }]);
    const enqueue = store.jobs.enqueue.bind(store.jobs);
    const calls: (readonly string[])[] = [];
    store.jobs.enqueue = (ids, ...rest) => {
      calls.push(ids);
      return enqueue(ids, ...rest);
    };
    await poll();
    assertEquals(calls, [[id!]]);
  });
});

Deno.test("the first poll takes nothing for a change that was there before", async () => {
  const at = (minutes: number) =>
    new Date(Date.UTC(2026, 0, 10, 20) - minutes * 60_000).toISOString();
  const scenes = [0, 10, 50, 300].map((minutes) => ({
    title: `${minutes} minutes old`,
    updated_at: at(minutes),
    created_at: at(minutes),
    files: [{ path: `/data/${minutes}.mp4` }],
  }));
  await withStashRig({ scenes }, async ({ client, store, runtime, log }) => {
    const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: true });
    assertEquals(stampPoll.isNew, true);
    for (let minute = 0; minute < 40; minute++) {
      await stampPoll.poll();
      assertEquals(stampPoll.isNew, false);
      runtime.jump(60_000);
    }
    // Only the very newest could still change within its second.
    assertEquals(takeJobs(store), ["1"]);
  });
});

Deno.test("a restart brings nothing again, but for the minutes in which a change may still show", async () => {
  await withPoll("Z", async ({ stash, runtime, poll, pollFor, restart }) => {
    runtime.jump(10_000);
    stash.upsert([{ id: "1", title: "Earlier" }]);
    assertEquals(await poll(), ["1"]);
    await pollFor(6);
    stash.upsert([{ id: "2", title: "Just now" }]);
    assertEquals((await poll()).includes("2"), true);
    restart();
    assertEquals(await poll(), ["2"]);
    await pollFor(6);
    await poll();
    restart();
    assertEquals(await poll(), []);
  });
});

Deno.test("a server's clock that is set back hides a change for a quarter of an hour at most", async () => {
  await withPoll("Z", async ({ stash, runtime, poll, pollFor, restart }) => {
    await pollFor(6);
    await poll();
    restart();
    await poll();
    // The clock of both sides: its leap forward afterwards is the time that passes.
    runtime.jump(-30 * 60_000);
    stash.upsert([{ id: "1", title: "Half an hour ago, it says" }]);
    runtime.jump(46 * 60_000);
    assertEquals(await poll(), ["1"]);
  });
});

Deno.test("an old library brings nothing at the first poll, the second, or after a restart", async () => {
  const at = "2025-12-24T20:00:00+01:00";
  const scenes = [{
    title: "Old",
    created_at: at,
    updated_at: at,
    files: [{ path: "/data/1.mp4" }],
  }];
  await withStashRig({ scenes }, async ({ client, store, runtime, log }) => {
    for (let process = 0; process < 3; process++) {
      const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: true });
      await stampPoll.poll();
      runtime.jump(5_000);
      await stampPoll.poll();
      runtime.jump(20 * 60_000);
      await stampPoll.poll();
    }
    assertEquals(takeJobs(store), []);
  });
});

Deno.test("another version of Stash is asked anew what it can tell", async () => {
  await withStashRig({ version: "0.27", scenes: [{ title: "One" }] }, async (rig) => {
    const { client, store, runtime, log } = rig;
    let asked = 0;
    const capabilities = () =>
      asked++ === 0
        ? Promise.resolve({ changes: CHANGE_KINDS, jobs: true })
        : client.capabilities();
    const stash = { ...client, capabilities };
    const stampPoll = new StampPoll({ stash, store, runtime, log, waitForScan: true });
    assertEquals(stampPoll.untold, []);
    await assertRejects(() => stampPoll.poll(), PlexsyncError, "does not understand");
    await stampPoll.poll();
    await stampPoll.poll();
    assertEquals([stampPoll.untold, asked], [["file"], 2]);
  });
});
