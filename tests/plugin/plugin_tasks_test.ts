import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TASKS } from "../../src/plugin/tasks.ts";
import { CLOSED } from "../../src/core/jobs/breaker.ts";
import { breakerOf, FULL_SYNC_AGREED_AT } from "../../src/core/meta_keys.ts";
import { takeLock } from "../../src/app/data/lock.ts";
import { withStore } from "../e2e/with_store.ts";
import { until, type World } from "../e2e/world.ts";
import { bury } from "../cli/letters.ts";
import { withPlugin } from "./plugin_rig.ts";
import { TARGET } from "../one_target.ts";

/** What a task said at info or above, without the component. */
function said(world: World): string[] {
  return world.stash.logs().filter(({ plugin, level }) => plugin !== undefined && level !== "debug")
    .map(({ level, message }) =>
      (level === "info" ? "" : `${level}: `) + message.replace(/^\[PlexSync Task\] /, "")
    );
}

/** Runs a task by its name and returns what it answered. */
async function task(world: World, name: string): Promise<string> {
  const before = world.stash.logs().length;
  const job = await world.stash.runTask("plexsync", name);
  const lines = world.stash.logs().slice(before).map(({ message }) => message);
  const answer = lines.find((line) => line.startsWith("Plugin returned: "));
  assert(answer !== undefined, `${name}: ${lines.join("\n")}`);
  assertEquals(job.status, "FINISHED");
  return JSON.parse(answer.slice("Plugin returned: ".length));
}

/** Nothing in any file says where the servers are: all of it comes from Stash. */
async function settingsInStash(world: World): Promise<Record<string, string>> {
  const { url, token } = world.plex;
  const settings = { plex_url: url, plex_token: token, plex_library: "Scenes" };
  await world.configure({
    plex_url: undefined,
    plex_token: undefined,
    plex_library: undefined,
    stash_url: undefined,
    stash_api_key: undefined,
  });
  return settings;
}

async function configurePlugin(world: World, settings: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${world.stash.url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "ApiKey": world.stash.apiKey },
    body: JSON.stringify({
      query: 'mutation($i: Map!){configurePlugin(plugin_id:"plexsync",input:$i)}',
      variables: { i: settings },
    }),
  });
  const { errors } = await response.json();
  assertEquals(errors, undefined);
}

const WITHOUT_DAEMON: Readonly<Record<string, RegExp>> = {
  "Sync all": /^4 items, .*\n4 scenes: 4 change\n(.*\n)*Nothing is queued yet\./,
  "Sync all, confirmed": /^Queued 4 scenes; no daemon runs/,
  "Sync recent": /^Queued 1 scene, 1 of them were there already/,
  "Process queue": /^Nothing is due\n0 jobs left, 0 waiting for Plex, 0 dead letters$/,
  "Queue status": /^Queue: 0 due .*\nDone so far: 4, 100% succeeded\nDead letters: none\nNo daemon/,
  "Health check":
    /^Plex: answers in \d+ ms .*\nStash: answers in \d+ ms .*\nThe daemon does not run/,
  "Reconcile all": /^4 scenes compared, 0 queued: Plex has all of them as they are in Stash$/,
  "Reconcile 24 hours": /^1 scene compared, 0 queued/,
  "Reconcile 7 days": /^1 scene compared, 0 queued/,
  "Reconcile missing": /^4 scenes compared, 0 queued/,
  "Reconcile: only empty": /^4 scenes compared, 0 queued/,
  "Recover from the last outage": /^Put 0 scenes back that failed in the last outage$/,
  "Dead letters: list": /^No dead letters$/,
  "Dead letters: retry all": /^Put 0 scenes back/,
  "Dead letters: purge": /^Removed 0 dead letters older than 30 days$/,
  "Dead letters: clear": /^Removed 0 dead letters$/,
  "Clear queue": /^Removed 0 jobs from the queue$/,
  "Outage summary": /^Plex: no outage within 30 days\nStash: no outage within 30 days$/,
  "Clear match index": /^Forgot 4 items with 4 files$/,
};

Deno.test("every task works without a daemon, with no setting but those in Stash", () =>
  withPlugin({ scenes: 4, seed: 2 }, async (world) => {
    await configurePlugin(world, await settingsInStash(world));
    world.stash.upsert([{ id: world.stash.scenes()[0]!.id, details: "Changed today" }]);
    assertEquals(Object.keys(WITHOUT_DAEMON).sort(), TASKS.map(({ name }) => name).sort());
    for (const { name } of TASKS) assertMatch(await task(world, name), WITHOUT_DAEMON[name]!, name);
    const wrong = said(world).filter((line) => /^(warning|error): /.test(line));
    assertEquals(wrong.filter((line) => !line.startsWith("warning: Nothing is queued yet")), []);
    assertEquals(await world.differences(), []);
    // Asked by the session that Stash sent along; the key is nowhere on disk.
    const key = new TextEncoder().encode(world.stash.apiKey);
    for (const { name } of Deno.readDirSync(world.dataDir)) {
      const bytes = await Deno.readFile(world.path(name)).catch(() => new Uint8Array());
      assert(!new TextDecoder().decode(bytes).includes(new TextDecoder().decode(key)), name);
    }
  }));

