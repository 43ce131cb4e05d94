import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { HELP, readBenchArgs } from "../../scripts/bench/arguments.ts";
import { CASES } from "../../scripts/bench/cases.ts";
import {
  figure,
  interleave,
  leastFigure,
  leastSurplus,
  median,
  ratios,
} from "../../scripts/bench/measure.ts";
import { type Report, reportLine, reportTable } from "../../scripts/bench/report.ts";

const NEVER = new AbortController().signal;

const usual = { only: null, scale: "small", seed: 1, json: false } as const;
const accepted = [
  { argv: [], want: usual },
  {
    argv: ["--only", "lists", "--scale", "full"],
    want: { ...usual, only: "lists", scale: "full" },
  },
  { argv: ["--seed=7", "--json"], want: { ...usual, seed: 7, json: true } },
] as const;
for (const { argv, want } of accepted) {
  Deno.test(`readBenchArgs() takes "${argv.join(" ")}"`, () => {
    assertEquals(readBenchArgs(argv), { kind: "run", args: want });
  });
}

const refused = [
  { argv: ["--only", "list"], says: "perhaps lists" },
  { argv: ["--only", "xyz"], says: "queue, sync" },
  { argv: ["--scale", "tiny"], says: "--scale must be small or full" },
  { argv: ["--seed", "one"], says: "--seed must be a whole number" },
  { argv: ["lists"], says: "unknown argument lists" },
] as const;
for (const { argv, says } of refused) {
  Deno.test(`readBenchArgs() refuses "${argv.join(" ")}"`, () => {
    const call = readBenchArgs(argv);
    assertStringIncludes(call.kind === "bad" ? call.message : "", says);
  });
}

Deno.test("the help names every case", () => {
  assertEquals(readBenchArgs(["--help"]), { kind: "help" });
  for (const [name, { question }] of Object.entries(CASES)) {
    assertStringIncludes(HELP, `${name.padEnd(10)} ${question}`);
  }
});

Deno.test("interleave() runs all sides by turns, there and back, and forgets the first round", async () => {
  const order: string[] = [];
  const side = (name: string, value: number) => () => {
    order.push(name);
    return value;
  };
  const got = await interleave(2, { a: side("a", 1), b: side("b", 2) }, NEVER);
  assertEquals(got, { a: [1, 1], b: [2, 2] });
  assertEquals(order.join(""), "abbaab");
});

Deno.test("interleave() ends when it is stopped", async () => {
  const sides = { a: () => 1 };
  await assertRejects(() => interleave(1, sides, AbortSignal.abort(new Error("enough"))), "enough");
});

const medians: [number[], number][] = [[[3], 3], [[9, 1, 5], 5], [[4, 1, 2, 3], 2.5]];
for (const [numbers, want] of medians) {
  Deno.test(`median() of ${numbers} is ${want}`, () => assertEquals(median(numbers), want));
}

Deno.test("median() of nothing is an error", () => void assertThrows(() => median([]), RangeError));

Deno.test("ratios() compares round by round, leastSurplus() the shortest with the shortest", () => {
  assertEquals(ratios([6, 8], [2, 4]), [3, 2]);
  assertEquals(leastSurplus([9, 6, 8], [4, 2]), [4]);
});

Deno.test("figure() is the median of its runs, leastFigure() the shortest", () => {
  const spread = { what: "a", unit: "ms", from: 1, to: 9, runs: 3 };
  assertEquals(figure("a", "ms", [9, 1, 2]), { ...spread, value: 2, taken: "median" });
  assertEquals(leastFigure("a", "ms", [9, 1, 2]), { ...spread, value: 1, taken: "least" });
});

const report: Report = {
  case: "lists",
  scale: "small",
  seed: 1,
  seconds: 12,
  versions: {
    plexsync: "1.2.3",
    commit: "abc",
    deno: "2.9.6",
    driver: "node:sqlite, SQLite 3.53.2",
    machine: "a machine",
    processors: 2,
  },
  load: [0.5, 1.5],
  parameters: { rows: 10 },
  figures: [
    figure("status", "ms", [99.98765, 80, 120], { atMost: 100 }),
    figure("queue", "jobs/s", [5], { atLeast: 10 }),
    figure("bare", "ms", [7]),
  ],
  skipped: ["the executable: PLEXSYNC_BIN is not set"],
};

Deno.test("reportLine() is one line that says of each figure whether it meets its target", () => {
  const line = reportLine(report);
  assertEquals(line.includes("\n"), false);
  const { figures, ...rest } = JSON.parse(line);
  const { figures: _, ...wanted } = report;
  assertEquals(rest, wanted);
  assertEquals(figures.map((each: { met: boolean | null }) => each.met), [true, false, null]);
  assertEquals([figures[0].value, figures[0].from, figures[0].to], [99.99, 80, 120]);
});

Deno.test("reportTable() shows missed targets and what was skipped beside the rest", () => {
  const text = reportTable(report);
  assertStringIncludes(text, "lists (small, 12 s, load 0.5 to 1.5)");
  assertStringIncludes(text, "at most 100: met");
  assertStringIncludes(text, "at least 10: missed");
  assertStringIncludes(text, "skipped: the executable");
});
