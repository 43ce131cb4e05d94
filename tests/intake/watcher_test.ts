import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/errors.ts";
import { newestStampOf } from "../../src/core/meta_keys.ts";
import { CHANGE_KINDS } from "../../src/stash/changes.ts";
import { Watcher } from "../../src/intake/watcher.ts";
import { type StashRig, takeJobs, takeRequests, withStashRig } from "./stash_rig.ts";

interface Rig extends StashRig {
  /** Looks once and gives the scenes that got a job, which are then taken away. */
  look(): Promise<string[]>;
  /** A fresh process on the same database. */
  restart(): void;
}

async function withWatcher(
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
    const { client, store, runtime } = rig;
    const make = () => new Watcher({ stash: client, store, runtime, waitForScan: true });
    let watcher = make();
    if (settled) {
      // The newest scene is looked at once more, when its second is surely over.
      await watcher.poll();
      runtime.jump(60_000);
      await watcher.poll();
      takeJobs(store);
    }
    await use({
      ...rig,
      restart: () => {
        watcher = make();
      },
      look: async () => {
        await watcher.poll();
        return takeJobs(store);
      },
    });
  });
}

for (const zone of ["Z", "+02:00", "-07:00"]) {
  Deno.test(`Watcher sees a change once, on a server that writes ${zone}`, async () => {
    await withWatcher(zone, async ({ stash, runtime, look }) => {
      assertEquals(await look(), []);
      runtime.jump(10_000);
      stash.upsert([{ id: "2", title: "Changed" }]);
      assertEquals(await look(), ["2"]);
      runtime.jump(1_000);
      assertEquals(await look(), []);
      runtime.jump(60_000);
      assertEquals(await look(), ["2"], "once more, when its second is surely over");
      assertEquals(await look(), []);
    });
  });
}

Deno.test("Watcher sees a second change within the same second of the server's clock", async () => {
  await withWatcher("Z", async ({ stash, runtime, look }) => {
    await look();
    runtime.jump(10_000);
    stash.upsert([{ id: "2", title: "First" }]);
    assertEquals(await look(), ["2"]);
    stash.upsert([{ id: "2", title: "Second, same tick" }]);
    assertEquals(await look(), []);
    runtime.jump(3_000);
    assertEquals(await look(), ["2"]);
  });
});

Deno.test("Watcher sees a change whose stamp is minutes older than the newest seen", async () => {
  await withWatcher("Z", async ({ stash, runtime, look }) => {
    await look();
    runtime.jump(10 * 60_000);
    stash.upsert([{ id: "1", title: "Newer" }]);
    assertEquals(await look(), ["1"]);
    // A bulk edit takes its time first and shows its rows later.
    runtime.jump(-4 * 60_000);
    stash.upsert([{ id: "3", title: "Stamped before, visible after" }]);
    runtime.jump(4 * 60_000 + 1_000);
    assertEquals(await look(), ["3"]);
  });
});

Deno.test("Watcher goes on after a restart where it was: nothing in between is missed", async () => {
  await withWatcher("+02:00", async ({ stash, runtime, look, restart }) => {
    await look();
    runtime.jump(60_000);
    stash.upsert([{ id: "1", title: "While away" }]);
    runtime.jump(24 * 60 * 60_000);
    stash.upsert([{ id: "2", title: "While away too" }]);
    restart();
    const seen = await look();
    // What lies within the overlap may come again: a repeated job finds nothing to do.
    assertEquals(seen.filter((id) => id !== "3"), ["1", "2"]);
  });
});

Deno.test("Watcher sees new scenes, also in a Stash that was empty", async () => {
  await withWatcher("Z", async ({ stash, runtime, look }) => {
    stash.destroy(["1", "2", "3"]);
    assertEquals(await look(), []);
    runtime.jump(1_000);
    const [id] = stash.upsert([{ title: "First ever", files: [{ path: "/data/n.mp4" }] }]);
    assertEquals(await look(), [id!]);
  }, false);
});

Deno.test("Watcher loses nothing when Stash does not answer", async () => {
  await withWatcher("Z", async ({ stash, runtime, look }) => {
    await look();
    runtime.jump(10_000);
    stash.upsert([{ id: "2", title: "Changed" }]);
    stash.setFaults([{ path: ".", status: 500 }]);
    await assertRejects(look, PlexsyncError);
    stash.setFaults([]);
    assertEquals(await look(), ["2"]);
  });
});

Deno.test("a look at a Stash where nothing changed is one request, and lists nothing", async () => {
  await withWatcher("+02:00", async ({ stash, client, store, runtime, look }) => {
    runtime.jump(6 * 60_000);
    await look();
    takeRequests(stash);
    for (let n = 0; n < 10; n++) {
      runtime.jump(30_000);
      assertEquals(await look(), []);
    }
    assertEquals(takeRequests(stash), Array(10).fill("findScenes"));
    const since = store.meta.get(newestStampOf("scene"))!;
    const asks = [{ kind: "scene", after: since }] as const;
    const [page] = await Array.fromAsync(client.changes(asks, 10));
    assertEquals(page?.get("scene"), [], "strictly after the newest stamp");
  });
});

