import type { Config } from "../../config/config.ts";
import type { StashHttpOptions } from "../../stash/http.ts";
import { transportTo } from "../connections/transport.ts";

/** How the configured Stash is reached. */
export function stashOptions(config: Config, signal?: AbortSignal): StashHttpOptions {
  return {
    url: config.stashUrl,
    apiKey: config.stashApiKey,
    user: config.stashUser,
    password: config.stashPassword,
    ...transportTo(config.stashUrl, config, signal),
    connectTimeoutMs: config.connectTimeoutMs,
    readTimeoutMs: config.readTimeoutMs,
    signal,
  };
}
