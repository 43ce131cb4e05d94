import { folderOf } from "../../core/text/file_path.ts";
import { removeIfThere } from "../../store/database/remove_if_there.ts";
import { writeAll } from "../../log/write_all.ts";

/** What `writeAtomic` asks of the disk. */
export interface Disk {
  /** Opens an empty file for writing, mode 0600, in the place of one that is there. */
  create(path: string): DiskFile;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes the names in a folder outlast a power cut. */
  syncFolder(path: string): void;
}

export interface DiskFile {
  writeSync(bytes: Uint8Array): number;
  syncSync(): void;
  close(): void;
}

export const realDisk: Disk = {
  create(path) {
    // What has the name, a link also, is not written to: it makes room.
    removeIfThere(path);
    return Deno.openSync(path, { createNew: true, write: true, mode: 0o600 });
  },
  rename: Deno.renameSync,
  remove: (path) => Deno.removeSync(path),
  syncFolder,
};

/**
 * Replaces the file at `path` so that a reader sees the old or the new content, never
 * a part: written beside it, flushed, renamed, and the folder flushed.
 * Its writers must take turns. The name beside it is always the same, so that what a
 * killed writer left there is overwritten and never piles up.
 * @throws when the disk is full or the folder not writable; the old file then still stands
 */
export function writeAtomic(path: string, text: string, disk: Disk = realDisk): void {
  const temporary = `${path}.tmp`;
  try {
    const file = disk.create(temporary);
    try {
      writeAll(file, new TextEncoder().encode(text));
      file.syncSync();
    } finally {
      file.close();
    }
    disk.rename(temporary, path);
  } catch (error) {
    try {
      // On a full disk the part that was written takes room that others need.
      disk.remove(temporary);
    } catch {
      // It was never made: the first error says why.
    }
    throw error;
  }
  disk.syncFolder(folderOf(path));
}

function syncFolder(folder: string): void {
  // Windows has no such thing as a flush of a folder.
  if (Deno.build.os === "windows") return;
  using handle = Deno.openSync(folder, { read: true });
  handle.syncSync();
}
