/** A schema that grew twice after its release, for the paths that the real one does not have yet. */
export const GROWN: readonly string[] = [
  "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('first');",
  "ALTER TABLE notes ADD COLUMN at INTEGER;",
  "UPDATE notes SET at = 7;",
];
