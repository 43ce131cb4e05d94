import { assertEquals } from "@std/assert";
import { FURTHEST_AHEAD_MS, isDue } from "../../../src/core/time/clock.ts";

for (
  const [what, at, want] of [
    ["past", -1, true],
    ["now", 0, true],
    ["soon", 1, false],
    ["at the edge of what is ever planned", FURTHEST_AHEAD_MS, false],
    ["beyond it, planned before the clock was set back", FURTHEST_AHEAD_MS + 1, true],
  ] as const
) {
  Deno.test(`isDue() is ${want} for what is ${what}`, () => assertEquals(isDue(at, 0), want));
}
