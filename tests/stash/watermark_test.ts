import { assert, assertEquals, assertThrows } from "@std/assert";
import { recentWatermark, SAFE_OVERLAP_MS, watermark } from "../../src/stash/watermark.ts";

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

const NOW = Date.parse("2026-07-01T10:00:00Z");
const RECENT: { newest: string; windowMs: number; want: string }[] = [
  { newest: "2026-06-30T08:00:00Z", windowMs: 24 * HOUR, want: "2026-06-30T08:55:00" },
  { newest: "2026-06-30T08:00:00+02:00", windowMs: 24 * HOUR, want: "2026-06-30T10:55:00" },
  { newest: "2026-06-30T08:00:00-03:30", windowMs: HOUR, want: "2026-07-01T04:25:00" },
];

for (const { newest, windowMs, want } of RECENT) {
  Deno.test(`recentWatermark() makes ${want} for a server that wrote ${newest}`, () => {
    assertEquals(recentWatermark(newest, NOW, windowMs), want);
  });
}

Deno.test("recentWatermark() misses nothing when the newest scene is of the other season", () => {
  // Written in winter (+01:00), asked in summer, when the server writes +02:00.
  const changed = "2026-06-30T12:00:01+02:00";
  assert(recentWatermark("2026-01-10T08:00:00+01:00", NOW, 24 * HOUR) < changed);
  // And the other way round.
  const winter = Date.parse("2026-12-01T10:00:00Z");
  assert(
    recentWatermark("2026-07-10T08:00:00+02:00", winter, 24 * HOUR) < "2026-11-30T11:00:01+01:00",
  );
});
