import { assert, assertEquals } from "@std/assert";
import { HINTS } from "../../src/core/failures/hints.ts";
import { FLOOD_WINDOW_MS } from "../../src/core/text/flood.ts";
import type { Attempt, SettleResult } from "../../src/core/jobs/job.ts";
import { OutcomeLog } from "../../src/worker/outcome_log.ts";
import { collect } from "../log/harness.ts";

const NOW = 1_000_000;
const PATH = "/media/Studio/a b.mp4";

function attemptOf(facts: Partial<Attempt>): Attempt {
  return {
    job: { id: 3, scene_id: "12", generation: 1, lease_owner: "me", retry_count: 1 },
    disposition: { to: "done", outcome: "unchanged" },
    durationMs: 120.4,
    confidence: null,
    items: [],
    changedFields: [],
    leftOut: [],
    errorType: null,
    errorMessage: null,
    path: null,
    hint: null,
    stackTrace: null,
    candidates: [],
    written: [],
    seen: [],
    origins: [],
    released: [],
    ...facts,
  };
}

const MATCHED = { confidence: "high", items: ["77"], path: PATH } as const;
const BUSY = {
  ...MATCHED,
  errorType: "PlexTemporaryError",
  errorMessage: "Plex answered 500",
  hint: HINTS.PlexTemporaryError,
} as const;
const MISSING = {
  errorType: "PlexNotFound",
  errorMessage: `Plex has no item with the file ${PATH}`,
  path: PATH,
  hint: HINTS.PlexNotFound,
} as const;

const RETRY = attemptOf({ ...BUSY, disposition: { to: "retry", at: NOW + 4_200 } });
const DEAD = attemptOf({ ...MISSING, disposition: { to: "dead" } });

/** Level byte, text, and the fields of the JSON form beside those that all failures have. */
const LINES: { what: string; attempt: Attempt; text: string; json: Record<string, unknown> }[] = [
  {
    what: "written at info, with what was changed",
    attempt: attemptOf({
      ...MATCHED,
      disposition: { to: "done", outcome: "written" },
      changedFields: ["title", "tags"],
    }),
    text: "\x01i\x02[PlexSync Worker] Scene 12: wrote title, tags job_id=3 attempt=2 " +
      `rating_key=77 confidence=high path="${PATH}" duration_ms=120`,
    json: { event: "job_written", level: "info", changed: ["title", "tags"], rating_key: "77" },
  },
  {
    what: "unchanged at debug",
    attempt: attemptOf(MATCHED),
    text: "\x01d\x02[PlexSync Worker] Scene 12: already equal job_id=3 attempt=2 " +
      `rating_key=77 confidence=high path="${PATH}" duration_ms=120`,
    json: { event: "job_unchanged", level: "debug", confidence: "high", path: PATH },
  },
  {
    what: "skipped at debug, with the reason",
    attempt: attemptOf({
      disposition: { to: "done", outcome: "skipped" },
      errorMessage: "no metadata",
    }),
    text: "\x01d\x02[PlexSync Worker] Scene 12: skipped: no metadata job_id=3 attempt=2 " +
      "duration_ms=120",
    json: { event: "job_skipped", level: "debug" },
  },
  {
    what: "gone at debug",
    attempt: attemptOf({ disposition: { to: "done", outcome: "gone" } }),
    text: "\x01d\x02[PlexSync Worker] Scene 12: deleted in Stash job_id=3 attempt=2 " +
      "duration_ms=120",
    json: { event: "job_gone", level: "debug" },
  },
  {
    what: "waiting at debug, with the path that was looked for",
    attempt: attemptOf({ ...MISSING, disposition: { to: "waiting", at: NOW + 30_000, files: [] } }),
    text: "\x01d\x02[PlexSync Worker] Scene 12: waits for Plex: PlexNotFound: " +
      `Plex has no item with the file ${PATH} job_id=3 attempt=2 hint="${HINTS.PlexNotFound}" ` +
      "duration_ms=120 retry_in_ms=30000",
    json: { event: "job_waiting", level: "debug", retry_in_ms: 30_000, path: PATH },
  },
  {
    what: "back at debug",
    attempt: attemptOf({ disposition: { to: "back", at: NOW } }),
    text: "\x01d\x02[PlexSync Worker] Scene 12: given back: not begun job_id=3 attempt=2 " +
      "duration_ms=120",
    json: { event: "job_back", level: "debug" },
  },
  {
    what: "retry at info, with the time until then",
    attempt: RETRY,
    text: "\x01i\x02[PlexSync Worker] Scene 12: attempt 2 failed: PlexTemporaryError: " +
      "Plex answered 500; the next in 4.2s job_id=3 rating_key=77 confidence=high " +
      `path="${PATH}" hint="${HINTS.PlexTemporaryError}" duration_ms=120`,
    json: {
      event: "job_retry",
      level: "info",
      attempt: 2,
      retry_in_ms: 4_200,
      error_type: "PlexTemporaryError",
      error_message: "Plex answered 500",
      path: PATH,
      hint: HINTS.PlexTemporaryError,
    },
  },
  {
    what: "dead at error",
    attempt: DEAD,
    text: "\x01e\x02[PlexSync Worker] Scene 12: given up after attempt 2: PlexNotFound: " +
      `Plex has no item with the file ${PATH} job_id=3 hint="${HINTS.PlexNotFound}" ` +
      "duration_ms=120",
    json: {
      event: "job_dead",
      level: "error",
      attempt: 2,
      error_type: "PlexNotFound",
      path: PATH,
      hint: HINTS.PlexNotFound,
    },
  },
];

