import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { durationClass } from "../../../src/core/stats/duration_class.ts";

for (const [ms, want] of [[0, 0], [1, 1], [15, 15], [16, 16], [17, 18], [100, 104], [31, 32]]) {
  Deno.test(`durationClass() of ${ms} ms is ${want} ms`, () => {
    assertEquals(durationClass(ms!), want);
  });
}

Deno.test("property: a class is near its durations, is its own, and keeps their order", () => {
  fc.assert(fc.property(fc.nat(100_000_000), fc.nat(1_000), (ms, more) => {
    const found = durationClass(ms);
    assertEquals(Math.abs(found - ms) <= ms / 16, true);
    assertEquals(durationClass(found), found);
    assertEquals(durationClass(ms + more) >= found, true);
  }));
});
