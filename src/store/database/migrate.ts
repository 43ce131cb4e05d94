import { UserError } from "../../core/failures/errors.ts";
import { type Database, transaction } from "./database.ts";
import { LAYOUT, MIGRATIONS } from "./migrations.ts";

/**
 * Brings the database to the newest schema, step by step.
 * @param snapshot Called once before the first step on a database that already holds data
 * @throws {UserError} the file was written by a newer plexsync, or has an older layout
 */
export async function migrate(
  database: Database,
  snapshot: (fromVersion: number) => Promise<void>,
  migrations: readonly string[] = MIGRATIONS,
): Promise<void> {
  const before = schemaVersion(database);
  refuseUnknown(database, before, migrations);
  if (before === migrations.length) return;
  if (before > 0) await snapshot(before);
  transaction(database, () => {
    // Read again under the write lock: another process may just have done it.
    const from = schemaVersion(database);
    refuseUnknown(database, from, migrations);
    for (let step = from; step < migrations.length; step++) database.exec(migrations[step]!);
    if (from === 0) database.exec(`PRAGMA application_id = ${knownLayout(migrations)}`);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

/** Whether the file's tables, of which it has some, are those of this program's first schema. */
export function hasKnownLayout(
  database: Database,
  migrations: readonly string[] = MIGRATIONS,
): boolean {
  const { application_id } = database.prepare("PRAGMA application_id")
    .get<{ application_id: number }>()!;
  return application_id === knownLayout(migrations);
}

/** Reckoned beforehand for the program's own: a hook would spend a third of its time on it. */
function knownLayout(migrations: readonly string[]): number {
  return migrations === MIGRATIONS ? LAYOUT : layoutOf(migrations[0]!);
}

/** The schema that the file has; 0 for a new one. */
export function schemaVersion(database: Database): number {
  return database.prepare("PRAGMA user_version").get<{ user_version: number }>()!.user_version;
}

/**
 * A number, of 32 bits with sign, that tells the layout of one schema from that of another: FNV-1a
 * over its text without comments. No SHA: to load that takes a hook longer than to open the file.
 */
export function layoutOf(schema: string): number {
  const text = schema.replace(/--.*$/gm, "").replace(/\s+/g, " ").trim();
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}

function refuseUnknown(database: Database, found: number, migrations: readonly string[]): void {
  if (found > migrations.length) {
    throw new UserError(
      `The database has schema ${found}, this plexsync knows schemas up to ${migrations.length}`,
      "failed",
      "Use the newer plexsync that wrote it, or another --data-dir",
    );
  }
  if (found === 0 || hasKnownLayout(database, migrations)) return;
  throw new UserError(
    "The database has an older layout, which this plexsync cannot read",
    "failed",
    "Move plexsync.db aside, or name another --data-dir; plexsync sync --all then queues all scenes",
  );
}
