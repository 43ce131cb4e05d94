import { assertEquals } from "@std/assert";
import { parseInstant } from "../../../src/core/time/instant.ts";

const local = (...parts: [number, number, number, number?, number?, number?]) =>
  new Date(...parts as [number, number, number]).getTime();

const cases: [text: string, want: number | undefined][] = [
  ["2026-05-01", local(2026, 4, 1)],
  [" 2026-05-01 18:30 ", local(2026, 4, 1, 18, 30)],
  ["2026-05-01T18:30:05", local(2026, 4, 1, 18, 30, 5)],
  ["2026-05-01T18:30:05Z", Date.UTC(2026, 4, 1, 18, 30, 5)],
  ["2026-05-01T18:30:05.123+02:00", Date.UTC(2026, 4, 1, 16, 30, 5)],
  ["2026-05-01T18:30-0530", Date.UTC(2026, 4, 2, 0, 0)],
  ["2024-02-29", local(2024, 1, 29)],
  ...[
    "2026-02-30",
    "2026-13-01",
    "2026-00-10",
    "2026-05-01 24:00",
    "2026-05-01T18:30+99:00",
    "12.5.2026",
    "05/01/2026",
    "May 1",
    "last 3",
    "2026-05",
    "",
  ].map((text): [string, undefined] => [text, undefined]),
];
for (const [text, want] of cases) {
  Deno.test(`parseInstant() makes ${want === undefined ? "nothing" : "a time"} of "${text}"`, () => {
    assertEquals(parseInstant(text), want);
  });
}
