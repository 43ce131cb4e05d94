import { asPlexsyncError, PlexsyncError } from "../core/errors.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Installation } from "./installation.ts";
import { plexOf, stashOf } from "./servers.ts";

/** What a server says now. */
export interface ServerCheck {
  /** null when it was not asked: no address, or `--offline`. */
  reachable: boolean | null;
  latency_ms: number | null;
  version: string | null;
  /** Whether it takes our token or key; null when that was not asked or not answered. */
  authorized: boolean | null;
  error: string | null;
  hint: string | null;
}

export const NOT_ASKED: Readonly<ServerCheck> = Object.freeze({
  reachable: null,
  latency_ms: null,
  version: null,
  authorized: null,
  error: null,
  hint: null,
});

/** A person waits for the answer. */
const LIMIT_MS = 3_000;

/** Asks both servers at once; never rejects. */
export async function checkServers(
  { config, store, runtime }: Pick<Installation, "config" | "store" | "runtime">,
): Promise<{ plex: ServerCheck; stash: ServerCheck }> {
  const [plex, stash] = await Promise.all([
    config.plexUrl === "" ? NOT_ASKED : check("Plex", runtime, async (signal, reached) => {
      const client = plexOf(config, store, runtime, signal);
      reached((await client.identity()).version);
      // Plex names itself to everybody: only this shows whether the token is any good.
      if (config.plexToken === "") return null;
      await client.checkAccess();
      return true;
    }),
    config.stashUrl === "" ? NOT_ASKED : check("Stash", runtime, async (signal, reached) => {
      reached((await stashOf(config, signal).version()).version);
      return true;
    }),
  ]);
  return { plex, stash };
}

/**
 * @param ask Calls `reached` with the version as soon as it is known
 */
async function check(
  name: "Plex" | "Stash",
  runtime: Runtime,
  ask: (signal: AbortSignal, reached: (version: string) => void) => Promise<boolean | null>,
): Promise<ServerCheck> {
  const limit = new AbortController();
  const done = new AbortController();
  const late = new PlexsyncError(
    name === "Plex" ? "PlexServerDown" : "StashUnavailable",
    `${name} gave no answer within ${LIMIT_MS / 1000} s`,
  );
  // Aborted at the end in any case, which then means nothing any more.
  const timer = runtime.sleep(LIMIT_MS, done.signal).then(() => limit.abort(late));
  const started = runtime.now();
  let found: ServerCheck = { ...NOT_ASKED, reachable: false };
  const reached = (version: string) => {
    const latency_ms = Math.max(0, runtime.now() - started);
    found = { ...found, reachable: true, latency_ms, version: version || null };
  };
  try {
    const authorized = await ask(limit.signal, reached);
    return { ...found, authorized };
  } catch (thrown) {
    const { type, message, hint, status } = asPlexsyncError(thrown);
    // A refusal is an answer too: the server is there.
    const refused = type === "PlexUnauthorized" || status === 401 || status === 403;
    if (refused && found.latency_ms === null) reached("");
    return { ...found, authorized: refused ? false : null, error: message, hint };
  } finally {
    done.abort();
    await timer;
  }
}
