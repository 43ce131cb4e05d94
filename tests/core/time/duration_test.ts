import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  formatDuration,
  HOUR_MS,
  lastedMs,
  parseDuration,
} from "../../../src/core/time/duration.ts";

const READ = [
  ["30", 30_000],
  ["0.5", 500],
  ["250ms", 250],
  ["30s", 30_000],
  [" 30 Seconds ", 30_000],
  ["1m", 60_000],
  ["1h30m", 5_400_000],
  ["1h 30m", 5_400_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["7days", 604_800_000],
  ["", undefined],
  ["-1s", undefined],
  ["1.s", undefined],
  ["5 parsecs", undefined],
  ["5constructor", undefined],
  ["1e3", undefined],
  ["Infinity", undefined],
  ["99999999999999999999d", undefined],
] as const;

for (const [text, want] of READ) {
  Deno.test(`parseDuration() reads "${text}" as ${want} ms`, () => {
    assertEquals(parseDuration(text), want);
  });
}

Deno.test("parseDuration() counts a bare number in the unit asked for", () => {
  assertEquals(parseDuration("10", "m"), 600_000);
});

const SHOWN = [
  [0, "0ms"],
  [100, "0.1s"],
  [250, "250ms"],
  [1_000, "1s"],
  [1_500, "1.5s"],
  [59_999, "59.9s"],
  [90_000, "1m 30s"],
  [3_600_000, "1h"],
  [86_400_000 + 60_000, "1d"],
  [90_061_000, "1d 1h"],
  [Number.NaN, "?"],
] as const;

for (const [ms, want] of SHOWN) {
  Deno.test(`formatDuration() shows ${ms} as ${want}`, () =>
    assertEquals(formatDuration(ms), want));
}

Deno.test("formatDuration() is read back as itself where nothing is rounded away", () => {
  const exact = fc.oneof(
    fc.integer({ min: 0, max: 9 }).map((n) => n * 100),
    fc.integer({ min: 0, max: 59 }).map((n) => n * 1_000),
    fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([h, m]) => h * 3_600_000 + m * 60_000),
  );
  fc.assert(fc.property(exact, (ms) => parseDuration(formatDuration(ms)) === ms));
});

Deno.test("lastedMs() is 0 where a clock was set meanwhile, back or forward", () => {
  assertEquals([1_500, -1, -HOUR_MS, HOUR_MS, 800 * 24 * HOUR_MS].map(lastedMs), [
    1_500,
    0,
    0,
    0,
    0,
  ]);
});
