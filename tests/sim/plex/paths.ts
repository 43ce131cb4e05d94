/** Paths as Plex stores them: POSIX, drive letters, UNC. */

/** Last component. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Everything before the last separator. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"), 0));
}

/** Base name without its extension: the title Plex gives to a file without metadata. */
export function titleFromFile(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : name;
}

/** True for the folder itself and for everything below it, with a separator between. */
export function isUnder(path: string, folder: string): boolean {
  const root = folder.replace(/[\\/]+$/, "");
  return path === root || path.startsWith(`${root}/`) || path.startsWith(`${root}\\`);
}
