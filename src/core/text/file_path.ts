// Not `node:path`: to load it takes 6 ms of each short-lived process.

/** The path of a file in a folder; `/` parts them on Windows as well. */
export function fileIn(folder: string, name: string): string {
  return `${folder.replace(/[\\/]+$/, "")}/${name}`;
}

/** The folder that a path parted by `/` leads into; `.` for a bare name. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf("/");
  if (at < 0) return ".";
  return path.slice(0, at) || "/";
}
