import type { Config } from "../../config/config.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
import type { Runtime } from "../../core/runtime.ts";
import {
  createStashConfig,
  type ServerConnection,
  type StashConfig,
} from "../../stash/stash_config.ts";
import { stashOptions } from "./stash_options.ts";
import { transportTo } from "../connections/transport.ts";

/** The settings that Stash holds, as the layer that all other sources of settings beat. */
export interface StashSettings {
  settings: Readonly<Record<string, unknown>>;
  /** Why they could not be read; null when they were, or nothing says where Stash is. */
  failed: PlexsyncError | null;
}

/** Whoever waits for them waits for nothing else: a daemon that starts, a task of Stash. */
const LIMIT_MS = 5_000;

/**
 * Reads what Stash's settings page holds for the plugin; never rejects. Where no setting says
 * how to reach Stash, the Stash that called is asked, by the session that it sent along, for its
 * address and key too: the session ends after an hour, and the key is kept in memory only.
 * @param caller The Stash that started this process as a plugin, or null
 */
export async function readStashSettings(
  { config, origins }: LoadedConfig,
  caller: ServerConnection | null,
  runtime: Pick<Runtime, "sleep">,
  stop?: AbortSignal,
): Promise<StashSettings> {
  const configured = config.stashUrl !== "" && origins.stash_api_key?.source !== "default";
  if (!configured && caller === null) return { settings: {}, failed: null };
  const limit = new AbortController();
  const done = new AbortController();
  const over = new AbortController();
  const late = new PlexsyncError("StashUnavailable", "Stash did not tell its settings in time");
  const timer = runtime.sleep(LIMIT_MS, done.signal).then(() => limit.abort(late));
  const signal = stop === undefined ? limit.signal : AbortSignal.any([limit.signal, stop]);
  try {
    const settings = configured
      ? await stashConfigOf(config, over.signal).pluginSettings(signal)
      : await askCaller(caller!, config, signal, over.signal);
    return { settings, failed: null };
  } catch (thrown) {
    return { settings: {}, failed: asPlexsyncError(thrown) };
  } finally {
    over.abort();
    done.abort();
    await timer;
  }
}

/**
 * The configuration of the Stash that the settings name.
 * @param over Ends all connections
 */
export function stashConfigOf(config: Config, over?: AbortSignal): StashConfig {
  return createStashConfig(stashOptions(config, over));
}

async function askCaller(
  { url, session }: ServerConnection,
  config: Config,
  signal: AbortSignal,
  over: AbortSignal,
): Promise<Record<string, unknown>> {
  const { connectTimeoutMs, readTimeoutMs } = config;
  const stash = createStashConfig({
    url,
    session: session ?? undefined,
    ...transportTo(url, config, over),
    connectTimeoutMs,
    readTimeoutMs,
  });
  const [settings, key] = await Promise.all([stash.pluginSettings(signal), stash.apiKey(signal)]);
  return { stash_url: url, stash_api_key: key, ...settings };
}

/**
 * Reads again what could not be read at the start.
 * @returns whether the settings in force are still the right ones
 * @throws {PlexsyncError} Stash does not answer
 */
export async function confirmSettings(config: Config): Promise<boolean> {
  try {
    return Object.keys(await stashConfigOf(config).pluginSettings()).length === 0;
  } catch (error) {
    // A Stash that knows no such settings holds none.
    if (error instanceof PlexsyncError && error.type === "PermanentError") return true;
    throw error;
  }
}
