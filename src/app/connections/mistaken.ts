import type { Config } from "../../config/config.ts";
import { TransportFailure } from "../../core/http/bounded_fetch.ts";
import { UserError } from "../../core/failures/errors.ts";
import { isStash } from "../../stash/recognize.ts";
import type { Installation } from "../installation.ts";
import { stashOptions } from "../settings/stash_options.ts";
import type { TargetSettings } from "../targets.ts";
import { plexOf } from "./servers.ts";

// One server's address given for the other's: each refuses what it is sent as if only the key were
// wrong, and no key would ever do.

/**
 * What was asked of Stash.
 * @throws {UserError} it failed, and Plex is at that address; else what the question throws
 */
export async function askingStash<T>(
  question: () => Promise<T>,
  installation: Pick<Installation, "config" | "targets" | "store" | "runtime" | "stop">,
): Promise<T> {
  const url = installation.config.stashUrl;
  const [first] = installation.targets;
  return await unlessMistaken(question, async () => {
    if (!await isPlexAt({ ...first, url, token: "" }, installation)) return null;
    const hint = "Set stash_url to the address of Stash: its port is 9999 unless it was changed";
    return new UserError(`stash_url: that is Plex, not Stash, at ${url}`, "failed", hint);
  });
}

/**
 * What was asked of a Plex server.
 * @throws {UserError} it failed, and Stash is at that address; else what the question throws
 */
export async function askingPlex<T>(
  question: () => Promise<T>,
  { key, url }: Pick<TargetSettings, "key" | "url">,
  { config, stop }: { config: Config; stop?: AbortSignal | undefined },
): Promise<T> {
  return await unlessMistaken(question, async () => {
    if (!await isStash(stashOptions({ ...config, stashUrl: url }, stop))) return null;
    const hint = `Set ${key}_url to the address of Plex: its port is 32400 unless it was changed`;
    return new UserError(`${key}_url: that is Stash, not Plex, at ${url}`, "failed", hint);
  });
}

async function unlessMistaken<T>(
  question: () => Promise<T>,
  mistake: () => Promise<UserError | null>,
): Promise<T> {
  try {
    return await question();
  } catch (thrown) {
    // Where nothing answers, nothing else does.
    if (thrown instanceof Error && thrown.cause instanceof TransportFailure) throw thrown;
    throw await mistake() ?? thrown;
  }
}

async function isPlexAt(
  settings: TargetSettings,
  installation: Pick<Installation, "config" | "store" | "runtime" | "stop">,
): Promise<boolean> {
  try {
    await plexOf(settings, installation).identity();
    return true;
  } catch {
    return false;
  }
}
