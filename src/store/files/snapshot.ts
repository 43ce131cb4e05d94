import type { Database } from "../database/database.ts";
import { schemaVersion } from "../database/migrate.ts";
import { removeIfThere } from "../database/remove_if_there.ts";

/**
 * Copies the database as it is to `<path>.before-schema-<from>`, over an older copy of that name:
 * an upgrade that was cut off leaves one, and the next one must not stop at it.
 * @param from Schema version that the copy must have
 */
export async function snapshot(database: Database, path: string, from: number): Promise<void> {
  const copy = `${path}.before-schema-${from}`;
  const part = `${copy}.${Deno.pid}`;
  // Made here because SQLite would let everybody read it; it takes an empty file with its mode.
  // What has the name, a link also, makes room.
  removeIfThere(part);
  Deno.openSync(part, { write: true, createNew: true, mode: 0o600 }).close();
  await database.backup(part);
  if (schemaVersion(database) === from) {
    sync(part);
    Deno.renameSync(part, copy);
  } else {
    // Another process was faster: its copy is from before its upgrade, this one may not be.
    Deno.removeSync(part);
  }
}

function sync(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true });
  file.syncSync();
}
