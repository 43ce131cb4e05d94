/** `deno task soak`: the daemon under random changes, faults and kills; then all promises. */
import { HELP, readSoakArgs, type SoakArgs } from "./soak/arguments.ts";
import { figuresTable } from "./soak/figures.ts";
import { soak } from "./soak/run.ts";

/** Beyond the minutes asked for: the crowd at the start and the way to rest. */
const LIMIT_BESIDES_MS = 10 * 60_000;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type EndingSignal = keyof typeof EXIT_BY_SIGNAL;

const encoder = new TextEncoder();
const print = (text: string) => void Deno.stdout.writeSync(encoder.encode(text));
const say = (line: string) => void Deno.stderr.writeSync(encoder.encode(`${line}\n`));

/** Calls `handler` for signals that ask to end, until the returned function is called. */
function onSignal(handler: (signal: EndingSignal) => void): () => void {
  const names = Object.keys(EXIT_BY_SIGNAL) as EndingSignal[];
  const listeners = names.filter((name) => name === "SIGINT" || Deno.build.os !== "windows")
    .map((name) => [name, () => handler(name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return () => {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  };
}

/** @returns exit code */
async function run(args: SoakArgs): Promise<number> {
  const stop = new AbortController();
  let signal: EndingSignal | undefined;
  const unlisten = onSignal((name) => {
    signal = name;
    stop.abort(new Error(name));
  });
  const limit = setTimeout(
    () => stop.abort(new Error("The soak did not end in time")),
    args.minutes * 60_000 + LIMIT_BESIDES_MS,
  );
  const again = `deno task soak --minutes ${args.minutes} --scenes ${args.scenes} ` +
    `--crowd ${args.crowd} --seed ${args.seed}`;
  say(`Seed ${args.seed}; again with: ${again}`);
  try {
    const figures = await soak(args, say, stop.signal);
    print(`${figuresTable(figures)}`);
    for (const failure of figures.failures) say(`error: seed ${args.seed}: ${failure}`);
    if (args.json) print(`${JSON.stringify(figures)}\n`);
    if (figures.failures.length === 0) return 0;
    say(`hint: ${again}`);
    return EXIT_FAILED;
  } catch (error) {
    if (signal !== undefined) return EXIT_BY_SIGNAL[signal];
    say(`error: seed ${args.seed}: ${error instanceof Error ? error.message : error}`);
    return EXIT_FAILED;
  } finally {
    clearTimeout(limit);
    unlisten();
  }
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
