import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Job } from "../../src/core/jobs/job.ts";
import { takeLock } from "../../src/app/data/lock.ts";
import type { Store } from "../../src/store/store.ts";
import { attempt, claimed, sceneFile, waiting } from "../store/samples.ts";
import { DataDir } from "./data_dir.ts";
import { MINUTE } from "./letters.ts";
import { TARGET } from "../one_target.ts";

/** Scene 1 waits for Plex, 2 runs, 3 and 4 are due. */
function fill(store: Store, now: number): void {
  const to = waiting(now + MINUTE, sceneFile("/media/a.mp4", 5));
  store.settlement.settle([attempt(claimed(store, "1", now), to)], now);
  claimed(store, "2", now);
  store.jobs.enqueue(["3"], "bulk", now);
  store.jobs.enqueue(["4"], "hook", now);
}

const scenes = (jobs: readonly Job[]) => jobs.map((job) => job.scene_id);

const LISTS: { args: string[]; scenes: string[] }[] = [
  { args: [], scenes: ["2", "4", "3", "1"] },
  { args: ["--state", "ready"], scenes: ["4", "3"] },
  { args: ["--state", "waiting,Running"], scenes: ["2", "1"] },
  { args: ["--scene", "3,1,9"], scenes: ["3", "1"] },
  { args: ["--scene", "3", "--state", "waiting"], scenes: [] },
  { args: ["--limit", "1"], scenes: ["2"] },
];

Deno.test("queue list shows the jobs that fit, what runs first", async (t) => {
  using dir = new DataDir();
  await dir.store((store) => fill(store, Date.now()));
  for (const { args, scenes: want } of LISTS) {
    await t.step(args.join(" ") || "all", async () => {
      const { stdout } = await dir.call("queue", "list", ...args, "--json");
      assertEquals(scenes(JSON.parse(stdout)), want);
    });
  }
  assertMatch(await dir.text("queue"), /^2 +running +hook +0 /m);
  const { stderr } = await dir.run("queue", "list", "--limit", "3");
  assertEquals(stderr, "These are 3 of 4: --limit 4 shows all\n");
});

Deno.test("queue list and clear of a directory without a database make no file", async () => {
  using dir = new DataDir();
  assertEquals(await dir.text("queue", "list"), "No jobs in the queue\n");
  assertEquals(await dir.text("queue", "clear", "--yes"), "Removed 0 jobs from the queue\n");
  assertEquals(dir.names(), []);
});

const CLEARS: { args: string[]; left: string[] }[] = [
  { args: [], left: [] },
  { args: ["--state", "ready"], left: ["1", "2"] },
  { args: ["--scene", "1,4"], left: ["2", "3"] },
];
for (const { args, left } of CLEARS) {
  Deno.test(`queue clear ${args.join(" ")} says the number, and wants --yes`, async () => {
    using dir = new DataDir();
    await dir.store((store) => fill(store, Date.now()));
    const gone = 4 - left.length;
    const said = `${gone} jobs will be removed from the queue\n`;
    const unsure = await dir.run("queue", "clear", ...args);
    assertEquals([unsure.code, unsure.stdout], [2, ""]);
    assertEquals(unsure.stderr.split("\n")[0] + "\n", said);
    await dir.store((store) => assertEquals(store.jobs.count(), 4));
    const sure = await dir.run("queue", "clear", ...args, "--yes", "--json");
    assertEquals([sure.code, sure.stderr], [0, said]);
    assertEquals(JSON.parse(sure.stdout), { cleared: gone, undos_withdrawn: 0, left_running: 0 });
    await dir.store((store) => {
      assertEquals(scenes(store.queue.list(9)).sort(), left);
    });
  });
}

Deno.test("queue clear leaves alone what a living daemon works on", async () => {
  using dir = new DataDir();
  await dir.store(async (store) => {
    fill(store, Date.now());
    const lock = takeLock(dir.file("plexsync.lock"), { pid: 1, since: 1 });
    try {
      const cleared = await dir.json("queue", "clear", "--yes");
      assertEquals(cleared, { cleared: 3, undos_withdrawn: 0, left_running: 1 });
      assertEquals(scenes(store.queue.list(9)), ["2"]);
      const text = await dir.text("queue", "clear", "--state", "running", "--yes");
      assertEquals(text, "Removed 0 jobs from the queue; 1 in work were left alone\n");
    } finally {
      lock.release();
    }
  });
});

const WRONG: { args: string[]; says: string }[] = [
  { args: ["list", "--state", "redy"], says: "The nearest is ready" },
  { args: ["clear", "--limit", "2", "--yes"], says: "--limit is not for queue clear" },
  { args: ["empty"], says: "Unknown: queue empty" },
  { args: ["list", "more"], says: 'Unexpected "more"' },
];
for (const { args, says } of WRONG) {
  Deno.test(`queue ${args.join(" ")} is wrong usage`, async () => {
    using dir = new DataDir();
    const { code, stdout, stderr } = await dir.call("queue", ...args);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, says);
  });
}

Deno.test("queue list names what a scene is pinned to, once any is", async () => {
  using dir = new DataDir();
  await dir.store((store) => fill(store, Date.now()));
  const pins = async () =>
    (JSON.parse((await dir.call("queue", "list", "--json")).stdout) as { pinned_to: unknown }[])
      .map(({ pinned_to }) => pinned_to);
  assertEquals(await pins(), [null, null, null, null]);
  assertEquals((await dir.text("queue", "list")).includes("PINNED"), false);
  const pin = { paths: [], files: [], made_at: 1 };
  await dir.store((store) => {
    store.of(TARGET).pins.put({ ...pin, scene_id: "3", item: "77" });
    store.of(TARGET).pins.put({ ...pin, scene_id: "1", item: null });
  });
  assertEquals(await pins(), [null, null, "77", "none"]);
  assertMatch(await dir.text("queue", "list"), /^3 +77 +ready/m);
});
