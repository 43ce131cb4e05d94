import { UserError } from "../../src/core/failures/errors.ts";
import type { FileAccess } from "../../src/config/files.ts";
import { type ConfigSources, loadConfig, type LoadedConfig } from "../../src/config/load.ts";

/** Files in memory; an `Error` as content is thrown on reading. */
export function memoryFiles(
  contents: Record<string, string | Error>,
  modes: Record<string, number> = {},
): FileAccess {
  return {
    readText(path) {
      const content = contents[path];
      if (content instanceof Error) throw content;
      return content;
    },
    mode: (path) => modes[path] ?? 0o600,
  };
}

/** The path of a config file that `load` finds. */
export const FILE = "/data/plexsync.toml";

/** Loads with no settings but those given; nothing is required. */
export function load(sources: Partial<ConfigSources> & { toml?: string } = {}): LoadedConfig {
  const { toml, ...given } = sources;
  return loadConfig({
    flags: {},
    env: {},
    dataDir: "/data",
    requireFor: "offline",
    files: memoryFiles(toml === undefined ? {} : { [FILE]: toml }),
    ...given,
  });
}

/** The lines of the error that loading ends in. */
export function problemsOf(sources: Parameters<typeof load>[0]): string[] {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof UserError && error.kind === "usage") return error.message.split("\n");
    throw error;
  }
  return [];
}
