import { assertEquals, assertThrows } from "@std/assert";
import { mergeAttempts } from "../../../src/core/jobs/attempt.ts";
import type { Attempt, Disposition } from "../../../src/core/jobs/job.ts";
import { emptyMemory } from "../../../src/core/sync/memory.ts";

function part(item: string, disposition: Disposition, changes: Partial<Attempt> = {}): Attempt {
  return {
    job: { id: 1, scene_id: "7", generation: 1, lease_owner: "me", retry_count: 0 },
    disposition,
    durationMs: 10,
    confidence: "high",
    items: [item],
    changedFields: [],
    leftOut: [],
    errorType: null,
    errorMessage: null,
    path: null,
    hint: null,
    stackTrace: null,
    candidates: [],
    seen: [],
    origins: [],
    written: [],
    released: [],
    ...changes,
  };
}

const WRITTEN: Disposition = { to: "done", outcome: "written" };
const UNCHANGED: Disposition = { to: "done", outcome: "unchanged" };
const RETRY: Disposition = { to: "retry", at: 5 };
const BACK: Disposition = { to: "back", at: 5 };
const WAITING: Disposition = { to: "waiting", at: 5, files: [] };
const DEAD: Disposition = { to: "dead" };

const cases: { ends: Disposition[]; want: Disposition }[] = [
  { ends: [WRITTEN, UNCHANGED], want: WRITTEN },
  { ends: [UNCHANGED, WRITTEN], want: WRITTEN },
  { ends: [UNCHANGED, UNCHANGED], want: UNCHANGED },
  { ends: [WRITTEN, DEAD], want: DEAD },
  { ends: [DEAD, WAITING], want: WAITING },
  { ends: [WAITING, RETRY], want: RETRY },
  { ends: [DEAD, RETRY], want: RETRY },
  { ends: [RETRY, BACK], want: BACK },
];
for (const { ends, want } of cases) {
  const words = ends.map((end) => end.to === "done" ? end.outcome : end.to).join(" and ");
  Deno.test(`mergeAttempts() of ${words} ends with the worst that can still be mended`, () => {
    const merged = mergeAttempts(ends.map((end, index) => part(String(index), end)));
    assertEquals(merged.disposition, want);
  });
}

Deno.test("mergeAttempts() joins items, fields and memories, and takes the lowest confidence", () => {
  const merged = mergeAttempts([
    part("1", WRITTEN, {
      changedFields: ["title", "tags"],
      written: [emptyMemory("7", "1")],
      durationMs: 30,
    }),
    part("2", RETRY, {
      confidence: "low",
      changedFields: ["tags", "date"],
      errorType: "TransientError",
      errorMessage: "no answer",
    }),
  ]);
  assertEquals(merged.items, ["1", "2"]);
  assertEquals(merged.changedFields, ["title", "tags", "date"]);
  assertEquals(merged.written, [emptyMemory("7", "1")]);
  assertEquals([merged.confidence, merged.errorMessage, merged.durationMs], [
    "low",
    "no answer",
    30,
  ]);
});

Deno.test("mergeAttempts() refuses an attempt that did nothing at all", () => {
  assertThrows(() => mergeAttempts([]), RangeError);
});
