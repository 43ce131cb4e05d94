/** Makes what is in a file outlast a power cut. @returns its size */
export function flush(path: string): number {
  using file = Deno.openSync(path, { read: true, write: true });
  file.syncSync();
  return file.statSync().size;
}

/** Makes the names in a folder outlast a power cut. */
export function flushFolder(path: string): void {
  // Windows has no such thing.
  if (Deno.build.os === "windows") return;
  using folder = Deno.openSync(path, { read: true });
  folder.syncSync();
}
