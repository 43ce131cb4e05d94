import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CLOSED } from "../../src/core/jobs/breaker.ts";
import { attentionOf, breakerOf } from "../../src/core/meta_keys.ts";
import { FACES } from "../../main.ts";
import { program } from "../../src/cli/frame/program.ts";
import { takeLock } from "../../src/app/data/lock.ts";
import type { Store } from "../../src/store/store.ts";
import { attempt, buried, claimed, done, sceneFile, waiting } from "../store/samples.ts";
import { DataDir } from "./data_dir.ts";
import { MINUTE } from "./letters.ts";
import { fakePlex, fakeStash, silentServer } from "./servers.ts";
import { fakeTerminal } from "./terminal.ts";

const STATUS_KEYS = [
  ["working", "problems", "daemon", "attention", "data_dir", "driver", "plex", "stash"],
  ["queue", "queue_oldest_at", "oldest_at", "rate_per_minute", "rate_per_minute_5m"],
  ["next_due_at", "next_waiting_at", "waiting", "dead_letters", "outages", "index", "outcomes"],
  ["path_rules"],
  ["now_at", "full_sync_agreed_at", "next_reconcile_at", "paused_at", "quiet_until_at"],
].flat();

/** One of everything that status tells. */
function fill(store: Store, now: number): void {
  for (let scene = 100; scene < 112; scene++) {
    const job = claimed(store, String(scene), now - MINUTE);
    store.settlement.settle([attempt(job, done("written"), { changedFields: ["title"] })], now);
  }
  const to = waiting(now + MINUTE, sceneFile("/media/a.mp4", 5));
  const notFound = {
    errorType: "PlexNotFound",
    errorMessage: "none",
    path: "/media/a.mp4",
  } as const;
  store.settlement.settle([attempt(claimed(store, "1", now), to, notFound)], now);
  buried(store, "2", now, { errorType: "PermanentError" });
  store.jobs.enqueue(["3"], "hook", now);
  store.outages.begin("plex", now - 2 * MINUTE, "refused");
  const failing = { state: "open", failures: 5, cause: "refused" } as const;
  store.meta.set(breakerOf("plex"), {
    ...CLOSED,
    ...failing,
    failingSinceAt: now - 2 * MINUTE,
    nextProbeAt: now + 5_000,
  });
}

function config(dir: DataDir, plex: string, stash: string, token = "tok-en", key = "k-ey"): void {
  const lines = { plex_url: plex, plex_token: token, stash_url: stash, stash_api_key: key };
  Deno.writeTextFileSync(
    dir.file("plexsync.toml"),
    Object.entries(lines).map(([name, value]) => `${name} = "${value}"\n`).join(""),
    { mode: 0o600 },
  );
}

Deno.test("status --json tells everything, with stable names", async () => {
  using dir = new DataDir();
  const now = Date.now();
  await dir.store((store) => fill(store, now));
  const status = await dir.json("status", "--offline");
  assertEquals(Object.keys(status).sort(), [...STATUS_KEYS].sort());
  assertEquals(status.queue, { ready: 1, running: 0, waiting: 1 });
  assertEquals(status.dead_letters, { PermanentError: 1 });
  assertEquals([status.next_due_at, status.next_waiting_at], [now, now + MINUTE]);
  assertEquals(status.waiting, [
    { scene_id: "1", path: "/media/a.mp4", looks: 0, next_look_at: now + MINUTE },
  ]);
  const outcomes = status.outcomes as { scene_id: string; changed_fields: string[] }[];
  assertEquals(outcomes.map((row) => row.scene_id).slice(0, 3), ["2", "1", "111"]);
  assertEquals([outcomes.length, outcomes[2]!.changed_fields], [10, ["title"]]);
  const [outage] = status.outages as { server: string; ended_at: number | null }[];
  assertEquals([outage!.server, outage!.ended_at], ["plex", null]);
  assertEquals(status.plex, {
    url: "",
    reachable: null,
    latency_ms: null,
    version: null,
    authorized: null,
    error: null,
    hint: null,
    breaker: "open",
    cause: "refused",
    failing_since_at: now - 2 * MINUTE,
    next_probe_at: now + 5_000,
  });
  assertEquals([status.daemon, status.working, status.data_dir], [null, false, dir.path]);
});

Deno.test("status is one screen with the answer first", async () => {
  using dir = new DataDir();
  await dir.store((store) => fill(store, Date.now()));
  const text = await dir.text("status", "--offline");
  assertMatch(text, /^The daemon does not run and 1 job waits: start it with plexsync run\n/);
  for (
    const line of [
      /^Daemon +not running$/m,
      /^Queue +1 ready, 0 running, 1 waiting for Plex$/m,
      /^Outages +Plex, .*, going on for .*: refused$/m,
      /^Dead letters +1 PermanentError \(plexsync dead list\)$/m,
      /^Next +next job: now, look for waiting files: \d{4}-.*, probe of Plex: \d{4}-/m,
      /^1 +0 times +\d{4}.* \/media\/a\.mp4$/m,
      /^\S+ \S+ +111 +written +100 ms +title$/m,
    ]
  ) assertMatch(text, line);
  assert(text.split("\n").length < 40, "more than one screen");
  assert(!text.includes("\x1b"));
});

