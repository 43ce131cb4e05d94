/** Whether there is a file at a path; one that may not be looked at is of no use, and counts as none. */
export function isFile(path: string): boolean {
  return stat(path)?.isFile ?? false;
}

/** The same for a folder. */
export function isFolder(path: string): boolean {
  return path !== "" && (stat(path)?.isDirectory ?? false);
}

function stat(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch {
    return null;
  }
}