Deno.test("a task says at info what it answers, and shows how far it is", () =>
  withPlugin({ scenes: 3, seed: 2 }, async (world) => {
    const job = await world.stash.runTask("plexsync", "Sync all, confirmed");
    assertEquals(job.progress, 1);
    assertEquals(said(world), [
      "Queued 3 scenes; no daemon runs: the task Process queue works on them",
    ]);
  }));

Deno.test("a task that needs Plex says which settings are missing", () =>
  withPlugin({}, async (world) => {
    await settingsInStash(world);
    await world.stash.runTask("plexsync", "Process queue");
    const error = world.stash.logs().find(({ level }) => level === "error")!.message;
    assertStringIncludes(error, "plex_url is required");
    assertStringIncludes(error, "plex_token is required");
    assert(!error.includes("stash_"), error);
  }));

Deno.test("Process queue killed in the middle of its work loses nothing", () =>
  withPlugin({
    scenes: 24,
    seed: 4,
    plex: { latencyMs: 5 },
    config: { batch_size: 5 },
  }, async (world) => {
    await task(world, "Sync all, confirmed");
    for (const writes of [3, 15]) {
      const running = world.stash.runTask("plexsync", "Process queue");
      const isWrite = ({ method }: { method: string }) => method === "PUT";
      await until("some writes", () => world.plex.requests().filter(isWrite).length >= writes);
      world.stash.stopJob(world.stash.jobs()[0]!.id);
      assertEquals((await running).status, "CANCELLED");
    }
    assertMatch(await task(world, "Process queue"), /^Nothing is due\n0 jobs left/);
    assertEquals(await world.differences(), []);
  }));

for (const isDaemon of [false, true]) {
  const by = isDaemon ? "the daemon works on" : "it works on itself";
  Deno.test(`Process queue tells how far it is within the one batch that ${by}`, () =>
    withPlugin({
      scenes: 30,
      seed: 4,
      plex: { latencyMs: 150 },
      config: {
        batch_size: 50,
        max_parallel_writes: 1,
        sync_poster: false,
        sync_background: false,
      },
    }, async (world) => {
      await using daemon = isDaemon ? await world.start(["run"]) : null;
      await daemon?.stderr.line("plexsync 0.1.0 starts");
      await task(world, "Sync all, confirmed");
      let isOver = false;
      const running = world.stash.runTask("plexsync", "Process queue")
        .finally(() => void (isOver = true));
      const shares = new Set<number>();
      await until("the end of the batch", () => {
        const { progress } = world.stash.jobs()[0] ?? {};
        if (typeof progress === "number" && progress > 0 && progress < 1) shares.add(progress);
        return isOver;
      }, 60_000);
      await running;
      assert(shares.size >= 3, `${shares.size} steps were told`);
      assertEquals([...shares], [...shares].sort());
    }));
}

Deno.test("Process queue waits for the daemon, and ends when nothing is due", () =>
  withPlugin({ scenes: 6, seed: 4 }, async (world) => {
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("plexsync 0.1.0 starts");
    assertEquals(await task(world, "Sync all, confirmed"), "Queued 6 scenes");
    assertMatch(await task(world, "Process queue"), /^Nothing is due\n0 jobs left/);
    assertEquals(await world.differences(), []);
    assertMatch(await task(world, "Health check"), /\nAll is well$/);
    assertMatch(await task(world, "Queue status"), /\nThe daemon works on it$/);
  }));

Deno.test("Process queue does not wait for a daemon that rests", () =>
  withPlugin({ scenes: 2, seed: 4 }, async (world) => {
    await task(world, "Sync all, confirmed");
    await withStore(world, (store) => {
      const failing = { state: "open", failures: 5, cause: "refused" } as const;
      store.meta.set(breakerOf("plex"), {
        ...CLOSED,
        ...failing,
        nextProbeAt: Date.now() + 60_000,
      });
    });
    const lock = takeLock(world.path("plexsync.lock"), { pid: 1, since: 1 });
    try {
      assertMatch(await task(world, "Process queue"), /^Plex is down: refused\n2 jobs left/);
    } finally {
      lock.release();
    }
  }));

Deno.test("Process queue ends when a server is down, and says so", () =>
  withPlugin({ scenes: 2, seed: 4 }, async (world) => {
    await task(world, "Sync all, confirmed");
    await world.plex.close();
    assertMatch(await task(world, "Process queue"), /^Ended: server down\n(.*\n)*2 jobs left/);
  }));

