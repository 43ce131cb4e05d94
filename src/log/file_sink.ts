import { UserError } from "../core/failures/errors.ts";
import { writeAll } from "./write_all.ts";

/** A log file that keeps itself small. */
export interface FileSink {
  /**
   * Appends one line, or starts a new file first when it would grow too large.
   * @throws When the line cannot be written
   */
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface FileSinkOptions {
  path: string;
  /** Size beyond which a new file is started. Default 10 MiB. */
  maxBytes?: number;
  /** Older files kept, `.1` the newest of them. Default 3. */
  keep?: number;
}

/**
 * Opens a log file for appending, mode 0600. One process at a time: a second
 * one would go on writing to the file that was set aside.
 * @throws When it cannot be opened
 */
export function openFileSink(options: FileSinkOptions): FileSink {
  const { path, maxBytes = 10 * 1024 * 1024, keep = 3 } = options;
  let file = open(path);
  let size = file.statSync().size;

  function rotate(): void {
    file.close();
    try {
      for (let n = keep; n > 0; n--) {
        moveIfThere(n === 1 ? path : `${path}.${n - 1}`, `${path}.${n}`);
      }
      if (keep === 0) Deno.removeSync(path);
    } finally {
      // Where files cannot be renamed, one that is too large is better than none.
      file = open(path);
      size = file.statSync().size;
    }
  }

  return {
    write(bytes) {
      if (size > 0 && size + bytes.length > maxBytes) rotate();
      size += writeAll(file, bytes);
    },
    close: () => file.close(),
  };
}

function open(path: string): Deno.FsFile {
  if (isLink(path)) {
    throw new UserError(
      `Cannot log to ${path}: it is a symbolic link`,
      "failed",
      "Remove it; for another disk name a folder on it with --data-dir",
    );
  }
  const file = Deno.openSync(path, { create: true, append: true, mode: 0o600 });
  // A file of an earlier time may be readable by others; it gets media paths from now on.
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
  return file;
}

/** A link could lead the lines into a file of somebody else. */
function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
