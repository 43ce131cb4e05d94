/** Each benchmark still runs, and does what it is measured for: no look at the times. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { check } from "../../scripts/bench/case.ts";
import { CASES } from "../../scripts/bench/cases.ts";
import { tiny } from "./tiny.ts";

for (const [name, benchCase] of Object.entries(CASES)) {
  Deno.test({
    name: `the benchmark ${name} does what it measures`,
    // It has neither `sh` nor a file that tells what a process uses.
    ignore: Deno.build.os === "windows",
    async fn() {
      const { figures, skipped = [] } = await tiny(benchCase);
      for (const { what, value, from, to } of figures) {
        assert(Number.isFinite(value) && from <= value && value <= to, what);
      }
      assert(figures.length > 0 || skipped.length > 0);
      assertEquals(new Set(figures.map(({ what }) => what)).size, figures.length, "a name twice");
    },
  });
}

Deno.test("check() gives no figure where the work was not done", () => {
  check(true, "all is well");
  assertThrows(() => check(false, "3 of 4 were written"), Error, "Cannot measure: 3 of 4");
});
