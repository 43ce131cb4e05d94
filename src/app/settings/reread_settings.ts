import { ENTRIES } from "../../config/schema.ts";
import { type PlexsyncError, UserError } from "../../core/failures/errors.ts";
import { type Settings, settingsInStash, type Surroundings } from "../installation.ts";
import { type ReadSettings, readSettings } from "./read_settings.ts";

/** What the settings are found to be while those read before are in force. */
export type Reread =
  | { kind: "same" }
  /** They cannot be used; `problem` is of one line. */
  | { kind: "broken"; problem: string }
  /** `keys` have other values than before. */
  | {
    kind: "changed";
    keys: string[];
    read: ReadSettings;
    /** Why what Stash holds is still not known; null when it is. */
    unread: PlexsyncError | null;
  };

/**
 * Reads the settings of a daemon anew: file, files of secrets, credentials, certificates. Flags and
 * variables of the environment are those of the process.
 * @param askStash Reads what its settings page holds as well; if it does not answer, and otherwise,
 * that is what it was
 */
export async function rereadSettings(
  around: Surroundings,
  current: Pick<Settings, "config" | "pluginSettings" | "unread">,
  askStash: boolean,
  stop: AbortSignal,
): Promise<Reread> {
  const stash = askStash ? await settingsInStash(around, stop) : null;
  const held = stash?.failed === null ? stash.settings : current.pluginSettings;
  const unread = stash?.failed === null ? null : current.unread;
  let read: ReadSettings;
  try {
    read = readSettings(around, { need: "daemon", listener: true, pluginSettings: held });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kind: "broken", problem: error.message.replaceAll("\n", "; ") };
  }
  const text = (value: unknown) => JSON.stringify(value);
  const keys = ENTRIES
    .filter(({ property }) => text(read.config[property]) !== text(current.config[property]))
    .map(({ key }) => key);
  return keys.length === 0 ? { kind: "same" } : { kind: "changed", keys, read, unread };
}
