import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  instantOf,
  SAFE_OVERLAP_MS,
  stampLike,
  watermark,
  watermarkOfAnyZone,
} from "../../src/stash/watermark.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const CUTS: { raw: string; overlapMs: number; want: string }[] = [
  { raw: "2026-01-10T21:14:03+01:00", overlapMs: 0, want: "2026-01-10T21:14:03" },
  { raw: "2026-01-10T21:14:03+01:00", overlapMs: 5 * MINUTE, want: "2026-01-10T21:09:03" },
  { raw: "2026-01-10T21:14:03Z", overlapMs: 5 * MINUTE, want: "2026-01-10T21:09:03" },
  { raw: "2026-01-10T21:14:03-09:30", overlapMs: 5 * MINUTE, want: "2026-01-10T21:09:03" },
  { raw: "2026-01-01T00:03:00+02:00", overlapMs: 5 * MINUTE, want: "2025-12-31T23:58:00" },
  { raw: "2024-03-01T00:00:00Z", overlapMs: HOUR, want: "2024-02-29T23:00:00" },
  { raw: "2026-01-10T21:14:03.987654+01:00", overlapMs: 0, want: "2026-01-10T21:14:03" },
  { raw: "2026-01-10T21:14:03", overlapMs: 0, want: "2026-01-10T21:14:03" },
  { raw: "1970-01-01T00:00:00Z", overlapMs: HOUR, want: "1970-01-01T00:00:00" },
];

for (const { raw, overlapMs, want } of CUTS) {
  Deno.test(`watermark() makes ${want} of ${raw} less ${overlapMs} ms`, () => {
    assertEquals(watermark(raw, overlapMs), want);
  });
}

Deno.test("watermark() without overlap is below every form of that very second", () => {
  for (const zone of ["Z", "+02:00", "-05:00"]) {
    const row = `2026-01-10T21:14:03${zone}`;
    assert(watermark(row, 0) < row);
    assert(watermark(row, 0) > `2026-01-10T21:14:02${zone}`);
  }
});

Deno.test("watermark() with the safe overlap lies before what is written after the autumn change", () => {
  // 02:59:59+02:00 is followed by 02:00:00+01:00, which is less as text.
  const before = "2026-10-25T02:59:59+02:00";
  const after = "2026-10-25T02:00:00+01:00";
  assert(watermark(before, 5 * MINUTE) > after);
  assert(watermark(before, SAFE_OVERLAP_MS) < after);
});

for (
  const raw of [
    "",
    "yesterday",
    "2026-01-10",
    "2026-13-01T00:00:00Z",
    "1700000000",
    "2026-01-10 21:14:03",
  ]
) {
  Deno.test(`watermark() refuses ${JSON.stringify(raw)}`, () => {
    assertThrows(() => watermark(raw, 0), RangeError);
  });
}

Deno.test("watermarkOfAnyZone() is below what any server writes at that instant", () => {
  const at = Date.parse("2026-07-01T10:00:00Z");
  for (const like of ["Z", "+14:00", "+05:45", "-03:30", "-12:00"]) {
    const row = stampLike(at, `2026-01-01T00:00:00${like}`);
    assert(watermarkOfAnyZone(at) < row, row);
    assertEquals(instantOf(row), at);
  }
});

for (const raw of ["", "soon", "2026-13-01T00:00:00Z", "2026-01-10T21:14:03+99:00"]) {
  Deno.test(`instantOf() takes ${JSON.stringify(raw)} for no time`, () => {
    assertEquals(instantOf(raw), null);
  });
}
