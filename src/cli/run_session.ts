import { PlexsyncError, UserError } from "../core/errors.ts";
import type { ConfirmSettings } from "../daemon/settings_guard.ts";
import type { Invocation } from "./command.ts";
import { type ServerSession, settingsInStash, withStash } from "./server_session.ts";
import { openSession, type SessionOptions } from "./session.ts";
import { stashConfigOf } from "../app/stash_settings.ts";

const AGAIN_MS = 10_000;

/**
 * The daemon's session. Where settings are missing that Stash may hold, and Stash does not answer
 * yet, it is waited for: after a restart of the machine both start at once.
 * @returns null when stopped while waiting
 * @throws {UserError} exit code 2: all that is wrong with the settings
 */
export async function openRunSession(
  invocation: Invocation,
  own: readonly string[],
  options: SessionOptions & { wait: boolean },
  stop: AbortSignal,
): Promise<ServerSession | null> {
  for (let said = false;; said = true) {
    const stash = await settingsInStash(invocation, own, stop);
    if (stop.aborted) return null;
    try {
      return withStash(stash, invocation, "daemon", own, options);
    } catch (error) {
      if (!(error instanceof UserError) || stash.failed === null || !options.wait) throw error;
      if (!said) sayWaiting(invocation, own, stash.failed, error);
    }
    await invocation.world.runtime.sleep(AGAIN_MS, stop);
    if (stop.aborted) return null;
  }
}

function sayWaiting(
  invocation: Invocation,
  own: readonly string[],
  failed: PlexsyncError,
  missing: UserError,
): void {
  const { log, close } = openSession(invocation, "offline", own, { quiet: true });
  log.warning(`Waiting for Stash, which may hold what is missing: ${failed.message}`, {
    event: "stash_wait",
    hint: missing.message,
  });
  close();
}

/** Reads again what could not be read at the start; undefined when it could. */
export function confirmSettingsOf(session: ServerSession): ConfirmSettings | undefined {
  if (session.unread === null) return undefined;
  return async () => {
    try {
      const settings = await stashConfigOf(session.config).pluginSettings();
      return Object.keys(settings).length === 0;
    } catch (error) {
      // A Stash that knows no such settings holds none.
      if (error instanceof PlexsyncError && error.type === "PermanentError") return true;
      throw error;
    }
  };
}
