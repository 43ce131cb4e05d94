import { createLogger, type Log } from "../log/logger.ts";
import type { Invocation } from "./command.ts";
import { openSession } from "./session.ts";
import type { World } from "./world.ts";

/**
 * The log for a hook that has something to say, as the settings want it; as they would have it by
 * default when they cannot be used, for a hook works without them.
 */
export function openPluginLog(
  values: Invocation["values"],
  world: World,
): { log: Log; close(): void } {
  const invocation = { world, values, switches: new Set<string>(), words: [], json: false };
  try {
    return openSession(invocation, "offline", [], { plugin: true });
  } catch {
    const log = createLogger({
      format: "text",
      target: "stash",
      level: "info",
      secrets: [],
      obfuscatePaths: false,
      write: world.stderr,
      now: world.runtime.now,
      colour: false,
    });
    return { log, close: () => {} };
  }
}
