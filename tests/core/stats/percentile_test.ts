import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Histogram, percentile } from "../../../src/core/stats/percentile.ts";

const TWENTY: Histogram = Array.from({ length: 20 }, (_, at) => [at + 1, 1] as const);
const CASES: { of: string; histogram: Histogram; percent: number; want: number | null }[] = [
  { of: "nothing", histogram: [], percent: 50, want: null },
  { of: "one value", histogram: [[7, 1]], percent: 95, want: 7 },
  { of: "1 to 20, half", histogram: TWENTY, percent: 50, want: 10 },
  { of: "1 to 20, 95 %", histogram: TWENTY, percent: 95, want: 19 },
  { of: "1 to 20, all", histogram: TWENTY, percent: 100, want: 20 },
  { of: "many small and one large", histogram: [[1, 99], [1_000, 1]], percent: 99, want: 1 },
];
for (const { of, histogram, percent, want } of CASES) {
  Deno.test(`percentile() of ${of} is ${want}`, () => {
    assertEquals(percentile(histogram, percent), want);
  });
}

for (const percent of [0, -1, 101, NaN]) {
  Deno.test(`percentile() refuses ${percent} percent`, () => {
    assertThrows(() => percentile([[1, 1]], percent), RangeError);
  });
}

Deno.test("property: a percentile is a value that occurred, with enough of them at or below it", () => {
  const values = fc.array(fc.nat(50), { minLength: 1 });
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 100 }), (all, percent) => {
    const sorted = [...all].sort((a, b) => a - b);
    const found = percentile(sorted.map((value) => [value, 1] as const), percent)!;
    assert(all.includes(found));
    const share = (value: number) => 100 * all.filter((it) => it <= value).length;
    assert(share(found) >= percent * all.length);
    assert(share(found - 1) < percent * all.length, "a smaller one would do");
  }));
});
