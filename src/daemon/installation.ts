import type { Config } from "../config/config.ts";
import type { Runtime } from "../core/runtime.ts";
import { createPlexClient, type PlexClient } from "../plex/client.ts";
import { createStashClient, type StashClient } from "../stash/client.ts";
import { openStore, type Store } from "../store/store.ts";
import { ensureDataDir, makePrivate } from "./data_dir.ts";
import { LOCK_FILE } from "./lock.ts";
import { STATS_FILE } from "./stats_file.ts";

export const VERSION = "0.1.0";

/** The files of one data directory. */
export interface Files {
  folder: string;
  database: string;
  stats: string;
  lock: string;
}

export function filesOf(folder: string): Files {
  const at = (name: string) => `${folder.replace(/[\\/]+$/, "")}/${name}`;
  return {
    folder,
    database: at("plexsync.db"),
    stats: at(STATS_FILE),
    lock: at(LOCK_FILE),
  };
}

/** Opens the store of a data directory, made when it is not there. */
export async function openInstallation(
  files: Files,
  runtime: Runtime,
  nativeLibrary: string | undefined,
): Promise<Store> {
  ensureDataDir(files.folder);
  makePrivate(files.database);
  return await openStore(files.database, {
    nativeLibrary,
    sleep: (ms) => runtime.sleep(ms),
  });
}

/** A client of the configured Plex. */
export function plexOf(config: Config, store: Store, signal?: AbortSignal): PlexClient {
  return createPlexClient({
    url: config.plexUrl,
    token: config.plexToken,
    fetch,
    connectTimeoutMs: config.connectTimeoutMs,
    readTimeoutMs: config.readTimeoutMs,
    clientIdentifier: clientIdentifier(store),
    version: VERSION,
    signal,
  });
}

/** A client of the configured Stash. */
export function stashOf(config: Config, signal?: AbortSignal): StashClient {
  return createStashClient({
    url: config.stashUrl,
    apiKey: config.stashApiKey,
    fetch,
    connectTimeoutMs: config.connectTimeoutMs,
    readTimeoutMs: config.readTimeoutMs,
    signal,
  });
}

/** One id for the life of the data directory: a new one each time fills Plex's device list. */
function clientIdentifier(store: Store): string {
  const known = store.meta.get<string>("client_identifier");
  if (known !== undefined) return known;
  const fresh = crypto.randomUUID();
  store.meta.set("client_identifier", fresh);
  return fresh;
}