function ends(settled: Attempt[]): SettleResult {
  return { settled, again: [], late: [] };
}

for (const { what, attempt, text, json } of LINES) {
  Deno.test(`OutcomeLog says ${what}`, () => {
    const asText = collect();
    new OutcomeLog(asText.log).batch(ends([attempt]), NOW);
    assertEquals(asText.lines, [`${text}\n`]);
    const asJson = collect({ format: "json", target: "file" });
    new OutcomeLog(asJson.log).batch(ends([attempt]), NOW);
    const record = JSON.parse(asJson.lines[0]!);
    const want = { job_id: 3, scene_id: "12", attempt: 2, duration_ms: 120, ...json };
    for (const [name, value] of Object.entries(want)) assertEquals(record[name], value, name);
  });
}

Deno.test("OutcomeLog names scene, path, type and hint of a failure once each in a text line", () => {
  for (const attempt of [RETRY, DEAD]) {
    const { log, lines } = collect();
    new OutcomeLog(log).batch(ends([attempt]), NOW);
    for (const fact of [PATH, attempt.errorType!, attempt.hint!, attempt.errorMessage!, "12:"]) {
      assertEquals(lines[0]!.split(fact).length, 2, fact);
    }
  }
});

Deno.test("OutcomeLog hides paths when asked, in message and field", () => {
  for (const format of ["text", "json"] as const) {
    const { log, lines } = collect({ format, obfuscatePaths: true, pathSalt: "s" });
    new OutcomeLog(log).batch(ends(LINES.map(({ attempt }) => attempt)), NOW);
    for (const line of lines) assert(!/media|Studio|a b\.mp4/.test(line), line);
  }
});

Deno.test("OutcomeLog keeps path and hint of a failure whose message is endless", () => {
  const { log, lines } = collect();
  const errorMessage = `${"x".repeat(100_000)} ${PATH}`;
  new OutcomeLog(log).batch(ends([{ ...DEAD, errorMessage }]), NOW);
  for (const fact of [`path="${PATH}"`, HINTS.PlexNotFound]) assert(lines[0]!.includes(fact), fact);
});

Deno.test("OutcomeLog says at debug that a late attempt changed nothing", () => {
  const { log, lines } = collect();
  new OutcomeLog(log).batch({ ...ends([]), late: [DEAD] }, NOW);
  assertEquals(lines.length, 1);
  assert(lines[0]!.startsWith("\x01d\x02[PlexSync Worker] Scene 12: settled too late"), lines[0]);
});

Deno.test("no job whose scene changed meanwhile is said to be given up, or to come later", () => {
  for (const attempt of [DEAD, RETRY]) {
    const { log, lines } = collect();
    new OutcomeLog(log).batch({ ...ends([attempt]), again: [attempt] }, NOW);
    assert(lines[0]!.startsWith("\x01i\x02"), lines[0]);
    assert(
      /attempt 2 failed: .*; the scene changed meanwhile, so it runs/.test(lines[0]!),
      lines[0],
    );
    assert(!/given up|the next in/.test(lines[0]!), lines[0]);
    const json = collect({ format: "json", target: "file" });
    new OutcomeLog(json.log).batch({ ...ends([attempt]), again: [attempt] }, NOW);
    assertEquals(JSON.parse(json.lines[0]!).event, "job_retry");
  }
});

