import { resolve } from "node:path";
import { UserError } from "../../core/failures/errors.ts";
import { flushFolder } from "../../store/files/flush.ts";
import { removeIfThere } from "../../store/database/remove_if_there.ts";
import { checkFile } from "../../store/files/integrity.ts";
import {
  copyPrivate,
  ENDINGS,
  isEmpty,
  replacementOf,
  setAside,
  unfitness,
} from "../../store/files/replacement.ts";
import { ensureDataDir } from "./data_folder.ts";
import type { Settings } from "../installation.ts";
import { takeLock } from "./lock.ts";

/** What is about to be done. */
export interface RestorePlan {
  /** Absolute path of the file that takes the database's place, and when it was last changed. */
  file: string;
  at: number;
  bytes: number;
  schema: number;
  /** The database that is there and will be kept aside; null when there is none. */
  replaced: { bytes: number; at: number } | null;
}

export interface Restored {
  file: string;
  bytes: number;
  schema: number;
  /** Where the replaced database is kept; null when there was none. */
  kept: string | null;
}

/**
 * Puts a copy of `file` into the place of the database, which is kept aside. The copy is checked
 * as a whole before anything is moved. No daemon can start meanwhile.
 * @param agreed Asked before anything is moved; false leaves all as it was
 * @returns null when it was not agreed
 * @throws {UserError} a daemon runs, or the file cannot take the database's place
 */
export async function restoreDatabase(
  settings: Settings,
  file: string,
  agreed: (plan: RestorePlan) => boolean,
): Promise<Restored | null> {
  const { files, runtime, pid, nativeLibrary } = settings;
  const from = resolve(file);
  const found = statOf(from);
  if (found === null) throw new UserError(`There is no file ${from}`, "failed");
  const { database } = files;
  const old = statOf(database);
  if (old !== null && old.ino === found.ino && old.dev === found.dev) {
    throw new UserError(`${from} is the database itself`, "failed", "Name a backup of it");
  }
  ensureDataDir(files.folder);
  const lock = takeLock(files.lock, { pid, since: runtime.now() });
  const replacement = replacementOf(database);
  try {
    const schema = await copyWhole(from, replacement, { nativeLibrary });
    const bytes = Deno.statSync(replacement).size;
    const replaced = old === null || isEmpty(database)
      ? null
      : { bytes: old.size, at: timeOf(old) };
    if (!agreed({ file: from, at: timeOf(found), bytes, schema, replaced })) return null;
    const kept = setAside(database, "replaced", runtime.now());
    Deno.renameSync(replacement, database);
    flushFolder(files.folder);
    return { file: from, bytes, schema, kept };
  } finally {
    for (const ending of ENDINGS) removeIfThere(replacement + ending);
    lock.release();
  }
}

/**
 * A checked copy, in one file.
 * @returns its schema version
 * @throws {UserError} it is not whole, or of another layout
 */
async function copyWhole(
  from: string,
  to: string,
  options: Parameters<typeof checkFile>[1],
): Promise<number> {
  for (const ending of ENDINGS) removeIfThere(to + ending);
  copyPrivate(from, to);
  // A file that was copied by hand may have its newest changes beside it.
  if (!isEmpty(`${from}-wal`)) copyPrivate(`${from}-wal`, `${to}-wal`);
  // Closed by its only user, the copy has taken in what was beside it.
  const check = await checkFile(to, { ...options, thorough: true });
  const reason = unfitness(check);
  if (reason === null && check.kind === "whole") return check.schema;
  throw new UserError(
    `Cannot restore ${from}: ${reason}`,
    "failed",
    "Nothing was changed; the daemon's own backups are in the folder backups of the data directory",
  );
}

/** @throws {UserError} it is a folder */
function statOf(path: string): Deno.FileInfo | null {
  try {
    const found = Deno.statSync(path);
    if (found.isDirectory) throw new UserError(`${path} is a folder`, "failed");
    return found;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function timeOf({ mtime }: Deno.FileInfo): number {
  return mtime?.getTime() ?? 0;
}
