/** Command line of `deno task soak`. */
import { parseArgs } from "@std/cli";

export interface SoakArgs {
  /** How long changes, faults and kills go on; the end takes about a minute more. */
  minutes: number;
  /** Equal seeds plan the same changes, faults and kills at the same moments. */
  seed: number;
  scenes: number;
  /** Processes that enqueue beside each other at the start; 0 for none. */
  crowd: number;
  /** Ends with the figures as one line of JSON. */
  json: boolean;
  /** Leaves the data directory and all output when a promise is broken. */
  keep: boolean;
}

/** What the command line asks for. */
export type SoakCall = { kind: "run"; args: SoakArgs } | { kind: "help" } | {
  kind: "bad";
  message: string;
};

export const HELP =
  `Usage: deno task soak [--minutes N] [--seed S] [--scenes N] [--crowd N] [--json] [--keep]

Runs the daemon against a simulated Plex and a simulated Stash on 127.0.0.1, while scenes
change, servers fail, the daemon is killed and commands run beside it; in the end all
promises are checked.

  --minutes N  how long, fractions too (1)
  --seed S     what happens when; the same seed repeats it (random)
  --scenes N   scenes at the start (300)
  --crowd N    processes that enqueue at the start, 25 at once; 0 for none (100)
  --json       end with the figures as one line of JSON
  --keep       when a promise is broken, leave the data directory and all output
  --help       this text
`;

interface Range {
  name: string;
  low: number;
  high: number;
  whole: boolean;
}

const MINUTES: Range = { name: "minutes", low: 0.01, high: 600, whole: false };
const SEED: Range = { name: "seed", low: 0, high: 0xffff_ffff, whole: true };
const SCENES: Range = { name: "scenes", low: 10, high: 5_000, whole: true };
const CROWD: Range = { name: "crowd", low: 0, high: 1_000, whole: true };

/** @param anySeed Taken when none is given */
export function readSoakArgs(argv: readonly string[], anySeed: number): SoakCall {
  const strange: string[] = [];
  const parsed = parseArgs([...argv], {
    boolean: ["json", "keep", "help"],
    string: ["minutes", "seed", "scenes", "crowd"],
    unknown: (arg: string) => {
      strange.push(arg);
      return false;
    },
  });
  if (parsed.help) return { kind: "help" };
  if (strange.length > 0) return { kind: "bad", message: `unknown argument ${strange.join(", ")}` };
  const wrong: string[] = [];
  const number = ({ name, low, high, whole }: Range, otherwise: number): number => {
    const text = parsed[name as "minutes"];
    if (text === undefined) return otherwise;
    const value = /^\d{1,10}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
    if (value >= low && value <= high && !(whole && !Number.isInteger(value))) return value;
    wrong.push(
      `--${name} must be ${whole ? "a whole number " : ""}from ${low} to ${high}: it is "${text}"`,
    );
    return otherwise;
  };
  const args: SoakArgs = {
    minutes: number(MINUTES, 1),
    seed: number(SEED, anySeed),
    scenes: number(SCENES, 300),
    crowd: number(CROWD, 100),
    json: parsed.json === true,
    keep: parsed.keep === true,
  };
  return wrong.length > 0 ? { kind: "bad", message: wrong.join("; ") } : { kind: "run", args };
}
