import { assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/errors.ts";
import { Watcher } from "../../src/intake/watcher.ts";
import { createStashClient } from "../../src/stash/client.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { type SimStash, startSimStash } from "../sim/stash/server.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";

interface Rig {
  stash: SimStash;
  store: Store;
  runtime: FakeRuntime;
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
  const runtime = new FakeRuntime();
  const scenes = [1, 2, 3].map((n) => ({
    id: String(n),
    title: `Scene ${n}`,
    files: [{ path: `/data/${n}.mp4`, size: 1, duration: 1 }],
  }));
  const stash = await startSimStash({ scenes, zone, now: runtime.now });
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
    readTimeoutMs: 1_000,
  });
  const make = () => new Watcher({ stash: client, jobs: store.jobs, meta: store.meta, runtime });
  let watcher = make();
  try {
    if (settled) {
      // The newest scene is looked at once more, when its second is surely over.
      await watcher.poll();
      runtime.jump(60_000);
      await watcher.poll();
      store.database.exec("DELETE FROM jobs");
    }
    await use({
      stash,
      store,
      runtime,
      restart: () => {
        watcher = make();
      },
      look: async () => {
        await watcher.poll();
        const ids = store.jobs.list(1_000).map((job) => job.scene_id).sort();
        store.database.exec("DELETE FROM jobs");
        return ids;
      },
    });
  } finally {
    store.close();
    await stash.close();
    await Deno.remove(folder, { recursive: true });
  }
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
