/** `deno task soak`: the daemon under random changes, faults and kills; then all promises. */
import { MINUTE_MS } from "../src/core/time/duration.ts";
import { HELP, readSoakArgs, type SoakArgs } from "./soak/arguments.ts";
import { figuresTable } from "./soak/figures.ts";
import { soak } from "./soak/run.ts";
import { untilEnded } from "./until_ended.ts";

/** Beyond the minutes asked for: the crowd at the start and the way to rest. */
const LIMIT_BESIDES_MS = 10 * MINUTE_MS;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const encoder = new TextEncoder();
const print = (text: string) => void Deno.stdout.writeSync(encoder.encode(text));
const say = (line: string) => void Deno.stderr.writeSync(encoder.encode(`${line}\n`));

/** @returns exit code */
function run(args: SoakArgs): Promise<number> {
  const ms = args.minutes * MINUTE_MS + LIMIT_BESIDES_MS;
  const again = `deno task soak --minutes ${args.minutes} --scenes ${args.scenes} ` +
    `--crowd ${args.crowd} --seed ${args.seed}`;
  say(`Seed ${args.seed}; again with: ${again}`);
  return untilEnded({ ms, reason: "The soak did not end in time" }, async (stop) => {
    const figures = await soak(args, say, stop);
    print(`${figuresTable(figures)}`);
    for (const failure of figures.failures) say(`error: seed ${args.seed}: ${failure}`);
    if (args.json) print(`${JSON.stringify(figures)}\n`);
    if (figures.failures.length === 0) return 0;
    say(`hint: ${again}`);
    return EXIT_FAILED;
  }, (error) => {
    if (error === null) return;
    say(`error: seed ${args.seed}: ${error instanceof Error ? error.message : error}`);
  });
}

async function main(argv: readonly string[]): Promise<number> {
  const call = readSoakArgs(argv, Math.floor(Math.random() * 1_000_000));
  if (call.kind === "help") {
    print(HELP);
    return 0;
  }
  if (call.kind === "bad") {
    say(`error: ${call.message}\nhint: deno task soak --help`);
    return EXIT_USAGE;
  }
  return await run(call.args);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
