/** One prefix rule: what Stash calls `stash`, Plex calls `plex`. Both absolute. */
export interface PathRule {
  stash: string;
  plex: string;
}

const WINDOWS = /^(?:[A-Za-z]:(?:[\\/]|$)|\\\\|\/\/[^/])/;

/**
 * The path with `/` as the one separator, without a `\\?\` prefix, doubled separators or one at the
 * end. It keeps its letters as they are.
 */
function plain(path: string): string {
  let text = path;
  if (text.startsWith("\\\\?\\UNC\\")) text = "\\\\" + text.slice(8);
  else if (text.startsWith("\\\\?\\")) text = text.slice(4);
  // A backslash is a legal letter in a POSIX name: only Windows forms are turned round.
  if (/^(?:[A-Za-z]:[\\/]|\\\\)/.test(text)) text = text.replaceAll("\\", "/");
  const unc = text.startsWith("//");
  text = (unc ? "/" : "") + text.replace(/\/{2,}/g, "/");
  return text.length > 1 && text.endsWith("/") ? text.slice(0, -1) : text;
}

/** Whether the path has the form of a drive or a share, where letter case means nothing. */
function isWindows(path: string): boolean {
  return WINDOWS.test(path);
}

/** Letters in comparable form: composed Unicode, without letter case where that means nothing. */
function lettersKey(text: string, windows: boolean): string {
  const composed = text.normalize("NFC");
  return windows ? composed.toLowerCase() : composed;
}

/**
 * A path in one comparable form: `/` as separator, composed Unicode, no doubled separators, no
 * `\\?\` prefix, and without letter case where the file system has none (drive letters and UNC).
 */
export function pathKey(path: string): string {
  return lettersKey(plain(path), isWindows(path));
}

/** Whether two paths are equal letter by letter, separators aside. */
export function isSameSpelling(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

/** The same without letter case, whatever the file system. */
export function foldedKey(path: string): string {
  return pathKey(path).toLowerCase();
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

/** Whether two files have the same name, letter case aside where either's file system has none. */
export function isSameName(a: string, b: string): boolean {
  const windows = isWindows(a) || isWindows(b);
  return lettersKey(baseName(a), windows) === lettersKey(baseName(b), windows);
}

/** A path on the target's side, and the rule that brought it there; null when none did. */
export interface MappedPath {
  path: string;
  rule: PathRule | null;
}

/**
 * The path as the target sees it, in its own spelling. The longest rule whose prefix ends at a
 * separator wins, so `/media/tv` leaves `/media/tv4k` alone.
 */
export function mapPath(path: string, rules: readonly PathRule[]): MappedPath {
  let best: { rule: PathRule; rest: string[]; length: number } | undefined;
  for (const rule of rules) {
    const rest = restBelow(path, rule.stash);
    if (rest === null) continue;
    const length = pathKey(rule.stash).length;
    if (length > (best?.length ?? -1)) best = { rule, rest, length };
  }
  if (best === undefined) return { path, rule: null };
  return { path: joined(best.rule.plex, best.rest), rule: best.rule };
}

/**
 * All paths on Stash's side that may be brought to this one, itself included: whether one is must
 * be seen by mapping it.
 */
export function unmapPath(path: string, rules: readonly PathRule[]): string[] {
  const paths = rules.flatMap((rule) => {
    const rest = restBelow(path, rule.plex);
    return rest === null ? [] : [joined(rule.stash, rest)];
  });
  return [path, ...paths];
}

/**
 * Of the rules that bring one path to the other the one that covers most: what both end in, a file
 * name at least, is left out of it. null when there is none.
 */
export function widestRule(stash: string, plex: string): PathRule | null {
  const from = plain(stash).split("/");
  const to = plain(plex).split("/");
  const windows = isWindows(plex);
  const most = Math.min(from.length - rootLength(stash), to.length - rootLength(plex));
  let shared = 0;
  while (shared < most && sameLetters(from.at(-1 - shared)!, to.at(-1 - shared)!, windows)) {
    shared++;
  }
  if (shared === 0) return null;
  return { stash: folderOf(stash, from.length - shared), plex: folderOf(plex, to.length - shared) };
}

/** The same rule for a folder below its own. */
export function deepenRule({ stash, plex }: PathRule, folders: readonly string[]): PathRule {
  return { stash: joined(stash, folders), plex: joined(plex, folders) };
}

/** The folder whose rest is this; null when the path does not end in it. */
export function folderAbove(path: string, rest: readonly string[]): string | null {
  const parts = plain(path).split("/");
  const windows = isWindows(path);
  const kept = parts.length - rest.length;
  const endsSo = kept >= rootLength(path) &&
    rest.every((part, at) => sameLetters(part, parts[kept + at]!, windows));
  return endsSo ? folderOf(path, kept) : null;
}

/** The folders that a path lies in, the root first, in comparable form. */
export function foldersOf(path: string): string[] {
  const parts = pathKey(path).split("/");
  return parts.slice(0, -1).map((_, at) => parts.slice(0, at + 1).join("/") || "/");
}

/** The first parts of a path; its root alone keeps the separator, without which it is no folder. */
function folderOf(path: string, parts: number): string {
  const below = plain(path).split("/").slice(rootLength(path), parts);
  return below.length === 0 ? rootOf(path) : joined(rootOf(path), below);
}

function sameLetters(a: string, b: string, windows: boolean): boolean {
  return lettersKey(a, windows) === lettersKey(b, windows);
}

/** How many parts of a path are no folder: nothing before the first `/`, a drive, or a share. */
function rootLength(path: string): number {
  return plain(path).startsWith("//") ? 4 : 1;
}

/** `/`, a drive with its separator, or a share, as the path is written. */
function rootOf(path: string): string {
  const root = plain(path).split("/").slice(0, rootLength(path)).join("/");
  if (root === "") return "/";
  const full = root.startsWith("//") ? root : `${root}/`;
  return path.includes("\\") ? full.replaceAll("/", "\\") : full;
}

/** The parts of a path below a folder, as they are written; null when it does not lie there. */
export function restBelow(path: string, folder: string): string[] | null {
  const windows = isWindows(folder);
  if (windows !== isWindows(path)) return null;
  const parts = plain(path).split("/");
  const above = plain(folder) === "/" ? [""] : plain(folder).split("/");
  const isInside = above.length <= parts.length &&
    above.every((part, at) => lettersKey(part, windows) === lettersKey(parts[at]!, windows));
  return isInside ? parts.slice(above.length) : null;
}

/** A path below a folder, with the separator by which the folder is written. */
function joined(folder: string, rest: readonly string[]): string {
  if (!isWindows(folder)) return [folder.replace(/\/+$/, ""), ...rest].join("/") || "/";
  const separator = folder.includes("\\") ? "\\" : "/";
  // No name there has a backslash, which would make two of it: shares write it as this letter.
  const names = rest.map((name) => name.replaceAll("\\", "\uF05C"));
  return [folder.replace(/[\\/]+$/, ""), ...names].join(separator);
}
