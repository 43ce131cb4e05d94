/** Command line of `deno task bench`. */
import { parseArgs } from "@std/cli";
import { near } from "../../src/core/text/nearest.ts";
import { CASES } from "./cases.ts";
import type { Scale } from "./case.ts";

export interface BenchArgs {
  /** One case; null for all. */
  readonly only: string | null;
  readonly scale: Exclude<Scale, "tiny">;
  readonly seed: number;
  /** Lines of JSON on a terminal too. */
  readonly json: boolean;
}

/** What the command line asks for. */
export type BenchCall = { kind: "run"; args: BenchArgs } | { kind: "help" } | {
  kind: "bad";
  message: string;
};

const SCALES = ["small", "full"] as const;

export const HELP = `Usage: deno task bench [--only NAME] [--scale small|full] [--seed S] [--json]

Measures plexsync: each case is warmed up, checks what it did before it gives a
figure, and compares by turns within one run. One line of JSON for each case; a
table on a terminal.

  --only NAME    one of the cases below
  --scale SCALE  small takes minutes, full up to hours and 10 GB of memory (small)
  --seed S       what is made up; the same seed makes the same (1)
  --json         lines of JSON on a terminal too
  --help         this text

Cases:
${
  Object.entries(CASES).map(([name, { question }]) => `  ${name.padEnd(10)} ${question}`).join("\n")
}

PLEXSYNC_BIN=FILE measures that executable where a case runs the program.
Exit codes: 0 measured, 1 something did not do what it was measured for, 2 wrong usage.
A target that is missed is told with its figure; it is no failure.
`;

export function readBenchArgs(argv: readonly string[]): BenchCall {
  const strange: string[] = [];
  const parsed = parseArgs([...argv], {
    boolean: ["json", "help"],
    string: ["only", "scale", "seed"],
    unknown: (arg: string) => {
      strange.push(arg);
      return false;
    },
  });
  if (parsed.help) return { kind: "help" };
  if (strange.length > 0) return bad(`unknown argument ${strange.join(", ")}`);
  const { only, scale = "small", seed = "1" } = parsed;
  if (only !== undefined && !Object.hasOwn(CASES, only)) {
    const meant = near(only, Object.keys(CASES));
    const which = meant === undefined ? Object.keys(CASES).join(", ") : `perhaps ${meant}`;
    return bad(`--only must name a case (${which}): it is "${only}"`);
  }
  if (!SCALES.some((known) => known === scale)) {
    return bad(`--scale must be ${SCALES.join(" or ")}: it is "${scale}"`);
  }
  if (!/^\d{1,9}$/.test(seed)) return bad(`--seed must be a whole number: it is "${seed}"`);
  const args = { only: only ?? null, scale: scale as BenchArgs["scale"], seed: Number(seed) };
  return { kind: "run", args: { ...args, json: parsed.json === true } };
}

function bad(message: string): BenchCall {
  return { kind: "bad", message };
}
