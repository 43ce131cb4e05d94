import { contentError, graphqlError } from "./classify.ts";
import { createStashHttp, type StashHttp, type StashHttpOptions } from "./http.ts";
import { text } from "../core/text/json.ts";
import { type Fields, fields } from "./read_scene.ts";

/** The plugin's id: the name of its manifest, without `.yml`. */
export const PLUGIN_ID = "plexsync";

/** How a plugin reaches the Stash that started it. */
export interface ServerConnection {
  /** Base URL; the address that Stash is bound to, as one that can be connected to. */
  url: string;
  /** Good for an hour; null when Stash sent none. */
  session: { name: string; value: string } | null;
}

/** What Stash's own configuration tells. Every method rejects with a `PlexsyncError`. */
export interface StashConfig {
  /**
   * What the settings page holds for a plugin, by key; what was never set is not in it.
   * @param id Default: this one's
   */
  pluginSettings(signal?: AbortSignal, id?: string): Promise<Record<string, unknown>>;
  /** Stash's API key; "" when none was made. */
  apiKey(signal?: AbortSignal): Promise<string>;
  /** The folder of all plugins, as Stash itself sees it. */
  pluginsPath(signal?: AbortSignal): Promise<string>;
}

export function createStashConfig(options: StashHttpOptions): StashConfig {
  const http = createStashHttp(options);
  return {
    async pluginSettings(signal, id = PLUGIN_ID) {
      const action = "read the plugin's settings";
      const wanted = `plugins(include: ${JSON.stringify([id])})`;
      const { plugins } = await configuration(http, action, wanted, signal);
      return { ...fields(fields(plugins)?.[id]) };
    },

    async apiKey(signal) {
      const wanted = "general { apiKey }";
      const { general } = await configuration(http, "read Stash's API key", wanted, signal);
      return text(fields(general)?.apiKey);
    },

    async pluginsPath(signal) {
      const wanted = "general { pluginsPath }";
      const { general } = await configuration(http, "ask for the plugins folder", wanted, signal);
      return text(fields(general)?.pluginsPath);
    },
  };
}

async function configuration(
  http: StashHttp,
  action: string,
  wanted: string,
  signal: AbortSignal | undefined,
): Promise<Fields> {
  const document = `query { configuration { ${wanted} } }`;
  const { data, errors } = await http.query({ action, signal }, document);
  if (errors.length > 0) throw graphqlError(action, errors);
  const found = fields(data.configuration);
  if (found === null) throw contentError(action);
  return found;
}
