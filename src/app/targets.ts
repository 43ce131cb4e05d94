/** Key of the Plex server that the settings describe: it stands in the database. */
export const DEFAULT_TARGET = "plex";

/** Keys of all that scenes are written to: the one place that decides it. */
export function targetKeys(): readonly string[] {
  return [DEFAULT_TARGET];
}
