import { STASH } from "../../core/jobs/course.ts";
import { asPlexsyncError, PlexsyncError } from "../../core/failures/errors.ts";
import type { Runtime } from "../../core/runtime.ts";
import type { Installation } from "../installation.ts";
import { plexOf, stashOf } from "../connections/servers.ts";

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

/** By the key of the server; one that is not there was not asked. */
export type ServerChecks = Readonly<Record<string, ServerCheck>>;

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

/** Asks all servers at once; never rejects. */
export async function checkServers(
  installation: Pick<Installation, "config" | "store" | "runtime" | "targets">,
): Promise<ServerChecks> {
  const { config, runtime, targets } = installation;
  const checks = targets.map(async (target): Promise<[string, ServerCheck]> => {
    if (target.url === "") return [target.key, NOT_ASKED];
    const found = await check(target.title, "PlexServerDown", runtime, async (signal, reached) => {
      const client = plexOf(target, installation, signal);
      reached((await client.identity()).version);
      // Plex names itself to everybody: only this shows whether the token is any good.
      if (target.token === "") return null;
      await client.checkAccess();
      return true;
    });
    return [target.key, found];
  });
  const stash = config.stashUrl === ""
    ? NOT_ASKED
    : check("Stash", "StashUnavailable", runtime, async (signal, reached) => {
      reached((await stashOf(config, signal).version()).version);
      return true;
    });
  return { ...Object.fromEntries(await Promise.all(checks)), [STASH]: await stash };
}

/**
 * @param silence What it is when there is no answer
 * @param ask Calls `reached` with the version as soon as it is known
 */
async function check(
  name: string,
  silence: "PlexServerDown" | "StashUnavailable",
  runtime: Runtime,
  ask: (signal: AbortSignal, reached: (version: string) => void) => Promise<boolean | null>,
): Promise<ServerCheck> {
  const limit = new AbortController();
  const done = new AbortController();
  const late = new PlexsyncError(silence, `${name} gave no answer within ${LIMIT_MS / 1000} s`);
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
