/** Command line of `deno task demo`. */
import { parseArgs } from "@std/cli";

export interface DemoArgs {
  /** Ends with the figures as one line of JSON. */
  json: boolean;
  /** Leaves the data directory. */
  keep: boolean;
  /** Wait before each answer of the simulated Plex, so that there is something to see. */
  plexLatencyMs: number;
}

/** What the command line asks for. */
export type DemoCall = { kind: "run"; args: DemoArgs } | { kind: "help" } | {
  kind: "bad";
  message: string;
};

export const HELP = `Usage: deno task demo [--json] [--keep] [--plex-latency MS]

Starts a simulated Plex and a simulated Stash with 20 scenes on 127.0.0.1 and runs
plexsync against them: two scenes are not in Plex, one fits two items of Plex.

  --json             end with one line of JSON: scenes, synced, waiting, dead, stats
  --keep             leave the data directory and print its path
  --plex-latency MS  wait before each answer of the simulated Plex (60)
  --help             this text
`;

const MAX_LATENCY_MS = 1_000;

export function readDemoArgs(argv: readonly string[]): DemoCall {
  const strange: string[] = [];
  const parsed = parseArgs([...argv], {
    boolean: ["json", "keep", "help"],
    string: ["plex-latency"],
    unknown: (arg: string) => {
      strange.push(arg);
      return false;
    },
  });
  if (parsed.help) return { kind: "help" };
  if (strange.length > 0) return { kind: "bad", message: `unknown argument ${strange.join(", ")}` };
  const text = String(parsed["plex-latency"] ?? "60");
  if (!/^\d{1,4}$/.test(text) || Number(text) > MAX_LATENCY_MS) {
    const message = `--plex-latency must be from 0 to ${MAX_LATENCY_MS}: it is "${text}"`;
    return { kind: "bad", message };
  }
  const { json, keep } = parsed;
  return {
    kind: "run",
    args: { json: json === true, keep: keep === true, plexLatencyMs: Number(text) },
  };
}
