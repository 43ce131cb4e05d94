import { assert, assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli";
import { fitWidths, shorten } from "../../../src/cli/terminal/fit.ts";
import { table } from "../../../src/cli/terminal/output.ts";
import { paintOf } from "../../../src/cli/terminal/paint.ts";

const WIDTHS: readonly { given: number[]; most: number | null; want: number[] }[] = [
  { given: [5, 100, 20], most: null, want: [5, 100, 20] },
  { given: [5, 10], most: 17, want: [5, 10] },
  { given: [5, 100, 20], most: 80, want: [5, 51, 20] },
  { given: [5, 40, 40], most: 60, want: [5, 25, 26] },
  { given: [5, 100, 20], most: 40, want: [5, 15, 16] },
  { given: [2, 14, 19, 72, 100], most: 80, want: [2, 14, 19, 18, 19] },
  { given: [14, 19, 60], most: 40, want: [14, 14, 8] },
  { given: [8, 8], most: 10, want: [8, 8] },
];
for (const { given, most, want } of WIDTHS) {
  Deno.test(`fitWidths() of ${given} within ${most} is ${want}`, () => {
    assertEquals(fitWidths(given, 2, most), want);
  });
}

const TEXTS: readonly [text: string, width: number, want: string][] = [
  ["short", 5, "short"],
  ["a title that is long", 10, "a title t…"],
  ["a title that is long", 9, "a title…"],
  ["/data/scenes/Studio/2022/name.mp4", 12, "…22/name.mp4"],
  ["D:\\films\\name.mp4", 9, "…name.mp4"],
  ["/data/x: cannot be read", 8, "/data/x…"],
  ["天地玄黃", 5, "天地…"],
];
for (const [text, width, want] of TEXTS) {
  Deno.test(`shorten() of "${text}" to ${width} is "${want}"`, () => {
    assertEquals(shorten(text, width), want);
    assert(unicodeWidth(want) <= width);
  });
}

const terminal = { stdout: true, stderr: true, columns: () => 40 };
const ROWS = [["1", "天地玄黃宇宙洪荒", "/data/scenes/A/2022/name.mp4"], ["20", "a", "b"]];

Deno.test("table() is as wide as the terminal at most, and of any width elsewhere", () => {
  const shown = table(["ID", "TITLE", "PATH"], ROWS, paintOf({ terminal, env: {} }));
  const lines = shown.trimEnd().split("\n");
  assertEquals(lines.map((line) => unicodeWidth(line) <= 40), [true, true, true], shown);
  // The last column begins in the same place in all rows, however wide their characters are.
  assertEquals(lines.slice(1), [
    "1   天地玄黃宇宙洪荒  …s/A/2022/name.mp4",
    "20  a                 b",
  ]);
  const piped = { ...terminal, stdout: false };
  const whole = table(["ID", "TITLE", "PATH"], ROWS, paintOf({ terminal: piped, env: {} }));
  assert(whole.includes("/data/scenes/A/2022/name.mp4"), whole);
});

Deno.test("a link is written for a terminal alone, and takes the width of its text", () => {
  const rows = (columns: number | null, stdout: boolean, env = {}) => {
    const paint = paintOf({ terminal: { stdout, stderr: true, columns: () => columns }, env });
    return table(["SCENE", "X"], [[paint.link("12", "http://s/scenes/12"), "y"]], paint);
  };
  const open = "\x1b]8;;http://s/scenes/12\x1b\\";
  assertEquals(rows(80, true), `SCENE  X\n${open}12\x1b]8;;\x1b\\     y\n`);
  assertEquals(rows(80, true, { TERM: "dumb" }), "SCENE  X\n12     y\n");
  assertEquals(rows(null, false), "SCENE  X\n12     y\n");
});
