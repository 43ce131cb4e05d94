/** One prefix rule: what Stash calls `stash`, Plex calls `plex`. Both absolute. */
export interface PathRule {
  stash: string;
  plex: string;
}

const WINDOWS = /^(?:[A-Za-z]:\/|\/\/[^/])/;

/**
 * A path in one comparable form: `/` as separator, composed Unicode, no doubled
 * separators, no `\\?\` prefix (plex-api 3), and without letter case where the
 * file system has none (drive letters and UNC).
 */
export function pathKey(path: string): string {
  let key = path.normalize("NFC");
  if (key.startsWith("\\\\?\\UNC\\")) key = "\\\\" + key.slice(8);
  else if (key.startsWith("\\\\?\\")) key = key.slice(4);
  // A backslash is a legal letter in a POSIX name: only Windows forms are turned round.
  if (/^(?:[A-Za-z]:[\\/]|\\\\)/.test(key)) key = key.replaceAll("\\", "/");
  const unc = key.startsWith("//");
  key = (unc ? "/" : "") + key.replace(/\/{2,}/g, "/");
  // Before the last separator goes: of a whole drive only its letter and colon are left.
  const windows = WINDOWS.test(key);
  if (key.length > 1 && key.endsWith("/")) key = key.slice(0, -1);
  return windows ? key.toLowerCase() : key;
}

/** Base name in a form that finds candidates: composed Unicode, lower case. */
export function nameKey(path: string): string {
  return baseName(path).normalize("NFC").toLowerCase();
}

/** The part behind the last separator, as it is written. */
export function baseName(path: string): string {
  const key = /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path) ? path.replaceAll("\\", "/") : path;
  return key.slice(key.lastIndexOf("/") + 1);
}

/** Base name without its extension: what Plex shows for a file without metadata. */
export function stem(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : name;
}

/**
 * How many parts two paths share, counted from the file name upwards, ignoring
 * letter case; 0 when the file names differ.
 */
export function commonTail(a: string, b: string): number {
  const left = pathKey(a).toLowerCase().split("/").reverse();
  const right = pathKey(b).toLowerCase().split("/").reverse();
  let shared = 0;
  while (shared < left.length && shared < right.length && left[shared] === right[shared]) shared++;
  return shared;
}

/**
 * The path as Plex sees it, in `pathKey` form: the longest rule whose prefix ends
 * at a separator wins, so `/media/tv` leaves `/media/tv4k` alone.
 */
export function mapPath(path: string, rules: readonly PathRule[]): string {
  const key = pathKey(path);
  let best: { from: string; to: string } | undefined;
  for (const rule of rules) {
    const from = pathKey(rule.stash);
    const inside = key === from || key.startsWith(from.endsWith("/") ? from : from + "/");
    if (inside && from.length > (best?.from.length ?? -1)) best = { from, to: pathKey(rule.plex) };
  }
  if (best === undefined) return key;
  return pathKey(`${best.to}/${key.slice(best.from.length)}`);
}
