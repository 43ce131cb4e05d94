import { assertEquals } from "@std/assert";
import { firstStep, RANGES, timeline } from "../../../src/core/stats/timeline.ts";

const NOW = Date.UTC(2026, 0, 31, 12, 0, 30);
const HOUR_MS = 3_600_000;

for (
  const { range, steps } of [
    { range: "1h", steps: 61 },
    { range: "24h", steps: 25 },
    { range: "30d", steps: 121 },
  ] as const
) {
  Deno.test(`timeline() over ${range} has each step once, up to now`, () => {
    const shown = timeline([], range, NOW);
    assertEquals(shown.length, steps);
    assertEquals(shown[0]!.at, firstStep(range, NOW));
    assertEquals(shown.at(-1)!.at, NOW - NOW % RANGES[range].stepMs);
    assertEquals(shown[0]!.rates, { written: 0, unchanged: 0, skipped: 0, retry: 0, dead: 0 });
    assertEquals([shown[0]!.p50_ms, shown[0]!.p95_ms], [null, null]);
  });
}

Deno.test("timeline() tells jobs per minute by outcome, and how long one took", () => {
  const at = firstStep("30d", NOW) + 6 * HOUR_MS;
  const [step] = timeline(
    [
      { at, outcomes: { written: 300, waiting: 7 }, durations: [[10, 120], [400, 180]] },
      { at: at + HOUR_MS, outcomes: { written: 60, dead: 18 }, durations: [[20, 78]] },
    ],
    "30d",
    NOW,
  ).filter((each) => each.p50_ms !== null);
  assertEquals(step, {
    at,
    rates: { written: 1, unchanged: 0, skipped: 0, retry: 0, dead: 0.05 },
    p50_ms: 20,
    p95_ms: 400,
  });
});

Deno.test("timeline() takes the step that is under way for as long as it lasts so far", () => {
  const sums = [{ at: NOW - 30_000, outcomes: { written: 31 }, durations: [[10, 31]] as const }];
  // Six hours began half a minute ago: a minute is the least that a rate can be told of.
  assertEquals(timeline(sums, "30d", NOW).at(-1)!.rates.written, 31);
});
