import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Attempt } from "../../src/core/jobs/job.ts";
import type { LogFormat } from "../../src/config/config.ts";
import { Summaries } from "../../src/daemon/summaries.ts";
import type { LogOptions } from "../../src/log/logger.ts";
import { Store } from "../../src/store/store.ts";
import { collect } from "../log/harness.ts";
import { attempt, back, claimed, dead, done, indexed, retry, waiting } from "../store/samples.ts";
import { type StoreTest, storeTest } from "../store/temp_store.ts";
import { countersIn, NOW } from "./samples.ts";
import { TARGET, TARGETS } from "../one_target.ts";

const HIGH = { confidence: "high", items: ["7"] } as const;
const PREFIX = "\x01i\x02[PlexSync Worker] ";

/** A daemon's summaries over a real store, its log lines, and jobs that are settled as asked. */
function rig({ store, folder }: StoreTest, interval: number, log: Partial<LogOptions> = {}) {
  store.totals.takeOver(null, NOW / 1000 - 100);
  const { log: to, lines } = collect({ level: "info", ...log });
  const path = folder.file("stats.json");
  const clock = { now: NOW, stepMs: 1_000 };
  const summaries = new Summaries(store, to, path, interval, () => clock.now);
  let scenes = 0;
  const settle = (
    ...ends: (Omit<Partial<Attempt>, "disposition"> & Pick<Attempt, "disposition">)[]
  ) => {
    const attempts = ends.map(({ disposition, ...more }) =>
      attempt(claimed(store, `s${++scenes}`, NOW), disposition, more)
    );
    clock.now += clock.stepMs;
    summaries.settled(store.settlement.settle(attempts, NOW).settled);
  };
  return { summaries, lines, path, settle, clock };
}

const WRITTEN = { disposition: done("written"), ...HIGH };

storeTest("Summaries says one every so many jobs, and the rest at the end", (test) => {
  const { summaries, lines, settle } = rig(test, 10);
  const summariesIn = () => lines.filter((line) => line.includes("Sync summary")).length;
  for (let n = 1; n <= 25; n++) {
    settle(WRITTEN);
    assertEquals(summariesIn(), Math.floor(n / 10), `after ${n}`);
    summaries.idle();
  }
  summaries.end();
  assertEquals(summariesIn(), 3);
});

storeTest("Summaries says at most one per batch, and none at the end when all is said", (test) => {
  const { summaries, lines, settle } = rig(test, 10);
  settle(...new Array(50).fill(WRITTEN));
  summaries.end();
  assertEquals(lines.filter((line) => line.includes("Sync summary")).length, 1);
  assertEquals(lines.length, 2);
});

storeTest("Summaries counts neither what waits, nor what is given back or gone", (test) => {
  const { summaries, lines, settle } = rig(test, 1);
  settle(
    { disposition: waiting(NOW + 60_000) },
    { disposition: back(NOW + 60_000) },
    { disposition: done("gone") },
  );
  summaries.end();
  assertEquals(lines, []);
});

storeTest("Summaries says all-time figures and dead letters by type", (test) => {
  const { lines, settle } = rig(test, 4);
  settle(WRITTEN, { ...WRITTEN, confidence: "low" }, {
    disposition: retry(NOW + 60_000),
    errorType: "TransientError",
  });
  settle({ disposition: dead, errorType: "PlexNotFound" }, {
    disposition: dead,
    errorType: "PlexNotFound",
  }, { disposition: dead, errorType: "PermanentError" });
  assertEquals(lines, [
    `${PREFIX}Sync summary: 2/6 succeeded (33.3%), avg 100ms, confidence: 1 high / 1 low\n`,
    '\x01i\x02[PlexSync Stats] {"processed":6,"succeeded":2,"failed":4,"to_dlq":3,' +
    '"success_rate":"33.3%","avg_time_ms":100,"high_confidence":1,"low_confidence":1,' +
    '"errors_by_type":{"PermanentError":1,"PlexNotFound":2,"TransientError":1},' +
    '"dlq":{"PlexNotFound":2,"PermanentError":1}}\n',
    "\x01w\x02[PlexSync Worker] DLQ contains 3 items: 2 PlexNotFound, 1 PermanentError\n",
  ]);
});

storeTest("Summaries says only the JSON line in JSON format", (test) => {
  const { lines, settle } = rig(test, 1, { format: "json" });
  settle({ disposition: dead });
  assertEquals(lines.length, 1);
  const { event, processed, to_dlq, dlq } = JSON.parse(lines[0]!.slice(lines[0]!.indexOf("{")));
  assertEquals([event, processed, to_dlq, dlq], ["summary", 1, 1, { TransientError: 1 }]);
});

storeTest("Summaries asks for the dead letters of a summary in one query", (test) => {
  const { database } = test.store;
  const asked: string[] = [];
  const store = new Store({
    ...database,
    prepare(sql) {
      asked.push(sql);
      return database.prepare(sql);
    },
  }, TARGETS);
  const { settle } = rig({ ...test, store }, 5);
  settle(...new Array(4).fill({ disposition: dead }));
  asked.length = 0;
  settle({ disposition: dead });
  const reads = asked.filter((sql) => /^\s*SELECT[^]*dead_letters/i.test(sql));
  assertEquals(reads.length, 1, reads.join("\n"));
  assertMatch(reads[0]!, /GROUP BY error_type/);
});

