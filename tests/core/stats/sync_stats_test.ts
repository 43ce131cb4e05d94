import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ERROR_TYPES, type ErrorType } from "../../../src/core/failures/error_types.ts";
import type { Confidence } from "../../../src/core/stats/counters.ts";
import { COUNTS_AS, type OutcomeName } from "../../../src/core/jobs/outcome.ts";
import { type StatsJson, SyncStats } from "../../../src/core/stats/sync_stats.ts";

Deno.test("SyncStats gives 0, not NaN, before the first job", () => {
  const stats = new SyncStats(100);
  assertEquals([stats.successRate, stats.avgProcessingTime], [0, 0]);
  assertEquals(stats.toJSON().session_start, 100);
});

Deno.test("SyncStats counts successes, failures, dead letters, confidence and time", () => {
  const stats = new SyncStats(100);
  stats.recordSuccess(0.1, "high");
  stats.recordSuccess(0.2, "low");
  stats.recordSuccess(0, null);
  stats.recordFailure("TransientError", 0.5, false);
  stats.recordFailure("PlexNotFound", 0.2, true);
  assertEquals(stats.toJSON(), {
    jobs_processed: 5,
    jobs_succeeded: 3,
    jobs_failed: 2,
    jobs_to_dlq: 1,
    total_processing_time: 1,
    session_start: 100,
    errors_by_type: { TransientError: 1, PlexNotFound: 1 },
    high_confidence_matches: 1,
    low_confidence_matches: 1,
  });
  assertEquals([stats.successRate, stats.avgProcessingTime], [60, 0.2]);
});

const more = { duration_ms: 100, confidence: "high", error_type: "PlexNotFound" } as const;
const verdicts: { outcomes: OutcomeName[]; raises: Partial<StatsJson> }[] = [
  {
    outcomes: ["written", "unchanged", "skipped"],
    raises: { jobs_processed: 1, jobs_succeeded: 1, high_confidence_matches: 1 },
  },
  {
    outcomes: ["retry"],
    raises: { jobs_processed: 1, jobs_failed: 1, errors_by_type: { PlexNotFound: 1 } },
  },
  {
    outcomes: ["dead"],
    raises: {
      jobs_processed: 1,
      jobs_failed: 1,
      jobs_to_dlq: 1,
      errors_by_type: { PlexNotFound: 1 },
    },
  },
  { outcomes: ["waiting", "gone"], raises: {} },
];

for (const { outcomes, raises } of verdicts) {
  Deno.test(`SyncStats counts ${outcomes.join(", ")} as the verdict on it says`, () => {
    for (const outcome of outcomes) {
      const stats = new SyncStats(100);
      stats.record({ ...more, outcome });
      const time = raises.jobs_processed === undefined ? 0 : 0.1;
      const want = { ...new SyncStats(100).toJSON(), ...raises, total_processing_time: time };
      assertEquals(stats.toJSON(), want, outcome);
    }
  });
}

Deno.test("SyncStats counts an outcome many times as often as one by one", () => {
  for (const outcome of Object.keys(COUNTS_AS) as OutcomeName[]) {
    const [atOnce, each] = [new SyncStats(100), new SyncStats(100)];
    atOnce.record({ ...more, outcome }, 3);
    for (let n = 0; n < 3; n++) each.record({ ...more, outcome });
    assertEquals(atOnce.toJSON(), each.toJSON(), outcome);
  }
});

type Step = { ok: Confidence | null } | { type: ErrorType; dlq: boolean };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ ok: fc.constantFrom<Confidence | null>("high", "low", null) }),
  fc.record({ type: fc.constantFrom(...ERROR_TYPES), dlq: fc.boolean() }),
);
const timed = fc.tuple(step, fc.integer({ min: 0, max: 9_999 }));

function play(stats: SyncStats, steps: readonly [Step, number][]): SyncStats {
  for (const [what, ms] of steps) {
    if ("ok" in what) stats.recordSuccess(ms / 1000, what.ok);
    else stats.recordFailure(what.type, ms / 1000, what.dlq);
  }
  return stats;
}

Deno.test("property: sessions of any split add up to the whole", () => {
  fc.assert(fc.property(fc.array(timed), fc.nat(50), (steps, at) => {
    const whole = play(new SyncStats(5), steps);
    const first = play(new SyncStats(5), steps.slice(0, at));
    const second = play(new SyncStats(9), steps.slice(at));
    assertEquals(whole.since({ ...first.toJSON(), session_start: 9 }), second.toJSON());
    const loaded = new SyncStats(9, JSON.parse(JSON.stringify(first)));
    assertEquals(play(loaded, steps.slice(at)).toJSON(), whole.toJSON());
  }));
});

Deno.test("property: saving and loading any number of times changes nothing", () => {
  fc.assert(fc.property(fc.array(timed), (steps) => {
    const once = play(new SyncStats(5), steps).toJSON();
    const again = new SyncStats(77, JSON.parse(JSON.stringify(new SyncStats(66, once))));
    assertEquals(again.toJSON(), once);
  }));
});
