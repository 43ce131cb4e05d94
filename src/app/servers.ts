import type { Config } from "../config/config.ts";
import { CLIENT_IDENTIFIER } from "../core/meta_keys.ts";
import type { Runtime } from "../core/runtime.ts";
import { VERSION } from "../core/version.ts";
import type { NotificationOptions } from "../plex/notifications/notifications.ts";
import { createPlexClient, type PlexClient } from "../plex/client.ts";
import { createStashClient, type StashClient } from "../stash/client.ts";
import { Store } from "../store/store.ts";
import { type Files, openDatabaseFile } from "./data_files.ts";

export { type Files, filesOf } from "./data_files.ts";

/** Opens the store of a data directory, made when it is not there. */
export async function openInstallation(
  files: Files,
  runtime: Runtime,
  nativeLibrary: string | undefined,
): Promise<Store> {
  return new Store(await openDatabaseFile(files, runtime, nativeLibrary));
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

/** How to follow what the configured Plex tells of its library. */
export function notificationsOf(
  config: Config,
  store: Store,
  runtime: Runtime,
): NotificationOptions {
  return {
    url: config.plexUrl,
    token: config.plexToken,
    clientIdentifier: clientIdentifier(store),
    version: VERSION,
    fetch,
    runtime,
  };
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
  const known = store.meta.get(CLIENT_IDENTIFIER);
  if (known !== undefined) return known;
  const fresh = crypto.randomUUID();
  store.meta.set(CLIENT_IDENTIFIER, fresh);
  return fresh;
}
