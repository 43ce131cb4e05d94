import { assertEquals } from "@std/assert";
import {
  afterFailure,
  afterProbe,
  afterSuccess,
  type Breaker,
  CLOSED,
  FAILURES_TO_OPEN,
} from "../../../src/core/jobs/breaker.ts";

function opened(at: number): Breaker {
  let breaker: Breaker = { ...CLOSED };
  for (let n = 0; n < FAILURES_TO_OPEN; n++) breaker = afterFailure(breaker, at, "refused");
  return breaker;
}

Deno.test("Breaker opens at the fifth failure in a row, not before", () => {
  let breaker: Breaker = { ...CLOSED };
  for (let n = 1; n < FAILURES_TO_OPEN; n++) {
    breaker = afterFailure(breaker, n, "refused");
    assertEquals(breaker.state, "closed");
  }
  assertEquals(afterFailure(breaker, 9, "refused").state, "open");
});

Deno.test("Breaker forgets failures at a success", () => {
  let breaker = afterFailure({ ...CLOSED }, 1, "refused");
  breaker = afterSuccess(breaker, "read");
  assertEquals(breaker, { ...CLOSED });
});

Deno.test("Breaker that opened over writes closes over a write, not over a read", () => {
  const failing = afterFailure({ ...CLOSED }, 1, "locked", "write", FAILURES_TO_OPEN);
  assertEquals(failing.state, "open");
  const trying = afterProbe(failing, true, 6_000);
  assertEquals(afterSuccess(trying, "read"), trying);
  // What fails meanwhile for another reason does not change that.
  assertEquals(afterFailure(trying, 7_000, "refused").work, "write");
  assertEquals(afterSuccess(trying, "write"), { ...CLOSED });
});

Deno.test("Breaker remembers when the outage began", () => {
  let breaker = afterFailure({ ...CLOSED }, 100, "refused");
  for (let n = 0; n < 6; n++) breaker = afterFailure(breaker, 200 + n, "refused");
  assertEquals(breaker.failingSinceAt, 100);
});

Deno.test("Breaker is half-open after a good probe, closed after one success", () => {
  const breaker = afterProbe(opened(0), true, 5_000);
  assertEquals(breaker.state, "half_open");
  assertEquals(afterSuccess(breaker, "read").state, "closed");
});

Deno.test("Breaker opens again at one failure while half-open, each time for longer", () => {
  let breaker = opened(0);
  const delays: number[] = [];
  for (let n = 0; n < 4; n++) {
    const at = breaker.nextProbeAt!;
    breaker = afterFailure(afterProbe(breaker, true, at), at, "refused");
    assertEquals([breaker.state, breaker.openedAt], ["open", at]);
    delays.push(breaker.nextProbeAt! - at);
  }
  assertEquals(delays, [10_000, 20_000, 60_000, 60_000]);
});

Deno.test("Breaker probes after 5, 10 and 20 s, and is half-open after 60 s in any case", () => {
  let breaker = opened(0);
  const probes: number[] = [];
  while (breaker.state === "open") {
    const at = breaker.nextProbeAt!;
    probes.push(at);
    breaker = afterProbe(breaker, false, at);
  }
  assertEquals(probes, [5_000, 15_000, 35_000, 95_000]);
  assertEquals(breaker.state, "half_open");
});
