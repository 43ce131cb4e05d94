/** `deno task demo`: the real program against two simulated servers, from start to end. */
import { MINUTE_MS, SECOND_MS } from "../src/core/time/duration.ts";
import { type DemoArgs, HELP, readDemoArgs } from "./demo/arguments.ts";
import { play } from "./demo/play.ts";
import { Screen } from "./demo/screen.ts";
import { untilEnded } from "./until_ended.ts";

/** It takes about six seconds; a program that hangs must not hang the demo. */
const LIMIT_MS = MINUTE_MS;
const EXIT_USAGE = 2;

/** @returns exit code */
function demo(args: DemoArgs, screen: Screen): Promise<number> {
  const startedAt = performance.now();
  const reason = `The demo did not end within ${LIMIT_MS / SECOND_MS} s`;
  return untilEnded({ ms: LIMIT_MS, reason }, async (stop) => {
    const figures = await play(args, screen, stop);
    const { scenes, synced, waiting, dead } = figures;
    const seconds = ((performance.now() - startedAt) / SECOND_MS).toFixed(1);
    screen.print(
      `\n${scenes} scenes: ${synced} synced, ${waiting} waiting for Plex, ` +
        `${dead} dead letter (${seconds} s)\n`,
    );
    if (args.json) screen.print(JSON.stringify(figures) + "\n");
    return 0;
  }, (error) => {
    if (error === null) screen.progressEnds();
    else screen.error(error instanceof Error ? error.message : String(error));
  });
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