Deno.test("a failure of 10,000 jobs is said five times, then once with a count", () => {
  const { log, lines } = collect({ level: "info" });
  const outcomes = new OutcomeLog(log);
  for (let batch = 0; batch < 200; batch++) {
    outcomes.batch(ends(new Array(50).fill(RETRY)), NOW + batch);
  }
  assertEquals(lines.length, 5);
  outcomes.tick(NOW + FLOOD_WINDOW_MS - 1);
  assertEquals(lines.length, 5);
  outcomes.tick(NOW + FLOOD_WINDOW_MS);
  assertEquals(lines.slice(5), [
    "\x01w\x02[PlexSync Worker] … and 9995 more in the last minute (PlexTemporaryError) " +
    "repeated=job_retry\n",
  ]);
});

Deno.test("the count of a flood has fixed fields in JSON, and is told at the end too", () => {
  const { log, lines } = collect({ level: "info", format: "json", target: "file" });
  const outcomes = new OutcomeLog(log);
  outcomes.batch(ends(new Array(7).fill(DEAD)), NOW);
  outcomes.end(NOW + 2_500);
  const { ts: _ts, ...last } = JSON.parse(lines.at(-1)!);
  assertEquals(last, {
    level: "error",
    component: "Worker",
    event: "repeated",
    message: "… and 2 more in 2.5s (PlexNotFound)",
    repeated: "job_dead",
    error_type: "PlexNotFound",
    count: 2,
    duration_ms: 2_500,
  });
  outcomes.end(NOW + 5_000);
  assertEquals(lines.length, 6);
});

Deno.test("one flood does not hide failures of another type, nor what was written", () => {
  const { log, lines } = collect({ level: "info" });
  const written = LINES[0]!.attempt;
  const flood = new Array(50).fill(RETRY);
  new OutcomeLog(log).batch(ends([...flood, DEAD, ...new Array(20).fill(written)]), NOW);
  assertEquals(lines.length, 5 + 1 + 20);
});

Deno.test("what a flood hides at warning is there at debug: one line per outcome", () => {
  const { log, lines } = collect();
  new OutcomeLog(log).batch(ends(new Array(50).fill(RETRY)), NOW);
  assertEquals(lines.length, 50);
  assertEquals(lines.filter((line) => line.startsWith("\x01d")).length, 45);
});

const TIMING = {
  jobs: 50,
  claimMs: 2,
  gatherMs: 120,
  writeMs: 3_400,
  confirmMs: 80,
  settleMs: 9,
};

Deno.test("OutcomeLog says at debug how long the steps of a batch took", () => {
  const { log, lines } = collect();
  new OutcomeLog(log).timing(TIMING, NOW);
  assertEquals(lines, [
    "\x01d\x02[PlexSync Worker] Batch of 50 jobs: claim 2ms, gather 120ms, write 3.4s, " +
    "confirm 80ms, settle 9ms duration_ms=3611\n",
  ]);
  const json = collect({ format: "json", target: "file" });
  new OutcomeLog(json.log).timing(TIMING, NOW);
  const record = JSON.parse(json.lines[0]!);
  assertEquals([record.event, record.gather_ms, record.write_ms], ["batch", 120, 3_400]);
});

Deno.test("a step of more than 10 s is a warning, once a minute", () => {
  const { log, lines } = collect({ level: "info" });
  const outcomes = new OutcomeLog(log);
  outcomes.timing({ ...TIMING, writeMs: 10_000 }, NOW);
  assertEquals(lines, []);
  for (let batch = 0; batch < 3; batch++) outcomes.timing({ ...TIMING, writeMs: 12_400 }, NOW);
  outcomes.timing({ ...TIMING, gatherMs: 11_000 }, NOW);
  outcomes.tick(NOW + FLOOD_WINDOW_MS);
  assertEquals(lines, [
    "\x01w\x02[PlexSync Worker] Slow: write took 12.4s for 50 jobs\n",
    "\x01w\x02[PlexSync Worker] Slow: gather took 11s for 50 jobs\n",
    "\x01w\x02[PlexSync Worker] … and 2 more in the last minute (write) repeated=slow_step\n",
  ]);
});
