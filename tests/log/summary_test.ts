import { assert, assertEquals } from "@std/assert";
import {
  type DeadLetterLine,
  deadLine,
  logDeadLetters,
  logFigures,
  logSummary,
  summaryLine,
  summaryStats,
} from "../../src/log/summary.ts";
import { NO_STATS, STATS as COUNTS } from "../daemon/samples.ts";
import { collect } from "./harness.ts";

const DEAD = { PermanentError: 2, PlexNotFound: 3 };

const SUMMARY = "Sync summary: 48/50 succeeded (96.0%), avg 123ms, confidence: 47 high / 1 low";
const STATS = '{"processed":50,"succeeded":48,"failed":2,"to_dlq":1,"success_rate":"96.0%",' +
  '"avg_time_ms":123,"high_confidence":47,"low_confidence":1,' +
  '"errors_by_type":{"PlexNotFound":1,"TransientError":1},' +
  '"dlq":{"PermanentError":2,"PlexNotFound":3}';

Deno.test("logSummary() writes three lines in text, byte for byte", () => {
  const { log, lines } = collect();
  logSummary(log, COUNTS, DEAD);
  assertEquals(lines, [
    `\x01i\x02[PlexSync Worker] ${SUMMARY}\n`,
    `\x01i\x02[PlexSync Stats] ${STATS}}\n`,
    "\x01w\x02[PlexSync Worker] DLQ contains 5 items: 3 PlexNotFound, 2 PermanentError\n",
  ]);
});

Deno.test("logSummary() says nothing of dead letters when there are none", () => {
  const { log, lines } = collect();
  logSummary(log, COUNTS, {});
  assertEquals(lines.length, 2);
});

Deno.test("logSummary() writes only the JSON line in JSON format, with what every record has", () => {
  const { log, lines } = collect({ format: "json" });
  logSummary(log, COUNTS, DEAD);
  assertEquals(lines, [
    `\x01i\x02[PlexSync Stats] ${STATS},"level":"info","component":"Stats","event":"summary"}\n`,
  ]);
});

Deno.test("a summary of no jobs has zeros and no NaN", () => {
  assertEquals(
    summaryLine(NO_STATS),
    "Sync summary: 0/0 succeeded (0.0%), avg 0ms, confidence: 0 high / 0 low",
  );
  const { success_rate, avg_time_ms } = summaryStats(NO_STATS, {});
  assertEquals([success_rate, avg_time_ms], ["0.0%", 0]);
});

Deno.test("deadLine() counts only what is there, the most frequent first, then by name", () => {
  assertEquals(deadLine({ b: 1, a: 1, none: 0 }), "DLQ contains 2 items: 1 a, 1 b");
  assertEquals(deadLine({ none: 0 }), undefined);
});

const LETTER: DeadLetterLine = {
  id: 7,
  sceneId: "12",
  errorType: "PlexNotFound",
  errorMessage: "No item",
  path: null,
};

Deno.test("logDeadLetters() says how many there are and lists the newest", () => {
  const { log, lines } = collect();
  logDeadLetters(log, 9, [LETTER, { ...LETTER, id: 6, errorMessage: "😀".repeat(81) }]);
  assertEquals(lines, [
    "\x01w\x02[PlexSync Worker] DLQ contains 9 failed jobs requiring review\n",
    "\x01w\x02[PlexSync Worker] DLQ #7: scene 12 - PlexNotFound: No item\n",
    `\x01w\x02[PlexSync Worker] DLQ #6: scene 12 - PlexNotFound: ${"😀".repeat(80)}\n`,
  ]);
});

Deno.test("logDeadLetters() says nothing when there are none", () => {
  const { log, lines } = collect();
  logDeadLetters(log, 0, []);
  assertEquals(lines, []);
});

Deno.test("logDeadLetters() hides paths when asked, also one that the cut goes through", () => {
  const path = `/data/${"Studio/".repeat(20)}film.mp4`;
  for (const format of ["text", "json"] as const) {
    const { log, lines } = collect({ format, obfuscatePaths: true, pathSalt: "s" });
    logDeadLetters(log, 1, [{ ...LETTER, errorMessage: `Plex has no ${path}`, path }]);
    for (const line of lines) assert(!/data|Studio|film/.test(line), line);
  }
});

Deno.test("logDeadLetters() gives JSON records the scene and the type as fields", () => {
  const { log, lines } = collect({ format: "json", target: "file" });
  logDeadLetters(log, 1, [LETTER]);
  const [all, one] = lines.map((line) => JSON.parse(line));
  assertEquals([all.event, all.count], ["dead_letters", 1]);
  assertEquals([one.event, one.scene_id, one.error_type], ["dead_letter", "12", "PlexNotFound"]);
});

Deno.test("logFigures() says at debug what the index holds and what waits", () => {
  const figures = { items: 9, files: 11, found: 7, missed: 2, ready: 3, running: 1, waiting: 4 };
  const text = collect();
  logFigures(text.log, figures);
  assertEquals(text.lines, [
    "\x01d\x02[PlexSync Worker] Index: 9 items, 11 files; matched: 7 found, 2 missed; " +
    "queue: 3 ready, 1 running, 4 waiting\n",
  ]);
  const json = collect({ format: "json", target: "file" });
  logFigures(json.log, figures);
  const { ts: _ts, level, component: _component, event, message: _message, ...fields } = JSON.parse(
    json.lines[0]!,
  );
  assertEquals([level, event, fields], ["debug", "figures", figures]);
});
