/**
 * What is asked for below the base path. A proxy may send its requests on with the base path or
 * without it, and programs of this machine ask without.
 * @param base "" or such as `/plexsync`
 * @param path As it was asked for
 */
export function pathBelow(base: string, path: string): string {
  if (base === "") return path;
  if (path === base) return "/";
  return path.startsWith(`${base}/`) ? path.slice(base.length) : path;
}
