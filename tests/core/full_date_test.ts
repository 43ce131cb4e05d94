import { assertEquals } from "@std/assert";
import { FIELDS } from "../../src/core/sync/fields.ts";
import { rules, scene } from "./samples.ts";

const CASES: readonly [date: string | null, want: string[]][] = [
  ["2024-02-29", ["2024-02-29"]],
  ["2024-02", ["2024-02-01"]],
  ["1999", ["1999-01-01"]],
  ["0001-01-01", ["0001-01-01"]],
  ["2024-02-30", []],
  ["2023-02-29", []],
  ["2024-13-01", []],
  ["2024-00-10", []],
  ["2024-04-31", []],
  ["0000", []],
  ["0000-01-01", []],
  ["soon", []],
  [null, []],
];

for (const [date, want] of CASES) {
  Deno.test(`a scene's date of ${date} is ${want[0] ?? "left out"}`, () => {
    const field = FIELDS.find(({ name }) => name === "date")!;
    assertEquals(field.derive(scene({ date }), rules()), want);
    // What is left out is said, with the value; that there is none needs no word.
    const said = want.length > 0 || date === null
      ? null
      : `left out: ${date} is no day of the calendar`;
    assertEquals(field.omits!(scene({ date }), rules()), said);
  });
}
