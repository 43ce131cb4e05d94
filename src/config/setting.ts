import type { Config } from "./config.ts";
import type { FileAccess } from "./files.ts";
import type { Kind, Parsed } from "./kinds.ts";

/** Which servers a command talks to, and so which settings it cannot do without. */
export type Need = "offline" | "plex" | "stash" | "daemon";

/** One setting: everything that is known about it stands here and nowhere else. */
export interface Setting<T = unknown> {
  /** Name in the file, and with `PLEXSYNC_` in front and in capitals in the environment. */
  readonly key: string;
  readonly kind: Kind<T>;
  readonly default: T;
  readonly meaning: string;
  readonly unit?: string;
  /** Never shown; may come from a file of its own or a systemd credential. */
  readonly secret?: true;
  /** The server it belongs to; commands that use that server need it. */
  readonly requiredFor?: "plex" | "stash";
  /** What an explicitly empty value says, where that is an answer too. */
  readonly emptyMeans?: string;
  /** Reads what the value names. */
  readonly read?: (value: T, files: FileAccess) => Parsed<T>;
}

/** A setting together with its name in `Config`, its value's type left open. */
export interface Entry extends Setting {
  readonly property: keyof Config;
}

/** The name of a setting's environment variable. */
export function envName(key: string): string {
  return `PLEXSYNC_${key.toUpperCase()}`;
}

/** Whether a command with this need cannot do without the setting. */
export function isRequired(entry: Setting, need: Need): boolean {
  if (entry.requiredFor === undefined || need === "offline") return false;
  return need === "daemon" || entry.requiredFor === need;
}

/** The default as text; a secret or address that has none shows as "". */
export function defaultText(entry: Setting): string {
  return entry.kind.show(entry.default);
}