Deno.test("status of a fresh directory says what is missing, and makes no file", async () => {
  using dir = new DataDir();
  const { code, stdout } = await dir.run("status");
  assertEquals(code, 0);
  assertStringIncludes(stdout, "Plex is not configured: set plex_url\n");
  assertStringIncludes(stdout, "Stash is not configured: set stash_url\n");
  assertStringIncludes(stdout, "no database yet");
  assertEquals(dir.names(), []);
});

Deno.test("status asks both servers: reachable, how fast, which version", async () => {
  using dir = new DataDir();
  await using plex = fakePlex("tok-en");
  await using stash = fakeStash("k-ey");
  config(dir, plex.url, stash.url);
  const lock = takeLock(dir.file("plexsync.lock"), { pid: 42, since: Date.now() });
  try {
    const status = await dir.json<
      { plex: Record<string, unknown>; stash: Record<string, unknown>; working: boolean }
    >("status");
    for (const [server, version] of [["plex", "1.43.2"], ["stash", "v0.30.1"]] as const) {
      const { reachable, version: found, authorized, error, latency_ms } = status[server];
      assertEquals([reachable, found, authorized, error], [true, version, true, null], server);
      assert((latency_ms as number) >= 0);
    }
    assertEquals(status.working, true);
    const text = await dir.text("status");
    assertMatch(text, /^Working: nothing is due\n/);
    assertMatch(text, /^Plex +http:\S+; reachable: \d+ ms, version 1\.43\.2$/m);
    assertMatch(text, /^Daemon +running, pid 42, since /m);
  } finally {
    lock.release();
  }
});

Deno.test("status tells refused credentials from a server that is not there, never the secret", async () => {
  using dir = new DataDir();
  await using plex = fakePlex("right-token");
  await using stash = fakeStash("right-key");
  config(dir, plex.url, stash.url, "wrong-token", "wrong-key");
  const { code, stdout, stderr } = await dir.run("status");
  assertEquals(code, 0);
  assertMatch(stdout, /^Plex refuses plex_token: .*401$/m);
  assertMatch(stdout, /^Stash refuses stash_api_key: .*401$/m);
  assertMatch(stdout, /^hint: Set plex_token/m);
  assert(!/wrong-/.test(stdout + stderr), stdout);
  const status = await dir.json<{ plex: Record<string, unknown> }>("status");
  assertEquals([status.plex.reachable, status.plex.authorized], [true, false]);
  const gone = plex.url;
  await plex[Symbol.asyncDispose]();
  config(dir, gone, stash.url);
  assertMatch(await dir.text("status"), /^Plex does not answer: .*cannot be reached/m);
});

Deno.test("status waits 3 s for a server that takes a request and says nothing", async () => {
  using dir = new DataDir();
  await using plex = silentServer();
  await using stash = fakeStash("k-ey");
  config(dir, plex.url, stash.url);
  const world = fakeTerminal({
    env: { NO_COLOR: "1" },
    onSleep: () => plex.asked,
  });
  assertEquals(await program(["status", "--data-dir", dir.path], world, FACES), 0);
  assertMatch(world.out.join(""), /^Plex does not answer: Plex gave no answer within 3 s$/m);
  assertEquals(world.slept, [3_000, 3_000]);
});

Deno.test("status --offline asks nobody", async () => {
  using dir = new DataDir();
  await using plex = fakePlex("tok-en");
  config(dir, plex.url, plex.url);
  let asked = false;
  plex.asked.then(() => asked = true);
  const status = await dir.json<{ plex: Record<string, unknown> }>("status", "--offline");
  assertEquals([status.plex.url, status.plex.reachable, asked], [plex.url, null, false]);
});

Deno.test("status tells what a running daemon needs a person for, and forgets a dead one's", async () => {
  using dir = new DataDir();
  await dir.store(async (store) => {
    const attention = { message: "Plex refuses the token", hint: "Set it", since: 5 };
    store.meta.set(attentionOf("plex"), attention);
    assertEquals((await dir.json("status", "--offline")).attention, null);
    const lock = takeLock(dir.file("plexsync.lock"), { pid: 42, since: 1 });
    try {
      const status = await dir.json("status", "--offline");
      const { since, ...same } = attention;
      assertEquals(status.attention, { ...same, since_at: since });
      const text = await dir.text("status", "--offline");
      assertMatch(text, /^The daemon needs attention: Plex refuses the token\n/);
      assertStringIncludes(text, "hint: Set it\n");
    } finally {
      lock.release();
    }
  });
});

Deno.test("status tells of quiet hours, and what waits for their end", async () => {
  using dir = new DataDir();
  const now = Date.now();
  // All day but for a minute that is not now.
  const minute = new Date(now + 12 * 60 * MINUTE).toTimeString().slice(0, 5);
  const next = new Date(now + 12 * 60 * MINUTE + MINUTE).toTimeString().slice(0, 5);
  config(dir, "http://127.0.0.1:9", "http://127.0.0.1:9");
  const file = dir.file("plexsync.toml");
  Deno.writeTextFileSync(file, `quiet_hours = "${next}-${minute}"\n`, { append: true });
  await dir.store((store) => store.jobs.enqueue(["1"], "bulk", now));
  const quiet = await dir.json("status", "--offline");
  assert(Number(quiet.quiet_until_at) > now);
  const { stdout } = await dir.run("status", "--offline");
  assertMatch(stdout, /^Quiet hours +until .*: bulk work waits, single changes do not$/m);
});
