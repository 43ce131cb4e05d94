import type { Config } from "../config/config.ts";
import type { Need } from "../config/setting.ts";
import { secretsOf } from "../config/secrets.ts";
import { type PlexsyncError, UserError } from "../core/failures/errors.ts";
import type { Runtime } from "../core/runtime.ts";
import { openFileSink } from "../log/file_sink.ts";
import { createLogger, type Log } from "../log/logger.ts";
import { resolveTarget } from "../log/output.ts";
import { RecentLines } from "../log/recent_lines.ts";
import type { ServerConnection } from "../stash/stash_config.ts";
import { type NativeLibrary, nativeLibrary } from "../store/database/native_library.ts";
import { openStore, Store } from "../store/store.ts";
import { type Files, openDatabaseFile } from "./data/data_files.ts";
import { ensureDataDir } from "./data/data_folder.ts";
import { type ReadSettings, readSettings } from "./settings/read_settings.ts";
import type { readStashSettings, StashSettings } from "./settings/stash_settings.ts";
import { keysOf, type Targets, targetsOf } from "./targets.ts";
import type { World } from "./world.ts";

// An installation is opened in stages, each from the one before: what a face read from its
// surroundings, the settings with files and log, the store, and the servers (servers.ts).

/** What a face read from its surroundings. */
export interface Surroundings {
  world: World;
  /** Values of the settings' flags, of `config` and of `data-dir`, by name without dashes. */
  flags: Readonly<Record<string, string>>;
  /** Stash reads stderr: log lines carry its wrapper. */
  plugin?: boolean;
}

/** The settings in force, the files that go with them, and the log. */
export interface Settings extends ReadSettings, Disposable {
  log: Log;
  /** What it said last; kept where `listen` is set. */
  recent: RecentLines;
  runtime: Runtime;
  pid: number;
  /** Path of an SQLite library for `@db/sqlite`, or undefined. */
  nativeLibrary: NativeLibrary | undefined;
  /** Ends what is asked of the servers, and waits. */
  stop?: AbortSignal | undefined;
  /** Why the settings that Stash holds could not be read, and so are not in force; else null. */
  unread: PlexsyncError | null;
}

/** An opened installation: what the operations work on. */
export interface Installation {
  config: Config;
  files: Files;
  log: Log;
  runtime: Runtime;
  store: Store;
  /** What scenes are written to. The store is opened for these. */
  targets: Targets;
  /** Ends what is asked of the servers, and waits. */
  stop?: AbortSignal | undefined;
}

export interface SettingsOptions {
  /** The servers whose settings have to be there. */
  need: Need;
  /** What Stash's settings page holds, by key. */
  pluginSettings?: Readonly<Record<string, unknown>>;
  /** The warnings are said by another opening of the same installation. */
  quiet?: boolean;
  /** The HTTP listener is about to start: its token is made when there is none. */
  listener?: boolean;
}

/**
 * Loads the settings and opens the log.
 * @throws {UserError} all that is wrong with the settings
 */
export function openSettings(around: Surroundings, options: SettingsOptions): Settings {
  return openRead(readSettings(around, options), around, options.quiet);
}

/**
 * Opens the log by settings that were read.
 * @param quiet The warnings are said by another opening of the same installation
 */
export function openRead(read: ReadSettings, around: Surroundings, quiet = false): Settings {
  const { loaded, config, files } = read;
  const { world: { env, runtime, pid, stop } } = around;
  const recent = new RecentLines();
  const { log, close } = openLog(config, files, around, recent);
  for (const warning of quiet ? [] : loaded.warnings) {
    log.warning(warning, { event: "config_warning" });
  }
  const library = nativeLibrary(env, files.folder);
  const settings = {
    ...read,
    log,
    recent,
    runtime,
    pid,
    nativeLibrary: library,
    stop,
    unread: null,
  };
  return { ...settings, [Symbol.dispose]: close };
}

function openLog(
  config: Config,
  files: Files,
  { world, plugin = false }: Surroundings,
  recent: RecentLines,
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
    // Only a page shows them: no other process has to put each line into words twice.
    ...(config.listen === null ? {} : { recent }),
    colour: target === "console" && world.terminal.stderr && !world.env.NO_COLOR,
  });
  return { log, close: () => sink?.close() };
}

/**
 * As `openSettings`, with what Stash's settings page holds: for those who have to work by the same
 * settings as the daemon.
 * @throws {UserError} all that is wrong with the settings
 */
export async function openServerSettings(
  around: Surroundings,
  options: SettingsOptions,
): Promise<Settings> {
  const settings = withStash(await settingsInStash(around), around, options);
  if (settings.unread !== null) sayUnread(settings, settings.unread);
  return settings;
}

/** How often a Stash that does not answer yet is asked for its settings again. */
const AGAIN_MS = 10_000;

/**
 * The daemon's settings. Where some are missing that Stash may hold, and Stash does not answer
 * yet, it is waited for: after a restart of the machine both start at once. Does not say what
 * could not be read.
 * @param wait false for a single pass, which cannot wait
 * @returns null when stopped while waiting
 * @throws {UserError} all that is wrong with the settings
 */
export async function openDaemonSettings(
  around: Surroundings,
  { listener, wait }: { listener: boolean; wait: boolean },
  stop: AbortSignal,
): Promise<Settings | null> {
  for (let said = false;; said = true) {
    const stash = await settingsInStash(around, stop);
    if (stop.aborted) return null;
    try {
      return withStash(stash, around, { need: "daemon", listener });
    } catch (error) {
      if (!(error instanceof UserError) || stash.failed === null || !wait) throw error;
      if (!said) sayWaiting(around, stash.failed, error);
    }
    await around.world.runtime.sleep(AGAIN_MS, stop);
    if (stop.aborted) return null;
  }
}