Deno.test("a bulk edit of many pages is listed for minutes, not for ever", async () => {
  await withWatcher("Z", async ({ stash, runtime, look }) => {
    stash.upsert(Array.from({ length: 1_200 }, (_, n) => ({ title: `New ${n}` })));
    assertEquals((await look()).length, 1_200);
    takeRequests(stash);
    runtime.jump(3_000);
    await look();
    const again = ["findScenes", "jobQueue", "findScenes", "findScenes"];
    assertEquals(takeRequests(stash), again, "its whole second is seen again");
    runtime.jump(5 * 60_000);
    await look();
    takeRequests(stash);
    assertEquals(await look(), []);
    assertEquals(takeRequests(stash).length, 1);
  });
});

Deno.test("a new scene, which shows by its own stamp and by its file's, is one change", async () => {
  await withWatcher("Z", async ({ stash, store, runtime, look }) => {
    await look();
    runtime.jump(10_000);
    const [id] = stash.upsert([{ title: "New", files: [{ path: "/data/n.mp4" }] }]);
    const enqueue = store.jobs.enqueue.bind(store.jobs);
    const calls: (readonly string[])[] = [];
    store.jobs.enqueue = (ids, ...rest) => {
      calls.push(ids);
      return enqueue(ids, ...rest);
    };
    await look();
    assertEquals(calls, [[id!]]);
  });
});

Deno.test("the first look takes nothing for a change that was there before", async () => {
  const at = (minutes: number) =>
    new Date(Date.UTC(2026, 0, 10, 20) - minutes * 60_000).toISOString();
  const scenes = [0, 10, 50, 300].map((minutes) => ({
    title: `${minutes} minutes old`,
    updated_at: at(minutes),
    created_at: at(minutes),
    files: [{ path: `/data/${minutes}.mp4` }],
  }));
  await withStashRig({ scenes }, async ({ client, store, runtime }) => {
    const watcher = new Watcher({ stash: client, store, runtime, waitForScan: true });
    assertEquals(watcher.isNew, true);
    for (let minute = 0; minute < 40; minute++) {
      await watcher.poll();
      assertEquals(watcher.isNew, false);
      runtime.jump(60_000);
    }
    // Only the very newest could still change within its second.
    assertEquals(takeJobs(store), ["1"]);
  });
});

Deno.test("a restart brings nothing again, but for the minutes in which a change may still show", async () => {
  await withWatcher("Z", async ({ stash, runtime, look, restart }) => {
    runtime.jump(10_000);
    stash.upsert([{ id: "1", title: "Earlier" }]);
    assertEquals(await look(), ["1"]);
    runtime.jump(6 * 60_000);
    await look();
    stash.upsert([{ id: "2", title: "Just now" }]);
    assertEquals(await look(), ["2"]);
    restart();
    assertEquals(await look(), ["2"]);
    runtime.jump(6 * 60_000);
    await look();
    restart();
    assertEquals(await look(), []);
  });
});

Deno.test("a server's clock that is set back hides a change for a quarter of an hour at most", async () => {
  await withWatcher("Z", async ({ stash, runtime, look, restart }) => {
    runtime.jump(10 * 60_000);
    await look();
    restart();
    await look();
    // The clock of both sides: its leap forward afterwards is the time that passes.
    runtime.jump(-30 * 60_000);
    stash.upsert([{ id: "1", title: "Half an hour ago, it says" }]);
    runtime.jump(46 * 60_000);
    assertEquals(await look(), ["1"]);
  });
});

Deno.test("an old library brings nothing at the first look, the second, or after a restart", async () => {
  const at = "2025-12-24T20:00:00+01:00";
  const scenes = [{
    title: "Old",
    created_at: at,
    updated_at: at,
    files: [{ path: "/data/1.mp4" }],
  }];
  await withStashRig({ scenes }, async ({ client, store, runtime }) => {
    for (let process = 0; process < 3; process++) {
      const watcher = new Watcher({ stash: client, store, runtime, waitForScan: true });
      await watcher.poll();
      runtime.jump(5_000);
      await watcher.poll();
      runtime.jump(20 * 60_000);
      await watcher.poll();
    }
    assertEquals(takeJobs(store), []);
  });
});

Deno.test("another version of Stash is asked anew what it can tell", async () => {
  await withStashRig({ version: "0.27", scenes: [{ title: "One" }] }, async (rig) => {
    const { client, store, runtime } = rig;
    let asked = 0;
    const capabilities = () =>
      asked++ === 0
        ? Promise.resolve({ changes: CHANGE_KINDS, jobs: true })
        : client.capabilities();
    const stash = { ...client, capabilities };
    const watcher = new Watcher({ stash, store, runtime, waitForScan: true });
    assertEquals(watcher.untold, []);
    await assertRejects(() => watcher.poll(), PlexsyncError, "does not understand");
    await watcher.poll();
    await watcher.poll();
    assertEquals([watcher.untold, asked], [["file"], 2]);
  });
});
