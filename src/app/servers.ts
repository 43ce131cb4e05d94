import type { Config } from "../config/config.ts";
import { CLIENT_IDENTIFIER } from "../core/meta_keys.ts";
import type { Runtime } from "../core/runtime.ts";
import { VERSION } from "../core/version.ts";
import type { NotificationOptions } from "../plex/notifications/notifications.ts";
import { createPlexClient, type PlexClient } from "../plex/client.ts";
import { createStashClient, type StashClient } from "../stash/client.ts";
import type { Store } from "../store/store.ts";
import type { WorkContext } from "../worker/context.ts";
import { IndexKeeper } from "../worker/index_keeper.ts";
import type { Installation } from "./installation.ts";

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

/**
 * The last stage of an opened installation: its servers, and what the worker works with.
 * @param stop Ends what is under way
 */
export function connect(
  installation: Pick<Installation, "config" | "store" | "log" | "runtime">,
  stop?: AbortSignal,
): { stash: StashClient; context: WorkContext } {
  const { config, store } = installation;
  const stash = stashOf(config, stop);
  return { stash, context: workContext(installation, plexOf(config, store, stop), stash) };
}

/** What the worker works with, also for those who plan without writing. */
export function workContext(
  { config, store, log, runtime }: Pick<Installation, "config" | "store" | "log" | "runtime">,
  plex: PlexClient,
  stash: StashClient,
): WorkContext {
  const libraries = config.plexLibrary;
  const keeper = new IndexKeeper(plex, store, runtime, log.child("Index"), libraries);
  return { store, plex, stash, keeper, log: log.child("Worker"), runtime, settings: config };
}

/** One id for the life of the data directory: a new one each time fills Plex's device list. */
function clientIdentifier(store: Store): string {
  const known = store.meta.get(CLIENT_IDENTIFIER);
  if (known !== undefined) return known;
  const fresh = crypto.randomUUID();
  store.meta.set(CLIENT_IDENTIFIER, fresh);
  return fresh;
}
