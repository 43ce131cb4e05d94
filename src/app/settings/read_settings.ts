import type { Config } from "../../config/config.ts";
import { resolveDataDir } from "../../config/data_dir.ts";
import { diskFiles } from "../../config/files.ts";
import { loadConfig, type LoadedConfig } from "../../config/load.ts";
import { type Files, filesOf } from "../data/data_files.ts";
import type { SettingsOptions, Surroundings } from "../installation.ts";
import { withListenToken } from "./listen_token.ts";

/** The settings as they were read, before anything is opened by them. */
export interface ReadSettings {
  loaded: LoadedConfig;
  config: Config;
  files: Files;
  /** What Stash's settings page held, by key. */
  pluginSettings: Readonly<Record<string, unknown>>;
}

/**
 * Reads the settings from all that they can come from.
 * @throws {UserError} all that is wrong with them
 */
export function readSettings(
  { world: { env }, flags: { "data-dir": dataDirFlag, ...flags } }: Surroundings,
  { need, pluginSettings = {}, listener = false }: SettingsOptions,
): ReadSettings {
  const dataDir = resolveDataDir(dataDirFlag, env).path;
  const sources = { flags, env, files: diskFiles, dataDir, requireFor: need, pluginSettings };
  const loaded = loadConfig(sources);
  const files = filesOf(dataDir);
  return { loaded, config: withListenToken(loaded.config, files, listener), files, pluginSettings };
}
