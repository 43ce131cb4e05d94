import { basename, dirname, join } from "node:path";
import type { Database } from "../database/database.ts";
import { schemaVersion } from "../database/migrate.ts";
import { flush, flushFolder } from "./flush.ts";
import { isThere } from "./is_there.ts";
import { makeRoom, removeRoom, ROOM } from "./room.ts";

/**
 * Copies the database as it is to `<path>.before-schema-<from>`, over an older copy of that name:
 * an upgrade that was cut off leaves one, and the next one must not stop at it.
 * @param from Schema version that the copy must have
 */
export async function snapshot(database: Database, path: string, from: number): Promise<void> {
  const copy = `${path}.before-schema-${from}`;
  const { room, part } = makeRoom(copy);
  try {
    await database.backup(part);
    // Else another process was faster: its copy is from before its upgrade, this one may not be.
    if (schemaVersion(database) === from) {
      flush(part);
      Deno.renameSync(part, copy);
      flushFolder(dirname(copy));
    }
    clear(path);
  } catch (error) {
    // Where the room is gone another process has its copy in place.
    if (isThere(room)) throw error;
  } finally {
    removeRoom(room);
  }
}

/** Removes what killed upgrades left, once there is a copy: who still makes one needs it no more. */
function clear(path: string): void {
  const start = `${basename(path)}.before-schema-`;
  for (const { name } of Deno.readDirSync(dirname(path))) {
    if (name.startsWith(start) && name.endsWith(ROOM)) removeRoom(join(dirname(path), name));
  }
}
