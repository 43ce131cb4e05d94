import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { LONGEST_HOLD_MS, ScanHold } from "../../src/intake/scan_hold.ts";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import { withFolder } from "../sim/stash/plugin_testing.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";
import { takeJobs, takeRequests, withStashRig } from "./stash_rig.ts";

/** Holds the scan up, as the hook of any plugin can, until a file is there. */
const WAITS = "while ! [ -e ../go ]; do sleep 0.02; done";
const SCENES = [{ id: "1", title: "One", files: [{ path: "/data/1.mp4" }] }];

Deno.test("what a scan of the library brings waits for its end, at one question per poll", async () => {
  const plugins = {
    slow: { script: `cd "$(dirname "$0")"\n${WAITS}`, triggers: ["Scene.Create.Post"] },
  };
  await withFolder(
    plugins,
    (folder) =>
      withStashRig({ scenes: SCENES }, async ({ stash, client, store, runtime, log }) => {
        const make = (waitForScan: boolean) =>
          new StampPoll({ stash: client, store, runtime, log, waitForScan });
        const stampPoll = make(true);
        const poll = async () => {
          runtime.jump(60_000);
          await stampPoll.poll();
          return takeJobs(store);
        };
        await poll();
        await poll();
        stash.loadPlugins(folder);
        const scan = stash.scan({ files: [{ path: "/data/new.mp4" }], covers: true });
        await stash.until(() => stash.hooksRun().length === 1);

        takeRequests(stash);
        assertEquals(await poll(), []);
        assertEquals(takeRequests(stash), ["findScenes", "jobQueue"]);
        assertEquals(await poll(), []);
        assertEquals(takeRequests(stash), ["jobQueue"]);

        Deno.writeTextFileSync(join(folder, "go"), "");
        assertEquals((await scan).status, "FINISHED");
        assertEquals(await poll(), ["2"]);
        assertEquals(takeRequests(stash), ["jobQueue", "findScenes", "jobQueue"]);
      }),
  );
});

/** A poll of one changed scene while a scan runs for ever. */
async function duringScan(
  waitForScan: boolean,
  use: (poll: (afterMs: number) => Promise<string[]>) => Promise<void>,
): Promise<void> {
  await withStashRig({ scenes: SCENES }, async ({ stash, client, store, runtime, log }) => {
    const scanning = { ...client, runningScan: () => Promise.resolve("7 2026-01-10T21:00:00Z") };
    const stampPoll = new StampPoll({ stash: scanning, store, runtime, log, waitForScan });
    await stampPoll.poll();
    runtime.jump(10_000);
    stash.upsert([{ id: "1", title: "Changed" }]);
    await use(async (afterMs) => {
      runtime.jump(afterMs);
      await stampPoll.poll();
      return takeJobs(store);
    });
  });
}

Deno.test("a scan that goes on is waited for half an hour, and then no more", async () => {
  await duringScan(true, async (poll) => {
    assertEquals(await poll(0), []);
    assertEquals(await poll(LONGEST_HOLD_MS - 1), []);
    assertEquals(await poll(1), ["1"]);
    await poll(3_000);
    assertEquals(await poll(60_000), []);
  });
});

Deno.test("with wait_for_scan off nothing waits", async () => {
  await duringScan(false, async (poll) => {
    assertEquals(await poll(0), ["1"]);
  });
});

Deno.test("each scan has its own half hour, also after Stash began its job ids anew", async () => {
  const runtime = new FakeRuntime();
  let scan: string | null = "1 monday";
  const hold = new ScanHold({
    stash: { runningScan: () => Promise.resolve(scan) },
    runtime,
  });
  assertEquals(await hold.ask(), true);
  runtime.jump(LONGEST_HOLD_MS);
  assertEquals(await hold.ask(), false);
  scan = "1 tuesday";
  assertEquals(await hold.ask(), true);
  scan = null;
  assertEquals(await hold.ask(), false);
  assertEquals(hold.holds, false);
});
