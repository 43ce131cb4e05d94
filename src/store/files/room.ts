import { join } from "node:path";

/**
 * How the name of the folder ends in which a copy is made, beside its target. A folder, because SQLite
 * makes files of its own beside the copy, which a kill would leave too.
 */
export const ROOM = ".part";

/**
 * Makes a folder for a copy of a database that is to be `target`, and in it an empty file for it,
 * which SQLite takes as it stands: by itself it would make one that everybody can read.
 */
export function makeRoom(target: string): { room: string; part: string } {
  // Not one for temporary folders: of what fails that tells no path. And never the name of an earlier
  // one, whose thread may not have ended yet.
  const room = `${target}.${crypto.randomUUID()}${ROOM}`;
  Deno.mkdirSync(room, { mode: 0o700 });
  const part = join(room, "copy.db");
  try {
    Deno.openSync(part, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (error) {
    removeRoom(room);
    throw error;
  }
  return { room, part };
}

/**
 * Removes the folder in which a copy was made. A thread that was ended goes on up to its next turn,
 * and SQLite up to the end of its statement: once the folder is gone neither can make a file.
 */
export function removeRoom(room: string): void {
  // What it makes at this very moment may come in between.
  for (let tries = 0; tries < 3; tries++) {
    try {
      return Deno.removeSync(room, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
    }
  }
  // As on Windows, where the thread still has it open: it counts as what a kill leaves.
}
