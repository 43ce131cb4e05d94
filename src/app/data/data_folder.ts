import { UserError } from "../../core/failures/errors.ts";

/** What of the file system is asked for here; a test hands in its own. */
export interface FolderDisk {
  chmod(path: string, mode: number): void;
}

const realDisk: FolderDisk = { chmod: Deno.chmodSync };

/** Bits by which others can look into a file or folder, and by which they can change it. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
/** Set on folders that belong to everybody, such as `/tmp`. */
const STICKY = 0o1000;

/**
 * Makes the data directory if it is not there, for its owner only. One that is there is made so
 * as well, if it is ours: it has our database or config file, or nothing in it.
 * @returns what a person should know of it; null when all is well
 * @throws {UserError} it cannot be made, or others can change what is in it
 */
export function ensureDataDir(path: string, disk = realDisk): string | null {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `Cannot make the data directory ${path}: ${reason}`,
      "failed",
      "Name a folder that you may write to with --data-dir",
      { cause: error },
    );
  }
  if (Deno.build.os === "windows") return null;
  const mode = Deno.statSync(path).mode ?? 0;
  if ((mode & OTHERS) === 0 || (isOurs(path, mode) && tighten(path, 0o700, disk))) return null;
  if ((mode & OTHERS_WRITE) === 0) {
    return `Other users can look into the data directory ${path}; run: chmod 700 ${path}`;
  }
  throw new UserError(
    `Cannot use the data directory ${path}: other users can write to it`,
    "failed",
    `Name a folder of its own with --data-dir, or run: chmod 700 ${path}`,
  );
}

/** Who has put one of these into a folder means it for plexsync. */
const OUR_NAMES: readonly string[] = ["plexsync.db", "plexsync.toml"];

/** A folder that others use as well would be closed to them. */
function isOurs(folder: string, mode: number): boolean {
  if ((mode & STICKY) !== 0) return false;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return names.length === 0 || OUR_NAMES.some((name) => names.includes(name));
}

/** @returns false when that is up to somebody else */
function tighten(path: string, mode: number, disk: FolderDisk): boolean {
  try {
    disk.chmod(path, mode);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return false;
    if (error instanceof Deno.errors.NotCapable) return false;
    // A file system without modes, or that cannot be written to: whoever writes says so.
    if (error instanceof Deno.errors.NotSupported) return false;
    throw error;
  }
}

/**
 * Refuses a symbolic link where a file of ours has to be: who can put one there has it lead to a
 * file of somebody else, which would be written over, or read for ours.
 * @throws {UserError}
 */
export function refuseLink(path: string): void {
  let isLink: boolean;
  try {
    isLink = Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof Deno.errors.NotADirectory) return;
    throw error;
  }
  if (!isLink) return;
  throw new UserError(
    `Cannot use ${path}: it is a symbolic link`,
    "failed",
    "Put the file itself there; for another disk name a folder on it with --data-dir",
  );
}

/**
 * Makes a file its owner's alone, if it is there. Where somebody else owns it, it has to be closed
 * to others already.
 * @throws {UserError} it is a link, or others can write to it
 */
export function guardFile(path: string, disk = realDisk): void {
  refuseLink(path);
  if (Deno.build.os === "windows") return;
  let mode: number;
  try {
    mode = Deno.statSync(path).mode ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if ((mode & OTHERS) === 0 || tighten(path, 0o600, disk)) return;
  if ((mode & OTHERS_WRITE) === 0) return;
  throw new UserError(
    `Cannot use ${path}: other users can write to it`,
    "failed",
    `Run, as its owner: chmod 600 ${path}`,
  );
}

/**
 * Changes nothing of a file, but is refused where nothing may be changed.
 * @throws the system's own error, such as EROFS, which tells more than SQLite does
 */
export function askForWriting(path: string, disk = realDisk): void {
  const mode = Deno.build.os === "windows" ? null : Deno.statSync(path).mode;
  if (mode !== null) disk.chmod(path, mode & 0o7777);
}

/**
 * Files that SQLite makes beside the database get its mode; a new database is made private. One
 * that is there is never opened here: the handle's end would take from this process every lock that
 * SQLite holds on the file, and the next program would clear its write-ahead log away.
 */
export function makePrivate(path: string): void {
  for (const each of [path, `${path}-wal`, `${path}-shm`]) guardFile(each);
  if (Deno.build.os === "windows") return;
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
