import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { FACES } from "../../main.ts";
import { program } from "../../src/cli/frame/program.ts";
import { ERROR_TYPES } from "../../src/core/failures/error_types.ts";
import type { Attempt, Disposition } from "../../src/core/jobs/job.ts";
import type { StatsJson } from "../../src/core/stats/sync_stats.ts";
import { takeLock } from "../../src/app/data/lock.ts";
import type { Store } from "../../src/store/store.ts";
import { attempt, buried, claimed, done, retry, waiting } from "../store/samples.ts";
import { DataDir } from "./data_dir.ts";
import { readExposition } from "./exposition.ts";
import { reachedModules } from "../reached_modules.ts";
import { fakeTerminal } from "./terminal.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Counters as the Python plugin left them. */
const OLD: StatsJson = {
  jobs_processed: 50,
  jobs_succeeded: 48,
  jobs_failed: 2,
  jobs_to_dlq: 1,
  total_processing_time: 6.15,
  session_start: 1_700_000_000,
  errors_by_type: { PlexNotFound: 1, TransientError: 1 },
  high_confidence_matches: 47,
  low_confidence_matches: 1,
};

/** A success, a failure, a dead letter, each its time ago; one job waits, one is to be tried again. */
function fill(store: Store, now: number): void {
  store.totals.takeOver(null, Math.floor(now / 1000) - 86_400);
  const ended = (scene: string, at: number, to: Disposition, more: Partial<Attempt>) =>
    store.settlement.settle([attempt(claimed(store, scene, at), to, more)], at);
  ended("1", now - 30 * HOUR, done("written"), { confidence: "high", durationMs: 100 });
  ended("2", now - 30 * MINUTE, done("unchanged"), { confidence: "low", durationMs: 200 });
  buried(store, "3", now - 3 * MINUTE, { errorType: "PermanentError", durationMs: 600 });
  ended("4", now - MINUTE, retry(now + 30 * MINUTE), { durationMs: 300 });
  ended("5", now - 1_000, waiting(now + 30 * MINUTE), { durationMs: 9_000 });
}

Deno.test("stats --json has the keys of stats.json and all that follows from them", async () => {
  using dir = new DataDir();
  const now = Date.now();
  await dir.store((store) => {
    fill(store, now);
    store.outages.begin("plex", now - 2 * HOUR, "refused");
    store.outages.end("plex", now - HOUR);
  });
  Deno.writeTextFileSync(dir.file("stats.json"), JSON.stringify({ ...OLD, session: OLD }));
  const { session, last_outage, ...stats } = await dir.json("stats");
  assertEquals(session, { ...OLD });
  assertEquals((last_outage as { cause: string }).cause, "refused");
  const { outcomes_from_at, now_at, oldest_at, queue_oldest_at, session_start, ...figures } = stats;
  assertEquals(session_start, Math.floor(now / 1000) - 86_400);
  assertEquals([outcomes_from_at, oldest_at], [now - 30 * HOUR, now - MINUTE]);
  assert((now_at as number) >= now);
  assertEquals(queue_oldest_at, { ready: now - MINUTE, running: null, waiting: now - 1_000 });
  assertEquals(figures, {
    jobs_processed: 4,
    jobs_succeeded: 2,
    jobs_failed: 2,
    jobs_to_dlq: 1,
    total_processing_time: 1.2,
    errors_by_type: { PermanentError: 1, TransientError: 1 },
    high_confidence_matches: 1,
    low_confidence_matches: 1,
    success_rate: 50,
    avg_processing_time: 0.3,
    p50_ms: 200,
    p95_ms: 600,
    timed_jobs: 4,
    rate_per_minute: 0.05,
    rate_per_minute_5m: 0.4,
    queue: { ready: 1, running: 0, waiting: 1 },
    dead_letters: { PermanentError: 1 },
    daemon: null,
    since_at: null,
  });
});

Deno.test("plexsync --stats is plexsync stats, in every form", async () => {
  using dir = new DataDir();
  Deno.writeTextFileSync(dir.file("stats.json"), JSON.stringify(OLD));
  assertEquals(await dir.text("--stats"), await dir.text("stats"));
  const { now_at: _a, ...one } = await dir.json("--stats");
  const { now_at: _b, ...other } = await dir.json("stats");
  assertEquals(one, other);
  assertEquals(await dir.text("--stats", "--prometheus"), await dir.text("stats", "--prometheus"));
});

