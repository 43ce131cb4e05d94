import type { Need } from "../config/schema.ts";
import { type PlexsyncError, UserError } from "../core/errors.ts";
import type { Invocation } from "./command.ts";
import { openSession, type Session, type SessionOptions } from "./session.ts";
import { readStashSettings, type StashSettings } from "../app/stash_settings.ts";

/** A session whose settings include those of Stash's settings page. */
export interface ServerSession extends Session {
  /** Why the settings in Stash could not be read, and so are not in force; else null. */
  unread: PlexsyncError | null;
}

/**
 * As `openSession`, for commands that have to work by the same settings as the daemon.
 * @throws {UserError} exit code 2: all that is wrong with the settings
 */
export async function openServerSession(
  invocation: Invocation,
  need: Need,
  own: readonly string[] = [],
  options: SessionOptions = {},
): Promise<ServerSession> {
  const stash = await settingsInStash(invocation, own);
  const session = withStash(stash, invocation, need, own, options);
  if (session.unread !== null) sayUnread(session, session.unread);
  return session;
}

/** The session with what was read from Stash. Says nothing about what could not be read. */
export function withStash(
  { settings, failed }: StashSettings,
  invocation: Invocation,
  need: Need,
  own: readonly string[],
  options: SessionOptions,
): ServerSession {
  const session = openSession(invocation, need, own, { ...options, pluginSettings: settings });
  return { ...session, unread: failed };
}

export function sayUnread({ log }: Pick<Session, "log">, failed: PlexsyncError): void {
  log.warning(`The settings in Stash are not used: ${failed.message}`, {
    event: "stash_settings_failed",
    hint: failed.hint,
  });
}

/** What Stash's settings page holds; {} where the other settings do not say how to ask for it. */
export async function settingsInStash(
  invocation: Invocation,
  own: readonly string[],
  stop?: AbortSignal,
): Promise<StashSettings> {
  let session: Session;
  try {
    session = openSession(invocation, "offline", own, { quiet: true });
  } catch (error) {
    // Whoever opens the session in earnest says so, with all else that is wrong.
    if (error instanceof UserError) return { settings: {}, failed: null };
    throw error;
  }
  try {
    return await readStashSettings(session.loaded, null, invocation.world.runtime, stop);
  } finally {
    session.close();
  }
}
