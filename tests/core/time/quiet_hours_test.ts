import { assertEquals } from "@std/assert";
import { dayHoursText, endOfHours, parseDayHours } from "../../../src/core/time/quiet_hours.ts";

const TEXTS: { text: string; want: string | undefined }[] = [
  { text: "18:00-23:30", want: "18:00-23:30" },
  { text: " 7:05 - 9:00 ", want: "07:05-09:00" },
  { text: "23:00-06:00", want: "23:00-06:00" },
  { text: "00:00-23:59", want: "00:00-23:59" },
  { text: "18:00-18:00", want: undefined },
  { text: "18:00-24:00", want: undefined },
  { text: "18:60-19:00", want: undefined },
  { text: "18-20", want: undefined },
  { text: "", want: undefined },
];

for (const { text, want } of TEXTS) {
  Deno.test(`parseDayHours() makes ${want ?? "nothing"} of "${text}"`, () => {
    const hours = parseDayHours(text);
    assertEquals(hours && dayHoursText(hours), want);
  });
}

const EVENING = "18:00-23:30";
const NIGHT = "23:00-06:00";
const TIMES: { hours: string; at: string; want: string | null }[] = [
  { hours: EVENING, at: "2026-03-10T17:59:59", want: null },
  { hours: EVENING, at: "2026-03-10T18:00:00", want: "2026-03-10T23:30:00" },
  { hours: EVENING, at: "2026-03-10T23:29:59", want: "2026-03-10T23:30:00" },
  { hours: EVENING, at: "2026-03-10T23:30:00", want: null },
  { hours: NIGHT, at: "2026-12-31T23:00:00", want: "2027-01-01T06:00:00" },
  { hours: NIGHT, at: "2027-01-01T00:00:00", want: "2027-01-01T06:00:00" },
  { hours: NIGHT, at: "2027-01-01T06:00:00", want: null },
  { hours: NIGHT, at: "2027-01-01T12:00:00", want: null },
];

for (const { hours, at, want } of TIMES) {
  Deno.test(`endOfHours() of ${hours} at ${at} is ${want}`, () => {
    const end = endOfHours(parseDayHours(hours)!, Date.parse(at));
    assertEquals(end, want === null ? null : Date.parse(want));
  });
}

Deno.test("endOfHours() of no hours is none", () => {
  assertEquals(endOfHours(null, Date.parse("2026-03-10T20:00:00")), null);
});
