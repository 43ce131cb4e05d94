import type { Config } from "../config/config.ts";
import { UserError } from "../core/failures/errors.ts";
import { TARGET_KEYS } from "../core/meta_keys.ts";
import type { Meta } from "../store/meta.ts";

/** Key of the Plex server that the settings describe. */
export const DEFAULT_TARGET = "plex";

/** A server that scenes are written to, as the settings say where it is. */
export interface TargetSettings {
  /**
   * Stands in the database, so that it never changes. Settings and problems begin with it and an
   * underscore, of which it has none itself.
   */
  key: string;
  /** Its name for people. */
  title: string;
  /** "" when it is not configured. */
  url: string;
  token: string;
  /** Titles or ids of the libraries that are synced; none for all. */
  libraries: readonly string[];
}

/** The targets of an installation: one at least. */
export type Targets = readonly [TargetSettings, ...TargetSettings[]];

/** All that scenes are written to, one line each: the one place that decides it. */
export function targetsOf({ plexUrl, plexToken, plexLibrary }: Config): Targets {
  return [
    { key: DEFAULT_TARGET, title: "Plex", url: plexUrl, token: plexToken, libraries: plexLibrary },
  ];
}

export function keysOf(targets: Targets): string[] {
  return targets.map(({ key }) => key);
}

/**
 * The target that a person means.
 * @param key null where none was named
 * @throws {UserError} there is none with this key, or none was named and there are several
 */
export function targetNamed(targets: Targets, key: string | null): TargetSettings {
  const [first, ...more] = targets;
  if (key === null && more.length === 0) return first;
  const found = targets.find((target) => target.key === key);
  if (found !== undefined) return found;
  const keys = keysOf(targets).join(", ");
  throw new UserError(
    key === null
      ? `Cannot tell which server is meant: there are ${keys}`
      : `Cannot find the server "${key}": there are ${keys}`,
    "usage",
    `Name it before the item, as in ${first.key}:3456`,
  );
}

/** Keeps the keys for the hooks, which read no settings. */
export function keepKeys(meta: Meta, targets: Targets): void {
  const keys = keysOf(targets);
  if (JSON.stringify(keptKeys(meta)) !== JSON.stringify(keys)) meta.set(TARGET_KEYS, keys);
}

/** The keys of the targets that the last daemon had. */
export function keptKeys(meta: Meta): readonly string[] {
  return meta.get(TARGET_KEYS) ?? [DEFAULT_TARGET];
}