for (const format of ["text", "json"] as LogFormat[]) {
  storeTest(`Summaries adds the figures of index and queue at debug (${format})`, (test) => {
    test.store.of(TARGET).index.put(
      [indexed("7", "/a"), indexed("7", "/b"), indexed("8", "/c")],
      NOW,
    );
    const { lines, settle } = rig(test, 2, { level: "debug", format, target: "file" });
    settle(WRITTEN, WRITTEN, { disposition: waiting(NOW + 60_000), errorType: "PlexNotFound" }, {
      disposition: retry(NOW + 60_000),
    });
    const figures = lines.find((line) => line.includes("Index:"))!;
    assert(
      figures.includes(
        "Index: 2 items, 3 files; matched: 2 found, 1 missed; queue: 1 ready, 0 running, 1 waiting",
      ),
      figures,
    );
    const quiet = rig(test, 1, { format });
    quiet.settle(WRITTEN);
    assertEquals(quiet.lines.find((line) => line.includes("Index:")), undefined);
  });
}

storeTest("Summaries writes stats.json at every summary, when idle, and at the end", (test) => {
  const { summaries, path, settle } = rig(test, 2);
  const processed = () => countersIn(path).jobs_processed;
  summaries.idle();
  assertEquals(processed(), 0);
  settle(WRITTEN);
  assertEquals(processed(), 0);
  settle(WRITTEN);
  assertEquals(processed(), 2);
  settle(WRITTEN);
  summaries.idle();
  assertEquals(processed(), 3);
  settle(WRITTEN);
  settle(WRITTEN);
  summaries.end();
  assertEquals(processed(), 5);
});

storeTest("stats.json is written once a second at most, and what is left at the end", (test) => {
  const { summaries, path, settle, clock } = rig(test, 1);
  const processed = () => countersIn(path).jobs_processed;
  clock.stepMs = 400;
  const seen = [];
  for (let i = 0; i < 7; i++) {
    settle(WRITTEN);
    summaries.idle();
    seen.push(processed());
  }
  assertEquals(seen, [1, 1, 1, 4, 4, 4, 7]);
  settle(WRITTEN);
  summaries.end();
  assertEquals(processed(), 8);
});

storeTest("stats.json says what the database says, and what this session did", (test) => {
  const first = rig(test, 1);
  first.settle(WRITTEN, { disposition: retry(NOW + 60_000), errorType: "TransientError" });
  const second = rig(test, 1);
  second.settle(WRITTEN, { disposition: dead, errorType: "PlexNotFound", durationMs: 333 });
  const { store } = test;
  assertEquals(countersIn(second.path), store.totals.read());
  const { session, session_start } = JSON.parse(Deno.readTextFileSync(second.path));
  assertEquals(session_start, NOW / 1000 - 100);
  assertEquals(session, {
    jobs_processed: 2,
    jobs_succeeded: 1,
    jobs_failed: 1,
    jobs_to_dlq: 1,
    total_processing_time: 0.433,
    session_start: NOW / 1000,
    errors_by_type: { PlexNotFound: 1 },
    high_confidence_matches: 1,
    low_confidence_matches: 0,
  });
});

storeTest("a snapshot that cannot be written is said once, and the next one works", (test) => {
  const { store, folder } = test;
  Deno.mkdirSync(folder.file("data"));
  const { log, lines } = collect({ level: "warning", target: "file", format: "json" });
  const path = folder.file("data/stats.json");
  store.totals.takeOver(null, NOW / 1000);
  let now = NOW;
  const summaries = new Summaries(store, log, path, 1, () => now += 1_000);
  const work = (scene: string) => {
    const attempts = [attempt(claimed(store, scene, NOW), done("written"), HIGH)];
    summaries.settled(store.settlement.settle(attempts, NOW).settled);
  };
  work("1");
  Deno.removeSync(folder.file("data"), { recursive: true });
  for (const scene of ["2", "3", "4"]) work(scene);
  summaries.idle();
  assertEquals(lines.length, 1);
  const { level, event, file, hint } = JSON.parse(lines[0]!);
  assertEquals([level, event, file], ["error", "stats_failed", path]);
  assertMatch(hint, /disk space/);
  assertEquals(store.totals.read().jobs_processed, 4);

  Deno.mkdirSync(folder.file("data"));
  summaries.idle();
  assertEquals(countersIn(path).jobs_processed, 4);
  Deno.removeSync(folder.file("data"), { recursive: true });
  work("5");
  assertEquals(lines.length, 2, "a new trouble is said anew");
});

storeTest("Summaries says that the snapshot was damaged while it ran, and rebuilds it", (test) => {
  const { path, settle, lines } = rig(test, 1);
  settle(WRITTEN);
  Deno.writeTextFileSync(path, "{");
  settle(WRITTEN);
  assertEquals(countersIn(path).jobs_processed, 2);
  const warnings = lines.filter((line) => line.startsWith("\x01w"));
  assertEquals(warnings.length, 1);
  assert(warnings[0]!.includes("stats.json was damaged (it is no JSON)"), warnings[0]);
});
