/** Command line of `deno task sim`. */
import { parseArgs } from "@std/cli";

export interface SimArgs {
  scenes: number;
  seed: number;
  /** 0: any free port. */
  plexPort: number;
  stashPort: number;
  plexLatencyMs: number;
  missingPercent: number;
  ambiguous: number;
  stashZone: string;
  stashRoot: string;
  plexRoot: string;
  /** A library from a file instead of a made-up one. */
  library?: string;
}

/** What the command line asks for. */
export type SimCall = { kind: "run"; args: SimArgs } | { kind: "help" } | {
  kind: "bad";
  message: string;
};

export const HELP = `Usage: deno task sim [options]

Starts a simulated Plex and a simulated Stash on 127.0.0.1, prints one line of
JSON (plex_url, plex_token, plex_library, stash_url, stash_api_key) and stays
up until it gets SIGINT or SIGTERM.

  --scenes N         scenes in Stash (100)
  --seed S           which library is made up (1)
  --plex-port P      port of Plex, 0 for any (0)
  --stash-port P     port of Stash, 0 for any (0)
  --plex-latency MS  wait before each answer of Plex (0)
  --missing PERCENT  scenes that Plex does not have (0)
  --ambiguous N      scenes that two items of Plex fit equally well (0)
  --stash-zone Z     zone of Stash's timestamps: Z, +02:00, Europe/Berlin (Z)
  --library FILE     this library instead of a made-up one: see tests/sim/README.md
  --stash-root R     folder of the files as Stash sees it (/data/scenes)
  --plex-root R      the same folder as Plex sees it (as --stash-root)
  --help             this text
`;

const NUMBERS = {
  "scenes": { low: 0, high: 1_000_000, whole: true },
  "seed": { low: 0, high: 2 ** 32 - 1, whole: true },
  "plex-port": { low: 0, high: 65_535, whole: true },
  "stash-port": { low: 0, high: 65_535, whole: true },
  "plex-latency": { low: 0, high: 600_000, whole: true },
  "missing": { low: 0, high: 100, whole: false },
  "ambiguous": { low: 0, high: 1_000_000, whole: true },
} as const;
type NumberName = keyof typeof NUMBERS;

const TEXTS = ["stash-zone", "stash-root", "plex-root", "library"] as const;
/** Of no use beside a library from a file. */
const MAKES_UP = ["scenes", "seed", "missing", "ambiguous", "stash-root", "plex-root"] as const;
const NAMES = [...Object.keys(NUMBERS) as NumberName[], ...TEXTS];

const DEFAULTS: Partial<Record<NumberName | "stash-root", string>> = {
  scenes: "100",
  seed: "1",
  "stash-root": "/data/scenes",
};

export function readSimArgs(argv: string[]): SimCall {
  const strange: string[] = [];
  const parsed = parseArgs(argv, {
    string: NAMES,
    boolean: ["help"],
    unknown: (arg) => {
      strange.push(arg);
      return false;
    },
  });
  if (parsed.help) return { kind: "help" };
  if (strange.length > 0) return bad(`unknown argument ${strange.join(", ")}`);
  try {
    const { library } = parsed;
    const idle = MAKES_UP.filter((name) => parsed[name] !== undefined);
    if (library !== undefined && idle.length > 0) {
      return bad(`--library goes without ${idle.map((name) => `--${name}`).join(", ")}`);
    }
    if (library === "") return bad("--library must name a file");
    const number = (name: NumberName) => readNumber(name, parsed[name] ?? DEFAULTS[name] ?? "0");
    const root = (name: "stash-root" | "plex-root", otherwise: string) =>
      readRoot(name, parsed[name] ?? otherwise);
    const stashRoot = root("stash-root", DEFAULTS["stash-root"] ?? "");
    const args: SimArgs = {
      scenes: number("scenes"),
      seed: number("seed"),
      plexPort: number("plex-port"),
      stashPort: number("stash-port"),
      plexLatencyMs: number("plex-latency"),
      missingPercent: number("missing"),
      ambiguous: number("ambiguous"),
      stashZone: parsed["stash-zone"] ?? "Z",
      stashRoot,
      plexRoot: root("plex-root", stashRoot),
      ...(library !== undefined && { library }),
    };
    return { kind: "run", args };
  } catch (cause) {
    return bad((cause as Error).message);
  }
}

function bad(message: string): SimCall {
  return { kind: "bad", message };
}

function readNumber(name: NumberName, text: string): number {
  const { low, high, whole } = NUMBERS[name];
  const value = Number(text);
  const fits = text.trim() !== "" && value >= low && value <= high;
  if (fits && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? "whole number" : "number";
  throw new RangeError(`--${name} must be a ${kind} from ${low} to ${high}: it is "${text}"`);
}

function readRoot(name: string, path: string): string {
  if (path.startsWith("/") && path !== "/") return path;
  throw new RangeError(`--${name} must be an absolute folder: it is "${path}"`);
}
