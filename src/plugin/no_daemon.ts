import type { World } from "../app/world.ts";
import { LEVELS } from "../log/levels.ts";
import { formatLine } from "../log/line.ts";

/** Says that nobody works on what hooks queue: without the logger, whose settings they do not read. */
export function sayNoDaemon(
  folder: string,
  { stderr, runtime }: Pick<World, "stderr" | "runtime">,
): void {
  const line = formatLine({
    at: runtime.now(),
    level: LEVELS.warning,
    component: "Hook",
    message: `No daemon works on ${folder}: changes are queued until one does`,
    fields: {
      hint: "Start it with plexsync run on the same data directory, or run the task Process queue",
    },
  }, { target: "stash", format: "text", colour: false });
  stderr(new TextEncoder().encode(line));
}
