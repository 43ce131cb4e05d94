import { hasBlankEdge } from "./libraries.ts";
import { Votes } from "./learned_rules.ts";
import { mapPath, pathKey, type PathRule, restBelow } from "./path.ts";
import type { Problem, TargetName } from "./problems.ts";
import { plural } from "./wording.ts";

/** A scene's file, and what the target has of it. */
export interface LookedAt {
  stashPath: string;
  /** Where the target would have it, by the rules in force. */
  path: string;
  /** The target has a file at this very path. */
  isThere: boolean;
  /** Some evidence leads to an item. */
  isFound: boolean;
  /** Files of the target that have its name, those with its size and length alone if there are any. */
  alike: readonly string[];
}

/** A library, whether it is synced or not. */
export interface LibraryFolders {
  id: string;
  title: string;
  isSynced: boolean;
  folders: readonly string[];
  /** Files in it that are alike to those looked at; only of one that is not synced. */
  alike: readonly { stashPath: string; path: string }[];
}

export interface Setup {
  target: TargetName;
  looked: readonly LookedAt[];
  /** The owner's rules; null when there are none, not even an empty list. */
  given: readonly PathRule[] | null;
  libraries: readonly LibraryFolders[];
  /** Some paths of the target's files. */
  sample: readonly string[];
}

const SHOWN = 3;
const MAX_RULES = 5;

/**
 * Why none of the files looked at can be found, and what to do about it; null when some are where
 * the rules say, or are found without rules.
 */
export function setupProblem(setup: Setup): Problem | null {
  const { looked, given } = setup;
  if (looked.length === 0 || looked.some(({ isThere }) => isThere)) return null;
  const isWrong = given !== null && given.length > 0 &&
    looked.some(({ alike }) => alike.length > 0);
  if (!isWrong && looked.some(({ isFound }) => isFound)) return null;
  const { id, title } = setup.target;
  return {
    id: `${id}_paths_unfit`,
    severity: "error",
    summary:
      `None of ${plural(looked.length, "file")} of Stash is where ${title} should have it: ` +
      `${placesText(setup)}`,
    hint: hintOf(setup),
    facts: { files: looked.length },
  };
}

function placesText({ looked, sample, target: { title } }: Setup): string {
  const [first] = looked;
  const moved = first!.path === first!.stashPath ? "" : `, looked for at ${first!.path}`;
  const there = sample.length === 0
    ? "no file in the libraries that are synced"
    : sample.slice(0, SHOWN).join(", ");
  return `Stash has ${
    looked.slice(0, SHOWN).map(({ stashPath }) => stashPath).join(", ")
  }${moved}; ` +
    `${title} has ${there}`;
}

function hintOf(setup: Setup): string {
  const { looked, given, libraries, target: { id, title } } = setup;
  const rules = fitting(looked.map(({ stashPath, alike }) => ({ path: stashPath, pairs: alike })));
  if (rules !== null) return ruleHint(rules, setup);
  const other = libraries.find(({ alike }) => alike.length > 0) ??
    libraries.find(({ isSynced, folders }) =>
      !isSynced && folders.some((folder) => looked.some(({ path }) => isBelow(path, folder)))
    );
  if (other !== undefined) {
    const names = [...libraries.filter(({ isSynced }) => isSynced), other].map(nameOf);
    const paths = fitting(other.alike.map(({ stashPath, path }) => ({
      path: stashPath,
      pairs: [path],
    })));
    const more = paths === null || paths.rules.length === 0
      ? ""
      : ` and ${pathMapText(paths.rules)}`;
    return `Library "${other.title}" of ${title} has them and is not synced: ` +
      `set ${id}_library = ${listText(names)}${more}`;
  }
  const isKnown = libraries.some(({ isSynced, folders }) =>
    isSynced && folders.some((folder) => looked.some(({ path }) => isBelow(path, folder)))
  );
  if (isKnown) {
    return `Scan the library in ${title}: it has the folder, and none of these files yet`;
  }
  const folders = libraries.flatMap((library) => library.folders).join(", ") || "none";
  const map = given === null || given.length === 0
    ? "path_map, which says where Plex has the folders of Stash"
    : "path_map";
  return `Check ${map}, and add the folder of these files to a library in ${title}: ` +
    `the folders of its libraries are ${folders}`;
}

interface Fitting {
  /** [] when paths are the same in both. */
  rules: readonly PathRule[];
  /** Files that they bring to the right place. */
  files: number;
}

/** Rules that bring files to those that are alike to them; null when there are none. */
function fitting(
  files: readonly { path: string; pairs: readonly string[] }[],
): Fitting | null {
  const same = files.filter(({ path, pairs }) => pairs.some((pair) => isSame(path, pair))).length;
  const votes = new Votes();
  for (const { path, pairs } of files) votes.add({ path, pairs, durationMs: null });
  const rules = votes.widest().slice(0, MAX_RULES);
  const fits = files.filter(({ path, pairs }) => {
    const mapped = mapPath(path, rules).path;
    return pairs.some((pair) => isSame(mapped, pair));
  }).length;
  if (Math.max(same, fits) === 0) return null;
  return same >= fits ? { rules: [], files: same } : { rules, files: fits };
}

function ruleHint({ rules, files }: Fitting, { looked, given }: Setup): string {
  const fits = `which fits ${files} of ${plural(looked.length, "file")}`;
  if (rules.length === 0) return `Set path_map = [], ${fits}: the paths are the same in both`;
  // Rules for folders that nothing was looked at in are left alone.
  const kept = (given ?? []).filter(({ stash }) =>
    !looked.some(({ stashPath }) => isBelow(stashPath, stash)) &&
    !rules.some((rule) => isSame(rule.stash, stash))
  );
  return `Set ${pathMapText([...rules, ...kept])}, ${fits}`;
}

/** Settings by which files are found or not, in one text. */
export function setupSettings(
  pathMap: readonly PathRule[] | null,
  libraries: readonly string[],
): string {
  return JSON.stringify([pathMap, libraries]);
}

/** As it stands in the configuration file. JSON's texts are TOML's too. */
export function pathMapText(rules: readonly PathRule[]): string {
  const each = rules.map(({ stash, plex }) =>
    `{ stash = ${JSON.stringify(stash)}, plex = ${JSON.stringify(plex)} }`
  );
  return `path_map = [${each.join(", ")}]`;
}

function listText(names: readonly string[]): string {
  return names.length === 1
    ? JSON.stringify(names[0])
    : JSON.stringify(names).replaceAll(",", ", ");
}

/** How a library is named in the settings: by its key where its title cannot be typed. */
function nameOf(library: LibraryFolders): string {
  return hasBlankEdge(library) ? library.id : library.title;
}

function isSame(a: string, b: string): boolean {
  return pathKey(a) === pathKey(b);
}

function isBelow(path: string, folder: string): boolean {
  return restBelow(path, folder) !== null;
}