function sayWaiting(around: Surroundings, failed: PlexsyncError, missing: UserError): void {
  using settings = openSettings(around, { need: "offline", quiet: true });
  settings.log.warning(`Waiting for Stash, which may hold what is missing: ${failed.message}`, {
    event: "stash_wait",
    hint: missing.message,
  });
}

/** The servers that a task of Stash cannot do without. */
export type TaskNeed = "nothing" | "stash" | "both";

/**
 * The settings of a task, with those of the Stash that called, which also tells its own address
 * where no setting does.
 * @throws {UserError} all that is wrong with the settings, or what the task needs and is not there
 */
export async function openTaskSettings(
  around: Surroundings,
  caller: ServerConnection | null,
  need: TaskNeed,
): Promise<Settings> {
  const { settings: pluginSettings, failed } = await settingsOfCaller(around, caller);
  const options = { pluginSettings, quiet: true };
  const settings = openSettings(around, { ...options, need: "offline" });
  try {
    const missing = missingNeed(need, settings.config);
    if (missing !== null) openSettings(around, { ...options, need: missing });
  } catch (error) {
    settings[Symbol.dispose]();
    throw error;
  }
  return { ...settings, unread: failed };
}

async function settingsOfCaller(
  around: Surroundings,
  caller: ServerConnection | null,
): Promise<StashSettings> {
  using first = openSettings(around, { need: "offline" });
  const found = await askStash(first.loaded, caller, first.runtime);
  if (found.failed !== null) sayUnread(first, found.failed);
  return found;
}

/** The servers whose settings are not there, though the task needs them. */
function missingNeed(need: TaskNeed, config: Config): Need | null {
  const noPlex = need === "both" && (config.plexUrl === "" || config.plexToken === "");
  // A Stash that was found without a setting needs none, not even a key.
  if (need === "nothing" || config.stashUrl !== "") return noPlex ? "plex" : null;
  return noPlex ? "daemon" : "stash";
}

/** The settings with what was read from Stash. Says nothing about what could not be read. */
function withStash(
  { settings: pluginSettings, failed }: StashSettings,
  around: Surroundings,
  options: SettingsOptions,
): Settings {
  return { ...openSettings(around, { ...options, pluginSettings }), unread: failed };
}

/** Says that the settings which Stash holds are not in force. */
export function sayUnread({ log }: Pick<Settings, "log">, failed: PlexsyncError): void {
  log.warning(`The settings in Stash are not used: ${failed.message}`, {
    event: "stash_settings_failed",
    hint: failed.hint,
  });
}

/** The client of Stash is loaded by whoever asks it: a stats query must start fast. */
async function askStash(
  ...question: Parameters<typeof readStashSettings>
): ReturnType<typeof readStashSettings> {
  const settings: typeof import("./settings/stash_settings.ts") = await import(
    "./settings/stash_settings.ts" as string
  );
  return await settings.readStashSettings(...question);
}

/** What Stash's settings page holds; {} where the other settings do not say how to ask for it. */
export async function settingsInStash(
  around: Surroundings,
  stop?: AbortSignal,
): Promise<StashSettings> {
  try {
    const { loaded } = readSettings(around, { need: "offline" });
    return await askStash(loaded, null, around.world.runtime, stop);
  } catch (error) {
    // Whoever opens the settings in earnest says so, with all else that is wrong.
    if (error instanceof UserError) return { settings: {}, failed: null };
    throw error;
  }
}

/**
 * Opens the store of a data directory, made when it is not there.
 * @param targets Keys of what scenes are written to
 */
export async function openDataStore(
  { targets, files, runtime, nativeLibrary }: {
    targets: readonly string[];
    files: Files;
    runtime: Pick<Runtime, "sleep">;
    nativeLibrary?: NativeLibrary | undefined;
  },
): Promise<Store> {
  return new Store(await openDatabaseFile(files, runtime, nativeLibrary), targets);
}

/** The installation with its store, made when it is not there. Closed, it leaves the log open. */
export async function openInstallation(settings: Settings): Promise<Installation & Disposable> {
  return withStore(
    settings,
    await openDataStore({ ...settings, targets: keysOf(targetsOf(settings.config)) }),
  );
}

/** The same, or null when there is no database yet: a question makes no files. */
export async function openExisting(settings: Settings): Promise<Installation & Disposable | null> {
  return exists(settings.files.database) ? await openInstallation(settings) : null;
}

/**
 * The same, with an empty store in memory when there is none yet: nothing done so far is an answer
 * too.
 */
export async function openToAsk(
  settings: Settings,
): Promise<Installation & Disposable & { empty: boolean }> {
  const found = await openExisting(settings);
  if (found !== null) return { ...found, empty: false };
  const sleep = (ms: number) => settings.runtime.sleep(ms);
  const store = await openStore(":memory:", keysOf(targetsOf(settings.config)), {
    driver: "builtin",
    sleep,
  });
  return { ...withStore(settings, store), empty: true };
}

function withStore(
  { config, files, log, runtime, stop }: Settings,
  store: Store,
): Installation & Disposable {
  const targets = targetsOf(config);
  return {
    config,
    files,
    log,
    runtime,
    store,
    targets,
    stop,
    [Symbol.dispose]: () => store.close(),
  };
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