Deno.test("stats of a directory with only a stats.json are what it says, and make no file", async () => {
  using dir = new DataDir();
  Deno.writeTextFileSync(dir.file("stats.json"), JSON.stringify(OLD));
  const stats = await dir.json("stats");
  for (const [key, value] of Object.entries(OLD)) assertEquals(stats[key], value, key);
  assertEquals([stats.success_rate, stats.avg_processing_time], [96, 0.123]);
  assertEquals([stats.p50_ms, stats.session, stats.daemon], [null, null, null]);
  const text = await dir.text("stats");
  assertStringIncludes(text, "48 (96.0%)");
  assertStringIncludes(text, "1 PlexNotFound, 1 TransientError");
  assertEquals(dir.names(), ["stats.json"]);
});

Deno.test("stats go by stats.json while the database has no counters of its own yet", async () => {
  using dir = new DataDir();
  Deno.writeTextFileSync(dir.file("stats.json"), JSON.stringify(OLD));
  await dir.store((store) => void store.jobs.enqueue(["1"], "bulk", Date.now()));
  const stats = await dir.json("stats");
  assertEquals([stats.jobs_processed, stats.queue], [50, { ready: 1, running: 0, waiting: 0 }]);
});

Deno.test("stats of nothing are zeros, without a file made", async () => {
  using dir = new DataDir();
  const stats = await dir.json("stats");
  assertEquals([stats.jobs_processed, stats.success_rate, stats.avg_processing_time], [0, 0, 0]);
  assertEquals([stats.p50_ms, stats.p95_ms, stats.oldest_at], [null, null, null]);
  assertStringIncludes(await dir.text("stats"), "none timed");
  assertEquals(dir.names(), []);
});

Deno.test("a damaged stats.json is an error only where it is all there is", async () => {
  using dir = new DataDir();
  Deno.writeTextFileSync(dir.file("stats.json"), '{"jobs_processed": 5');
  const { code, stdout, stderr } = await dir.run("stats");
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /^error: Cannot read .*stats\.json: .*\nhint: /);
  await dir.store((store) => fill(store, Date.now()));
  assertEquals((await dir.json("stats")).jobs_processed, 4);
});

Deno.test("stats --since counts single outcomes within the time alone", async () => {
  using dir = new DataDir();
  const now = Date.now();
  await dir.store((store) => fill(store, now));
  const day = await dir.json("stats", "--since", "24h");
  assertEquals(
    [day.jobs_processed, day.jobs_succeeded, day.jobs_failed, day.jobs_to_dlq],
    [3, 1, 2, 1],
  );
  assertEquals(day.errors_by_type, { PermanentError: 1, TransientError: 1 });
  assertEquals([day.high_confidence_matches, day.low_confidence_matches], [0, 1]);
  assertEquals([day.total_processing_time, day.p50_ms, day.p95_ms], [1.1, 300, 600]);
  assert(Math.abs(day.since_at as number - (day.now_at as number) + 24 * HOUR) < 1);
  const whole = await dir.json("stats", "--since", "7d");
  const all = await dir.json("stats");
  for (const key of Object.keys(OLD).filter((key) => key !== "session_start")) {
    assertEquals(whole[key], all[key], key);
  }
  assertEquals([whole.p50_ms, whole.p95_ms], [all.p50_ms, all.p95_ms]);
  assertEquals((await dir.json("stats", "--since", "1s")).jobs_processed, 0);
});

Deno.test("stats --prometheus is valid, complete, and zero where nothing happened yet", async () => {
  using dir = new DataDir();
  const now = Date.now();
  await dir.store((store) => fill(store, now));
  const families = readExposition(await dir.text("stats", "--prometheus"));
  const of = (name: string) => Object.fromEntries(families.get(`plexsync_${name}`)!.series);
  assertEquals(
    [of("up"), of("jobs_processed_total"), of("jobs_succeeded_total")].map((one) => one[""]),
    [0, 4, 2],
  );
  assertEquals(
    [of("jobs_failed_total"), of("jobs_dead_total"), of("processing_seconds_total")]
      .map((one) => one[""]),
    [2, 1, 1.2],
  );
  const zeros = Object.fromEntries(ERROR_TYPES.map((type) => [`type="${type}"`, 0]));
  assertEquals(of("errors_total"), {
    ...zeros,
    'type="PermanentError"': 1,
    'type="TransientError"': 1,
  });
  assertEquals(of("dead_letters"), { ...zeros, 'type="PermanentError"': 1 });
  assertEquals(of("matches_total"), { 'confidence="high"': 1, 'confidence="low"': 1 });
  assertEquals(of("queue_jobs"), {
    'state="ready"': 1,
    'state="running"': 0,
    'state="waiting"': 1,
  });
  const types = [...families].map(([name, { type }]) => [name, type]);
  assertEquals(Object.fromEntries(types), {
    plexsync_up: "gauge",
    plexsync_jobs_processed_total: "counter",
    plexsync_jobs_succeeded_total: "counter",
    plexsync_jobs_failed_total: "counter",
    plexsync_jobs_dead_total: "counter",
    plexsync_processing_seconds_total: "counter",
    plexsync_errors_total: "counter",
    plexsync_matches_total: "counter",
    plexsync_queue_jobs: "gauge",
    plexsync_dead_letters: "gauge",
    plexsync_oldest_job_age_seconds: "gauge",
  });
});

