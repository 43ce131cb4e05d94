import { assert, assertEquals } from "@std/assert";
import {
  drainBatch,
  drainPauseMs,
  drainRate,
  recoveryAfter,
} from "../../../src/core/jobs/drain.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/time/duration.ts";

Deno.test("drainRate() rises from 5 jobs per second and has no bound after five minutes", () => {
  const recovery = recoveryAfter(HOUR_MS, 0);
  assertEquals(drainRate(recovery, 0), 5);
  const rates = [0, 1, 2, 3, 4].map((minute) => drainRate(recovery, minute * MINUTE_MS));
  assert(rates.every((rate, at) => at === 0 || rate > rates[at - 1]!), rates.join(", "));
  assertEquals(drainRate(recovery, 5 * MINUTE_MS), Infinity);
});

Deno.test("drainRate() rises as long as the outage was, if that was shorter", () => {
  const recovery = recoveryAfter(10_000, 0);
  assertEquals([drainRate(recovery, 0), drainRate(recovery, 10_000)], [5, Infinity]);
});

Deno.test("drainRate() has no bound without an outage, nor when the clock was set back", () => {
  assertEquals(drainRate(null, 0), Infinity);
  assertEquals(drainRate(recoveryAfter(HOUR_MS, 1_000_000), 0), Infinity);
});

Deno.test("drainBatch() is about a second's worth of jobs, at least one, at most a batch", () => {
  assertEquals([drainBatch(0.5, 50), drainBatch(7.9, 50), drainBatch(Infinity, 50)], [1, 7, 50]);
});

Deno.test("drainPauseMs() is what is left of the time that the jobs may take, in whole ms", () => {
  assertEquals(drainPauseMs(5, 5, 200), 800);
  assertEquals(drainPauseMs(3, 1, 0), 334);
  assertEquals(drainPauseMs(5, 5, 2_000), 0);
  assertEquals(drainPauseMs(Infinity, 50, 0), 0);
  // The clock was set back by two hours meanwhile.
  assertEquals(drainPauseMs(5, 5, -7_200_000), 1_000);
});
