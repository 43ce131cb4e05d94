import { assert, assertEquals, assertThrows } from "@std/assert";
import { MAX_WAIT_CHECKS, retryDelayMs, waitDelayMs } from "../../../src/core/jobs/backoff.ts";

const ceilings = [[1, 5_000], [2, 10_000], [3, 20_000], [4, 40_000], [5, 80_000], [6, 80_000], [
  20,
  80_000,
]] as const;
for (const [retryCount, ceiling] of ceilings) {
  Deno.test(`retryDelayMs() draws below ${ceiling} ms after failure ${retryCount}`, () => {
    assertEquals(retryDelayMs(retryCount, 0), 0);
    assertEquals(retryDelayMs(retryCount, 0.5), ceiling / 2);
    assert(retryDelayMs(retryCount, 0.999999) < ceiling);
  });
}

for (const wrong of [0, -1, 1.5, NaN]) {
  Deno.test(`retryDelayMs() refuses ${wrong} failures`, () => {
    assertThrows(() => retryDelayMs(wrong, 0.5), RangeError);
  });
}

Deno.test("waitDelayMs() doubles from 30 s to 600 s, and all looks together last about two and a half hours", () => {
  const delays = Array.from({ length: MAX_WAIT_CHECKS + 1 }, (_, checks) => waitDelayMs(checks));
  assertEquals(delays.slice(0, 7), [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  const hours = delays.reduce((sum, delay) => sum + delay, 0) / 3_600_000;
  assert(hours > 2 && hours < 3, `${hours} hours`);
});