Deno.test("stats answer while a daemon runs, and say so", async () => {
  using dir = new DataDir();
  await dir.store(async (store) => {
    fill(store, Date.now());
    const lock = takeLock(dir.file("plexsync.lock"), { pid: 4711, since: 1_790_000_000_000 });
    try {
      const stats = await dir.json("stats");
      assertEquals(stats.daemon, { pid: 4711, since_at: 1_790_000_000_000 });
      const families = readExposition(await dir.text("stats", "--prometheus"));
      assertEquals(families.get("plexsync_up")!.series.get(""), 1);
    } finally {
      lock.release();
    }
  });
});

Deno.test("stats show the session beside all time", async () => {
  using dir = new DataDir();
  await dir.store((store) => fill(store, Date.now()));
  const session = { ...OLD, jobs_processed: 3, jobs_succeeded: 3, jobs_failed: 0 };
  Deno.writeTextFileSync(dir.file("stats.json"), JSON.stringify({ ...OLD, session }));
  const text = await dir.text("stats");
  assertMatch(text, /ALL TIME +LAST SESSION\n/);
  assertMatch(text, /Jobs processed +4 +3\n/);
  assertMatch(text, /succeeded +2 \(50\.0%\) +3 \(100\.0%\)\n/);
  assertMatch(text, /Dead letters +1 PermanentError\n/);
  assert(!text.includes("\x1b"), "colour off a terminal");
});

const WRONG: { args: string[]; says: string }[] = [
  { args: ["--watch"], says: "--watch needs a terminal" },
  { args: ["--json", "--prometheus"], says: "--json and --prometheus cannot be joined" },
  { args: ["--prometheus", "--since", "1h"], says: "--since and --prometheus cannot be joined" },
  { args: ["--since", "soon"], says: '--since must be a time such as 24h or 7d: it is "soon"' },
  { args: ["--since", "0"], says: "--since must be a time" },
  { args: ["all"], says: 'Unexpected "all"' },
];
for (const { args, says } of WRONG) {
  Deno.test(`stats ${args.join(" ")} is wrong usage`, async () => {
    using dir = new DataDir();
    const { code, stdout, stderr } = await dir.call("stats", ...args);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, says);
  });
}

Deno.test("stats --watch shows new figures every 2 s in the same place until interrupted", async () => {
  using dir = new DataDir();
  await dir.store((store) => fill(store, Date.now()));
  const terminal = fakeTerminal({
    env: { NO_COLOR: "1" },
    onSleep: (count, terminal) => {
      if (count === 3) return terminal.signal("SIGINT");
      return dir.store((store) => void store.jobs.enqueue([`9${count}`], "hook", 1));
    },
  });
  const code = await program(["stats", "--watch", "--data-dir", dir.path], terminal, FACES);
  assertEquals([code, terminal.err()], [0, ""]);
  assertEquals(terminal.slept, [2_000, 2_000, 2_000]);
  const [first, ...screens] = terminal.out;
  assertEquals(first, "\x1b[2J");
  assert(screens.every((screen) => screen.startsWith("\x1b[H") && screen.endsWith("\x1b[J")));
  assertEquals(screens.map((screen) => /(\d+) ready/.exec(screen)![1]), ["1", "2", "3"]);
});

for (
  const { env, colour } of [{ env: {}, colour: true }, { env: { NO_COLOR: "1" }, colour: false }]
) {
  Deno.test(`on a terminal stats have ${colour ? "" : "no "}colour with ${JSON.stringify(env)}`, async () => {
    using dir = new DataDir();
    const terminal = fakeTerminal({ env });
    assertEquals(await program(["stats", "--data-dir", dir.path], terminal, FACES), 0);
    assertEquals(terminal.out.join("").includes("\x1b["), colour);
  });
}

Deno.test("stats loads nothing that takes long to load and only a daemon needs", async () => {
  const entries = [
    "main.ts",
    "src/cli/frame/program.ts",
    "src/cli/service/find_service.ts",
    "src/cli/reports/stats_command.ts",
  ];
  const reached = await reachedModules(entries);
  assert(reached.includes("src/store/store.ts"), "nothing was followed");
  // Each of them costs 6 ms and more.
  const slow = reached.filter((name) =>
    /^node:(path|crypto|fs|https?|net|stream|process)$|^npm:(?!smol-toml)/.test(name)
  );
  assertEquals(slow, []);
});
