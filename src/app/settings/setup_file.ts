import { dirname } from "node:path";
import { resolveDataDir } from "../../config/data_dir.ts";
import { diskFiles } from "../../config/files.ts";
import { configFileIn, readConfigFile } from "../../config/toml_file.ts";
import { type TomlValue, withSettings } from "../../config/toml_edit.ts";
import { UserError } from "../../core/failures/errors.ts";
import { writeAtomic } from "../data/atomic_file.ts";
import { ensureDataDir } from "../data/data_folder.ts";
import type { Surroundings } from "../installation.ts";

/** The config file that a set-up writes. */
export interface SetupFile {
  path: string;
  exists: boolean;
  /** What stands in it now, by key. */
  values: ReadonlyMap<string, unknown>;
}

/** Begins a file that is new. */
const HEAD = "# Settings of plexsync. All of them: plexsync help settings\n\n";

/**
 * The config file that is in force, or else the one that would be.
 * @throws {UserError} it is there and cannot be read
 */
export function setupFile({ world: { env }, flags }: Surroundings): SetupFile {
  const dataDir = resolveDataDir(flags["data-dir"], env).path;
  const named = flags.config ?? (env.PLEXSYNC_CONFIG || undefined);
  if (named !== undefined && diskFiles.readText(named) === undefined) {
    return { path: named, exists: false, values: new Map() };
  }
  const { file, values, problems } = readConfigFile(named, dataDir, diskFiles);
  if (problems.length > 0) throw new UserError(problems.join("\n"), "usage");
  return {
    path: file ?? configFileIn(dataDir),
    exists: file !== undefined,
    values: new Map([...values].map(([key, { raw }]) => [key, raw])),
  };
}

/** The surroundings for reading settings while the config file that is named may not be there yet. */
export function aroundSetup(around: Surroundings, file: SetupFile): Surroundings {
  if (file.exists) return around;
  const { config: _, ...flags } = around.flags;
  const { PLEXSYNC_CONFIG: __, ...env } = around.world.env;
  return { ...around, world: { ...around.world, env }, flags };
}

/** Keys of the settings that would not be as they are in the file. */
export function changedKeys(
  { values }: SetupFile,
  settings: Readonly<Record<string, TomlValue>>,
): string[] {
  return Object.keys(settings).filter((key) =>
    JSON.stringify(values.get(key)) !== JSON.stringify(settings[key])
  );
}

/**
 * Writes settings into the file, for its owner's eyes only. All else in it stays.
 * @throws {UserError} it cannot be written
 */
export function writeSetup(
  { path, exists }: Pick<SetupFile, "path" | "exists">,
  settings: Readonly<Record<string, TomlValue>>,
): void {
  try {
    if (!exists) ensureDataDir(dirname(path));
    // A link stays one: what it leads to is replaced.
    const real = exists ? Deno.realPathSync(path) : path;
    writeAtomic(real, withSettings(exists ? Deno.readTextFileSync(real) : HEAD, settings));
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const hint = "Name a file that you may write with --config";
    throw new UserError(`Cannot write ${path}: ${reason}`, "failed", hint, { cause: thrown });
  }
}
