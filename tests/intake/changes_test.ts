import { assertEquals } from "@std/assert";
import { Sweep } from "../../src/intake/sweep.ts";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import type { StashVersion } from "../sim/stash/server.ts";
import { CHANGE_ROWS, type ChangeRow, LIBRARY } from "./change_rows.ts";
import { fanOut, markSynced, type StashRig, takeJobs, withStashRig } from "./stash_rig.ts";

interface Rig extends StashRig {
  /** The scenes that the poll finds, those of what was renamed included. */
  poll(): Promise<string[]>;
  /** The scenes that a sweep finds. */
  sweep(): Promise<string[]>;
  /** A fresh process. */
  restart(): void;
}

/** All of the library is synced, was seen by the poll, and swept once. */
async function withLibrary(version: StashVersion, use: (rig: Rig) => Promise<void>) {
  await withStashRig({ scenes: LIBRARY, version }, async (base) => {
    const { client, store, runtime, log } = base;
    const make = () => new StampPoll({ stash: client, store, runtime, log, waitForScan: true });
    let stampPoll = make();
    const sweep = new Sweep({ ...base, stash: client });
    const rig: Rig = {
      ...base,
      poll: async () => {
        await stampPoll.poll();
        await fanOut(base);
        return takeJobs(store);
      },
      sweep: async () => {
        while (await sweep.step() === null);
        return takeJobs(store);
      },
      restart: () => {
        stampPoll = make();
      },
    };
    await markSynced(base, LIBRARY.map(({ id }) => id));
    await rig.poll();
    runtime.jump(2 * 60 * 60_000);
    // Until nothing older than what was seen can show any more.
    for (let minute = 0; minute < 6; minute++, runtime.jump(60_000)) await rig.poll();
    assertEquals(await rig.sweep(), []);
    await use(rig);
  });
}

async function seen(row: ChangeRow, version: StashVersion, by: "poll" | "sweep") {
  let found: string[] = [];
  await withLibrary(version, async (rig) => {
    await row.make(rig);
    found = await rig[by]();
  });
  return found;
}

for (const row of CHANGE_ROWS) {
  const { change, poll, sweep, since } = row;
  const named = (ids: string[]) => ids.length === 0 ? "no scene" : `scenes ${ids.join(", ")}`;
  Deno.test(`"${change}": the poll finds ${named(poll)}`, async () => {
    assertEquals(await seen(row, "0.30", "poll"), poll);
    assertEquals(await seen(row, "0.27", "poll"), since === undefined ? poll : []);
  });
  Deno.test(`"${change}": the sweep finds ${named(sweep)}`, async () => {
    assertEquals(await seen(row, "0.30", "sweep"), sweep);
  });
}

Deno.test("what the poll finds, it finds too if it was made while plexsync was off", async () => {
  for (const { change, poll, make } of CHANGE_ROWS) {
    await withLibrary("0.30", async (rig) => {
      await make(rig);
      rig.runtime.jump(30 * 24 * 60 * 60_000);
      rig.restart();
      assertEquals(await rig.poll(), poll, change);
    });
  }
});
