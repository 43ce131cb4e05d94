import type { Config } from "../config/config.ts";
import { resolveDataDir } from "../config/data_dir.ts";
import { diskFiles } from "../config/files.ts";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import type { Need } from "../config/schema.ts";
import { secretsOf } from "../config/secrets.ts";
import { createLogger, type Log } from "../log/logger.ts";
import { openFileSink } from "../log/file_sink.ts";
import { resolveTarget } from "../log/target.ts";
import { ensureDataDir } from "../app/data_folder.ts";
import { withListenToken } from "../app/listen_token.ts";
import { type Files, filesOf, openInstallation } from "../app/servers.ts";
import type { Store } from "../store/store.ts";
import type { Invocation } from "./command.ts";

/** What most commands begin with: the settings, the files, the log. */
export interface Session {
  loaded: LoadedConfig;
  config: Config;
  files: Files;
  log: Log;
  close(): void;
}

/** Flags that are no settings and must not be taken for them. */
type OwnFlags = readonly string[];

export interface SessionOptions {
  /** Stash reads stderr: log lines carry its wrapper. */
  plugin?: boolean;
  /** What Stash's settings page holds, by key. */
  pluginSettings?: Readonly<Record<string, unknown>>;
  /** Another session of the same command says the warnings. */
  quiet?: boolean;
  /** The HTTP listener is about to start: its token is made when there is none. */
  listener?: boolean;
}

/**
 * Loads the settings and opens the log.
 * @param own Flags of the command itself
 * @throws {UserError} exit code 2: all that is wrong with the settings
 */
export function openSession(
  invocation: Invocation,
  need: Need,
  own: OwnFlags = [],
  options: SessionOptions = {},
): Session {
  const { world, values } = invocation;
  const dataDir = resolveDataDir(values["data-dir"], world.env).path;
  const flags = Object.fromEntries(
    Object.entries(values).filter(([name]) => name !== "data-dir" && !own.includes(name)),
  );
  const loaded = loadConfig({
    flags,
    env: world.env,
    files: diskFiles,
    dataDir,
    requireFor: need,
    pluginSettings: options.pluginSettings,
  });
  const files = filesOf(dataDir);
  const config = withListenToken(loaded.config, files, options.listener ?? false);
  const { log, close } = openLog(config, files, invocation, options.plugin ?? false);
  for (const warning of options.quiet ? [] : loaded.warnings) {
    log.warning(warning, { event: "config_warning" });
  }
  return { loaded, config, files, log, close };
}

function openLog(
  config: Config,
  files: Files,
  { world }: Invocation,
  plugin: boolean,
): { log: Log; close(): void } {
  const journalStream = Boolean(world.env.JOURNAL_STREAM);
  const target = resolveTarget(config.logTarget, { plugin, journalStream });
  if (target === "file") ensureDataDir(files.folder);
  const sink = target === "file" ? openFileSink({ path: `${files.folder}/plexsync.log` }) : null;
  const log = createLogger({
    format: config.logFormat,
    target,
    level: config.logLevel,
    secrets: secretsOf(config),
    obfuscatePaths: config.obfuscatePaths,
    write: sink === null ? world.stderr : (bytes) => sink.write(bytes),
    now: world.runtime.now,
    colour: target === "console" && world.terminal.stderr && !world.env.NO_COLOR,
  });
  return { log, close: () => sink?.close() };
}

/** Opens the session's store, made when it is not there. */
export function openStoreOf(session: Session, { world }: Invocation): Promise<Store> {
  return openInstallation(session.files, world.runtime, world.env.DENO_SQLITE_PATH);
}

/** Opens the session's store, or null when there is none yet: a question makes no files. */
export async function existingStoreOf(
  session: Session,
  invocation: Invocation,
): Promise<Store | null> {
  if (!exists(session.files.database)) return null;
  return await openStoreOf(session, invocation);
}

function exists(path: string): boolean {
  try {
    // An empty file is one that was made a moment ago and is not a database yet.
    return Deno.statSync(path).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
