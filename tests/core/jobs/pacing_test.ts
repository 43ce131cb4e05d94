import { assertEquals } from "@std/assert";
import { FIRST_PACE, nextPace, type Pace } from "../../../src/core/jobs/pacing.ts";

/** Plays batches of 50 on a server whose items per second depend on the writes side by side. */
function settleOn(rate: (limit: number) => number, max: number): number[] {
  let pace: Pace = FIRST_PACE;
  const limits: number[] = [];
  for (let n = 0; n < 12; n++) {
    limits.push(pace.limit);
    pace = nextPace(pace, { items: 50, elapsedMs: 50_000 / rate(pace.limit), failed: false }, max);
  }
  return limits;
}

Deno.test("nextPace() climbs to the bound while more side by side is faster", () => {
  assertEquals(Math.max(...settleOn((limit) => 10 * limit, 4)), 4);
});

Deno.test("nextPace() stays near one where the server writes one at a time", () => {
  assertEquals(Math.max(...settleOn(() => 10, 16)) <= 2, true);
});

Deno.test("nextPace() halves at a failure and never goes below one", () => {
  const failed = { items: 0, elapsedMs: 1, failed: true };
  assertEquals(nextPace({ limit: 8, rate: 5, step: 1 }, failed, 16).limit, 4);
  assertEquals(nextPace({ limit: 1, rate: 5, step: 1 }, failed, 16).limit, 1);
});

Deno.test("nextPace() learns nothing from a handful of writes", () => {
  const pace: Pace = { limit: 4, rate: 5, step: 1 };
  assertEquals(nextPace(pace, { items: 3, elapsedMs: 1, failed: false }, 16), pace);
});
