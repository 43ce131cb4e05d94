import { UserError } from "../../core/failures/errors.ts";

/** The right to be the one daemon of a data directory; ends with the process, however it ends. */
export interface Lock {
  release(): void;
}

/** Who holds a data directory's lock. */
export interface LockHolder {
  pid: number;
  /** Epoch ms. */
  since: number;
}

/**
 * Takes the lock file at `path`.
 * @throws {UserError} another daemon holds it; the message names its pid
 */
export function takeLock(path: string, holder: LockHolder): Lock {
  const file = Deno.openSync(path, { create: true, read: true, write: true, mode: 0o600 });
  if (!file.tryLockSync(true)) {
    const other = readHolder(file);
    file.close();
    throw new UserError(
      `Another plexsync (pid ${other?.pid ?? "unknown"}) works on this data directory`,
      "failed",
      "Stop it first, or name another --data-dir",
    );
  }
  file.truncateSync(0);
  file.writeSync(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
  file.syncSync();
  return {
    release() {
      // Emptied, not removed: a removed file could be locked by two processes at once.
      file.truncateSync(0);
      // A child that is being started has this file too until it runs its program: to close it alone
      // would leave the lock to the child.
      file.unlockSync();
      file.close();
    },
  };
}

/** The living holder of the lock at `path`, or null when no daemon runs. */
export function lockHolder(path: string): LockHolder | null {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true, write: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  try {
    // A shared lock is refused only while a daemon holds the exclusive one.
    if (file.tryLockSync(false)) return null;
    return readHolder(file) ?? { pid: 0, since: 0 };
  } finally {
    file.close();
  }
}

function readHolder(file: Deno.FsFile): LockHolder | null {
  const buffer = new Uint8Array(256);
  file.seekSync(0, Deno.SeekMode.Start);
  const length = file.readSync(buffer) ?? 0;
  try {
    const holder = JSON.parse(new TextDecoder().decode(buffer.subarray(0, length)));
    return typeof holder?.pid === "number" ? holder : null;
  } catch {
    return null;
  }
}
