import { UserError } from "../../core/failures/errors.ts";
import type { World } from "../../app/world.ts";

const REFRESH_MS = 2_000;
const TO_TOP = "\x1b[H";
const CLEAR_SCREEN = "\x1b[2J";
const CLEAR_LINE_END = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/**
 * Shows `text` on the whole terminal, anew every 2 s, until SIGINT or SIGTERM: what a person
 * ends a look with, so it is no failure.
 * @throws {UserError} usage: stdout is no terminal
 */
export async function watch(world: World, text: () => Promise<string>): Promise<number> {
  if (!world.terminal.stdout) {
    throw new UserError(
      "--watch needs a terminal",
      "usage",
      "Without it the stats are printed once",
    );
  }
  const stop = new AbortController();
  const unlisten = world.onSignal(() => stop.abort());
  try {
    world.stdout(CLEAR_SCREEN);
    while (!stop.signal.aborted) {
      const lines = (await text()).replaceAll("\n", `${CLEAR_LINE_END}\n`);
      // Over the old text and not after clearing it, which would flicker.
      world.stdout(TO_TOP + lines + CLEAR_BELOW);
      await world.runtime.sleep(REFRESH_MS, stop.signal);
    }
    return 0;
  } finally {
    unlisten();
  }
}
