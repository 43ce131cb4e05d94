/** `deno task bench`: how fast plexsync is, and how much it takes. */
import { HOUR_MS } from "../src/core/time/duration.ts";
import { type BenchArgs, HELP, readBenchArgs } from "./bench/arguments.ts";
import { CASES } from "./bench/cases.ts";
import { load, versions } from "./bench/machine.ts";
import { reportLine, reportTable } from "./bench/report.ts";
import { untilEnded } from "./until_ended.ts";

/** All cases in full take about two; one that hangs must not hang for ever. */
const LIMIT_MS = 6 * HOUR_MS;
const EXIT_USAGE = 2;

const encoder = new TextEncoder();
const print = (text: string) => void Deno.stdout.writeSync(encoder.encode(text));
const say = (line: string) => void Deno.stderr.writeSync(encoder.encode(`${line}\n`));

async function bench(args: BenchArgs, stop: AbortSignal): Promise<number> {
  const names = args.only === null ? Object.keys(CASES) : [args.only];
  const isTable = Deno.stdout.isTerminal() && !args.json;
  const used = await versions();
  for (const name of names) {
    say(`${name}: ${CASES[name]!.question}`);
    const folder = await Deno.makeTempDir({ prefix: "plexsync-bench-" });
    const before = await load();
    const start = performance.now();
    try {
      const tools = { seed: args.seed, stop, folder, say: (line: string) => say(`  ${line}`) };
      const outcome = await CASES[name]!.run(args.scale, tools);
      const seconds = Math.round((performance.now() - start) / 100) / 10;
      const { scale, seed } = args;
      const about = { case: name, scale, seed, seconds, versions: used };
      const report = { ...about, load: [before, await load()] as const, ...outcome };
      print(isTable ? `${reportTable(report)}\n` : `${reportLine(report)}\n`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  return 0;
}

async function main(argv: readonly string[]): Promise<number> {
  const call = readBenchArgs(argv);
  if (call.kind === "help") {
    print(HELP);
    return 0;
  }
  if (call.kind === "bad") {
    say(`error: ${call.message}\nhint: deno task bench --help`);
    return EXIT_USAGE;
  }
  const limit = { ms: LIMIT_MS, reason: "The benchmark did not end in time" };
  return await untilEnded(limit, (stop) => bench(call.args, stop), (error) => {
    if (error !== null) say(`error: ${error instanceof Error ? error.message : error}`);
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
