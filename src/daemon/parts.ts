import type { Config } from "../config/config.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Log } from "../log/logger.ts";
import type { NativeLibrary } from "../store/database/native_library.ts";
import type { Store } from "../store/store.ts";
import type { Files } from "../app/data/data_files.ts";
import type { Targets } from "../app/targets.ts";
import type { Service } from "./service.ts";
import type { ConfirmSettings } from "./settings_guard.ts";
import type { SettingsWatch } from "./settings_watch.ts";

/** What the daemon is made from. */
export interface DaemonParts {
  config: Config;
  files: Files;
  store: Store;
  /** What scenes are written to. */
  targets: Targets;
  log: Log;
  runtime: Runtime;
  pid: number;
  /** For `@db/sqlite`; without one the built-in SQLite is taken. */
  nativeLibrary?: NativeLibrary | undefined;
  /** Forget what is known of the Plex server before: another one took its place on purpose. */
  acceptNewPlex?: boolean;
  /** Told the store when it is open; it is closed when the daemon ends. */
  opened?: (store: Store) => void;
  /** The settings in Stash could not be read at the start: asked before the first scene is. */
  confirmSettings?: ConfirmSettings | undefined;
  /** Reads the settings again when there is reason to. */
  settingsWatch?: SettingsWatch | undefined;
  /** Makes further services, which the caller knows: ways to ask the daemon while it works. */
  services?: ((running: RunningDaemon) => Service<never>[]) | undefined;
}

/** What such services are told of the running daemon. */
export interface RunningDaemon {
  store: Store;
  targets: Targets;
  /** The workers of all targets. */
  worker: {
    /** When the loop that is furthest behind took its last step, epoch ms. */
    readonly turnedAt: number;
    /** There are new jobs. */
    wake(): void;
  };
}
