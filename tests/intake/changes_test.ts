import { assertEquals } from "@std/assert";
import { Sweep } from "../../src/intake/sweep.ts";
import { Watcher } from "../../src/intake/watcher.ts";
import type { StashVersion } from "../sim/stash/server.ts";
import { CHANGE_ROWS, type ChangeRow, LIBRARY } from "./change_rows.ts";
import { fanOut, markSynced, type StashRig, takeJobs, withStashRig } from "./stash_rig.ts";

interface Rig extends StashRig {
  /** The scenes that the watcher finds, those of what was renamed included. */
  watch(): Promise<string[]>;
  /** The scenes that a full walk finds. */
  walk(): Promise<string[]>;
  /** A fresh process. */
  restart(): void;
}

/** All of the library is synced, was seen by the watcher, and walked once. */
async function withLibrary(version: StashVersion, use: (rig: Rig) => Promise<void>) {
  await withStashRig({ scenes: LIBRARY, version }, async (base) => {
    const { client, store, runtime } = base;
    const make = () => new Watcher({ stash: client, store, runtime, waitForScan: true });
    let watcher = make();
    const sweep = new Sweep({ ...base, stash: client });
    const rig: Rig = {
      ...base,
      watch: async () => {
        await watcher.poll();
        await fanOut(base);
        return takeJobs(store);
      },
      walk: async () => {
        while (await sweep.step() === null);
        return takeJobs(store);
      },
      restart: () => {
        watcher = make();
      },
    };
    await markSynced(base, LIBRARY.map(({ id }) => id));
    await rig.watch();
    runtime.jump(2 * 60 * 60_000);
    await rig.watch();
    assertEquals(await rig.walk(), []);
    await use(rig);
  });
}

async function seen(row: ChangeRow, version: StashVersion, by: "watch" | "walk") {
  let found: string[] = [];
  await withLibrary(version, async (rig) => {
    await row.make(rig);
    found = await rig[by]();
  });
  return found;
}

for (const row of CHANGE_ROWS) {
  const { change, watcher, sweep, since } = row;
  const named = (ids: string[]) => ids.length === 0 ? "no scene" : `scenes ${ids.join(", ")}`;
  Deno.test(`"${change}": the watcher finds ${named(watcher)}`, async () => {
    assertEquals(await seen(row, "0.30", "watch"), watcher);
    assertEquals(await seen(row, "0.27", "watch"), since === undefined ? watcher : []);
  });
  Deno.test(`"${change}": the full walk finds ${named(sweep)}`, async () => {
    assertEquals(await seen(row, "0.30", "walk"), sweep);
  });
}

Deno.test("what the watcher finds, it finds too if it was made while plexsync was off", async () => {
  for (const { change, watcher, make } of CHANGE_ROWS) {
    await withLibrary("0.30", async (rig) => {
      await make(rig);
      rig.runtime.jump(30 * 24 * 60 * 60_000);
      rig.restart();
      assertEquals(await rig.watch(), watcher, change);
    });
  }
});
