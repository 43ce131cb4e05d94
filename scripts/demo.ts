/** `deno task demo`: the real program against two simulated servers, from start to end. */
import { type DemoArgs, HELP, readDemoArgs } from "./demo/arguments.ts";
import { play } from "./demo/play.ts";
import { Screen } from "./demo/screen.ts";

/** It takes about six seconds; a program that hangs must not hang the demo. */
const LIMIT_MS = 60_000;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const EXIT_BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;
type EndingSignal = keyof typeof EXIT_BY_SIGNAL;

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
async function demo(args: DemoArgs, screen: Screen): Promise<number> {
  const stop = new AbortController();
  let signal: EndingSignal | undefined;
  const unlisten = onSignal((name) => {
    signal = name;
    stop.abort(new Error(name));
  });
  const limit = setTimeout(
    () => stop.abort(new Error(`The demo did not end within ${LIMIT_MS / 1000} s`)),
    LIMIT_MS,
  );
  const startedAt = performance.now();
  try {
    const figures = await play(args, screen, stop.signal);
    const { scenes, synced, waiting, dead } = figures;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    screen.print(
      `\n${scenes} scenes: ${synced} synced, ${waiting} waiting for Plex, ` +
        `${dead} dead letter (${seconds} s)\n`,
    );
    if (args.json) screen.print(JSON.stringify(figures) + "\n");
    return 0;
  } catch (error) {
    if (signal !== undefined) {
      screen.progressEnds();
      return EXIT_BY_SIGNAL[signal];
    }
    screen.error(error instanceof Error ? error.message : String(error));
    return EXIT_FAILED;
  } finally {
    clearTimeout(limit);
    unlisten();
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const screen = new Screen(Deno.stdout, Deno.stderr, Boolean(Deno.env.get("NO_COLOR")));
  const call = readDemoArgs(argv);
  if (call.kind === "help") {
    screen.print(HELP);
    return 0;
  }
  if (call.kind === "bad") {
    screen.error(call.message, "deno task demo --help");
    return EXIT_USAGE;
  }
  return await demo(call.args, screen);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
