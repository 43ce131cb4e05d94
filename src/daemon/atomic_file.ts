/**
 * Replaces the file at `path` so that a reader sees the old or the new content, never
 * a part: written beside it, flushed, renamed, and the folder flushed (design section 9).
 * @throws when the disk is full or the folder not writable; the old file then still stands
 */
export function writeAtomic(path: string, text: string): void {
  const folder = path.slice(0, path.lastIndexOf("/")) || ".";
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    const file = Deno.openSync(temporary, { createNew: true, write: true, mode: 0o600 });
    try {
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was never made: the first error says why.
    }
    throw error;
  }
  syncFolder(folder);
}

function syncFolder(folder: string): void {
  // Windows has no such thing as a flush of a folder.
  if (Deno.build.os === "windows") return;
  const handle = Deno.openSync(folder, { read: true });
  try {
    handle.syncSync();
  } finally {
    handle.close();
  }
}
