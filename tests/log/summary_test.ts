import { assertEquals } from "@std/assert";
import {
  deadLine,
  deadStartLines,
  logSummary,
  type SummaryCounts,
  summaryLine,
  summaryStats,
} from "../../src/log/summary.ts";
import { collect } from "./harness.ts";

const COUNTS: SummaryCounts = {
  processed: 50,
  succeeded: 48,
  failed: 2,
  toDlq: 1,
  totalMs: 6_150,
  highConfidence: 47,
  lowConfidence: 1,
  errorsByType: { PlexNotFound: 1, TransientError: 1 },
};
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
  const none = { ...COUNTS, processed: 0, succeeded: 0, failed: 0, toDlq: 0, totalMs: 0 };
  assertEquals(
    summaryLine({ ...none, highConfidence: 0, lowConfidence: 0 }),
    "Sync summary: 0/0 succeeded (0.0%), avg 0ms, confidence: 0 high / 0 low",
  );
  const { success_rate, avg_time_ms } = summaryStats(none, {});
  assertEquals([success_rate, avg_time_ms], ["0.0%", 0]);
});

Deno.test("deadLine() counts only what is there, the most frequent first, then by name", () => {
  assertEquals(deadLine({ b: 1, a: 1, none: 0 }), "DLQ contains 2 items: 1 a, 1 b");
  assertEquals(deadLine({ none: 0 }), undefined);
});

Deno.test("deadStartLines() lists the newest with messages cut at 80 characters", () => {
  const letter = { id: 7, sceneId: "12", errorType: "PlexNotFound", errorMessage: "No item" };
  const long = { ...letter, id: 6, errorMessage: "😀".repeat(81) };
  assertEquals(deadStartLines(9, [letter, long]), [
    "DLQ contains 9 failed jobs requiring review",
    "DLQ #7: scene 12 - PlexNotFound: No item",
    `DLQ #6: scene 12 - PlexNotFound: ${"😀".repeat(80)}`,
  ]);
  assertEquals(deadStartLines(0, []), []);
});