Deno.test("the tasks for dead letters list, put back and remove them", () =>
  withPlugin({}, async (world) => {
    await task(world, "Queue status");
    await withStore(world, (store) => bury(store, Date.now()));
    const list = (await task(world, "Dead letters: list")).split("\n");
    assertEquals(list[0], "5 dead letters: 3 PlexNotFound, 1 PermanentError, 1 Unknown");
    assertMatch(list[1]!, /^#5 scene 15: Unknown: a_b broke; An unforeseen error/);
    assertMatch(list[5]!, /^#1 scene 11: PlexNotFound: .* \(\/data\/old\/a\.mp4\); Check that/);
    assertEquals(
      await task(world, "Dead letters: purge"),
      "Removed 1 dead letter older than 30 days",
    );
    assertEquals(await task(world, "Dead letters: retry all"), "Put 4 scenes back into the queue");
    await withStore(world, (store) => {
      bury(store, Date.now());
      store.jobs.enqueue(["1", "2", "3", "4"], "hook", Date.now());
      store.jobs.claim("a dead process", Date.now(), 1, 60_000, TARGET);
    });
    assertEquals(await task(world, "Dead letters: clear"), "Removed 5 dead letters");
    assertEquals(await task(world, "Clear queue"), "Removed 4 jobs from the queue");
  }));

Deno.test("Clear queue leaves alone what a daemon works on", () =>
  withPlugin({ scenes: 3, seed: 1 }, async (world) => {
    await task(world, "Sync all, confirmed");
    await withStore(world, (store) => store.jobs.claim("daemon", Date.now(), 1, 60_000, TARGET));
    const lock = takeLock(world.path("plexsync.lock"), { pid: 1, since: 1 });
    assertEquals(
      await task(world, "Clear queue"),
      "Removed 2 jobs from the queue; 1 in work were left alone",
    );
    lock.release();
  }));

Deno.test("Reconcile missing queues what Plex does not have, and nothing else", () =>
  withPlugin({ scenes: 8, seed: 6, missingPercent: 50 }, async (world) => {
    const before = await task(world, "Reconcile missing");
    assertMatch(
      before,
      /8 scenes compared, \d would be queued: .*\nNothing was queued: no sync of all/,
    );
    assertEquals(world.query("SELECT id FROM jobs"), []);
    await withStore(world, (store) => store.meta.set(FULL_SYNC_AGREED_AT, 1));
    const report = await task(world, "Reconcile missing");
    const queued = world.query<{ n: number }>("SELECT count(*) AS n FROM jobs")[0]!.n;
    assertEquals(report, `8 scenes compared, ${queued} queued: ${queued} missing`);
    assert(queued > 0 && queued < 8);
    assertMatch(
      await task(world, "Reconcile all"),
      /8 scenes compared, \d queued: \d (empty|stale)/,
    );
  }));

Deno.test("Health check says in Stash's log at warning which server is down", () =>
  withPlugin({ scenes: 1, seed: 2 }, async (world) => {
    await world.plex.close();
    assertMatch(await task(world, "Health check"), /^Plex: does not answer\nStash: answers in /);
    const warnings = said(world).filter((line) => line.startsWith("warning: "));
    assertEquals(warnings.length, 1, warnings.join("\n"));
    assertMatch(warnings[0]!, /^warning: Plex does not answer: /);
    await world.reopenPlex();
  }));

Deno.test("Recover from the last outage puts back what failed in it, once it is over", () =>
  withPlugin({ scenes: 2, seed: 2 }, async (world) => {
    const [first, second] = world.stash.scenes().map(({ id }) => id) as [string, string];
    await withStore(world, (store) => {
      store.outages.begin("plex", Date.now() - 60_000, "refused");
      bury(store, Date.now(), [
        { scene: first, type: "PlexTemporaryError", ago: 30_000 },
        { scene: second, type: "PermanentError", ago: 30_000 },
      ]);
    });
    await world.stash.runTask("plexsync", "Recover from the last outage");
    assertMatch(said(world).at(-1)!, /^warning: Nothing was put back: plex is down since /);
    await withStore(world, (store) => store.outages.end("plex", Date.now()));
    assertMatch(await task(world, "Recover from the last outage"), /^Put 1 scene back/);
    assertEquals(world.query("SELECT scene_id FROM jobs"), [{ scene_id: first }]);
  }));

Deno.test("Reconcile: only empty queues items that show nothing, and nothing else", () =>
  withPlugin({ scenes: 3, seed: 2 }, async (world) => {
    await task(world, "Sync all, confirmed");
    await task(world, "Process queue");
    const file = { path: "/data/scenes/new.mp4", size: 77, duration: 60 };
    await world.plex.addFiles([{ path: file.path, size: 77, durationMs: 60_000 }]);
    world.stash.upsert([{ title: "New", details: "Text.", files: [file] }]);
    world.stash.upsert([{ id: world.stash.scenes()[0]!.id, title: "Stale now" }]);
    assertMatch(await task(world, "Reconcile: only empty"), /^4 scenes compared, 1 queued/);
    const [job] = world.query<{ scene_id: string }>("SELECT scene_id FROM jobs");
    const added = world.stash.scenes().find(({ title }) => title === "New")!;
    assertEquals(job!.scene_id, added.id);
    await world.expect(2, "reconcile", "--only", "equal");
    const { stdout } = await world.expect(
      0,
      "reconcile",
      "--scope",
      "all",
      "--only",
      "stale,empty",
    );
    assertMatch(stdout, /queued/);
    assertEquals(world.query("SELECT scene_id FROM jobs").length, 2);
  }));
