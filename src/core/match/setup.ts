import { hasBlankEdge } from "./libraries.ts";
import { Votes } from "./learned_rules.ts";
import { mapPath, pathKey, type PathRule, restBelow } from "./path.ts";
import type { Problem, TargetName } from "../failures/problems.ts";
import { plural } from "../text/wording.ts";

/** A scene's file, and what the target has of it. */
export interface LookedAt {
  stashPath: string;
  /** Where the target would have it, by the rules in force. */
  path: string;
  /** The target has a file at this very path. */
  isThere: boolean;
  /** What it has at this path is another file: size and length differ. */
  isOther: boolean;
  /** Some evidence leads to an item. */
  isFound: boolean;
  /** Files of the target that have its name, those with its size and length alone if there are any. */
  alike: readonly string[];
  /** Those have its size and length, or its length where they were encoded anew. */
  isProven: boolean;
}

/** A library, whether it is synced or not. */
export interface LibraryFolders {
  id: string;
  title: string;
  isSynced: boolean;
  folders: readonly string[];
  /** Files in it that are alike to those looked at; null where it was not looked into. */
  alike: readonly { stashPath: string; path: string }[] | null;
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
 * Why none of the files looked at can be found, or why some cannot that other rules would find, and
 * what to do about it; null when they are where the rules say, or are found without rules.
 */
export function setupProblem(setup: Setup): Problem | null {
  const problem = problemOf(setup);
  return problem === null ? null : { ...problem, paths: pathsOf(setup) };
}

function pathsOf({ looked, given, libraries, sample }: Setup): string[] {
  return [
    ...looked.flatMap(({ stashPath, path, alike }) => [stashPath, path, ...alike]),
    ...(given ?? []).flatMap(({ stash, plex }) => [stash, plex]),
    ...libraries.flatMap(({ folders, alike }) => [
      ...folders,
      ...(alike ?? []).flatMap(({ stashPath, path }) => [stashPath, path]),
    ]),
    ...sample,
  ];
}

function problemOf(setup: Setup): Problem | null {
  const { looked, given } = setup;
  if (looked.length === 0) return null;
  if (looked.some(({ isThere, isOther }) => isThere && !isOther)) return partialProblem(setup);
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
    ...adviceOf(setup),
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

/** What to do, and the `path_map` that does it where that is all. */
type Advice = Pick<Problem, "hint" | "rules">;

function adviceOf(setup: Setup): Advice {
  const { looked } = setup;
  const rules = fitting(looked.map(({ stashPath, alike }) => ({ path: stashPath, pairs: alike })));
  if (rules !== null) return ruleAdvice(rules, setup);
  return { hint: otherHint(setup) };
}

/** What to do where no rule brings the files to those of the target. */
function otherHint({ looked, given, libraries, target: { id, title } }: Setup): string {
  const other = libraries.find(({ alike }) => alike !== null && alike.length > 0) ??
    libraries.find(({ isSynced, folders }) =>
      !isSynced && folders.some((folder) => looked.some(({ path }) => isBelow(path, folder)))
    );
  if (other !== undefined) {
    const names = [...libraries.filter(({ isSynced }) => isSynced), other].map(nameOf);
    const paths = fitting((other.alike ?? []).map(({ stashPath, path }) => ({
      path: stashPath,
      pairs: [path],
    })));
    const more = paths === null || paths.rules.length === 0
      ? ""
      : ` and ${pathMapText(paths.rules)}`;
    return `Library "${other.title}" of ${title} has them and is not synced: ` +
      `set ${id}_library = ${listText(names)}${more}`;
  }
  if (looked.every(({ isOther }) => isOther)) {
    return `${title} has other files at these paths: it sees another folder under this name. ` +
      `Give it the folder of Stash, and say in path_map where ${title} has it`;
  }
  const isKnown = libraries.some(({ isSynced, folders }) =>
    isSynced && folders.some((folder) => looked.some(({ path }) => isBelow(path, folder)))
  );
  if (isKnown) {
    return `Scan the library in ${title}: it has the folder, and none of these files yet`;
  }
  const map = given === null || given.length === 0
    ? "path_map, which says where Plex has the folders of Stash"
    : "path_map";
  return `Check ${map}, and add the folder of these files to a library in ${title}: ` +
    foldersText(libraries, { id }) +
    unseenText(libraries.some(({ isSynced, alike }) => !isSynced && alike === null));
}

/** @param isUnseen A library is left out, and was not looked into: that takes a person's time */
export function unseenText(isUnseen: boolean): string {
  return isUnseen
    ? "; whether the files are there, and by which rule, tells plexsync config check --online"
    : "";
}

/** Where the target's files can be: in what is synced, or in what the settings leave out. */
export function foldersText(
  libraries: readonly Pick<LibraryFolders, "title" | "isSynced" | "folders">[],
  { id }: Pick<TargetName, "id">,
): string {
  const synced = libraries.filter(({ isSynced }) => isSynced).flatMap(({ folders }) => folders);
  const left = libraries.filter(({ isSynced }) => !isSynced)
    .map(({ title, folders }) => `"${title}" (${folders.join(", ")})`);
  const more = left.length === 0 ? "" : `; ${id}_library leaves out ${left.join(", ")}`;
  return `the folders of its libraries are ${synced.join(", ") || "none"}${more}`;
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

/** So many files have to speak for a rule: fewer may have been moved by hand. */
const ENOUGH = 3;

/**
 * What is wrong with some of the rules, the others being right: files lie where another rule would
 * lead to, or a rule leads to no library; null when that is not so.
 */
function partialProblem(setup: Setup): Problem | null {
  const { looked, given, target: { id, title } } = setup;
  const isRight = ({ isThere, isOther }: LookedAt) => isThere && !isOther;
  const there = looked.filter(isRight);
  const missed = looked.filter((each) => !isRight(each) && (given !== null || !each.isFound));
  const led = missed.filter(({ isProven }) => isProven);
  const rules = partingRules(led, there);
  const fits = missed.filter(({ stashPath, alike }) => {
    const mapped = mapPath(stashPath, rules).path;
    return alike.some((path) => isSame(path, mapped));
  });
  const problem = (
    wrong: readonly LookedAt[],
    sample: readonly string[],
    advice: Advice,
  ): Problem => ({
    id: `${id}_paths_partly_unfit`,
    severity: "warning",
    summary:
      `${wrong.length} of ${plural(looked.length, "file")} of Stash are not where ${title} ` +
      `should have them: ${placesText({ ...setup, looked: wrong, sample })}`,
    ...advice,
    facts: { files: wrong.length },
  });
  if (fits.length >= ENOUGH) {
    const sample = fits.flatMap(({ alike }) => alike.slice(0, 1));
    return problem(
      fits,
      sample,
      ruleAdvice({ rules, files: fits.length }, { ...setup, looked: fits }, true),
    );
  }
  const byRule = Map.groupBy(looked, ({ stashPath }) => mapPath(stashPath, given ?? []).rule);
  for (const [rule, below] of byRule) {
    if (rule === null || below.some(isRight)) continue;
    const others = below.filter(({ isOther }) => isOther);
    if (others.length === below.length) {
      return problem(
        below,
        below.map(({ path }) => path),
        { hint: `Correct ${pathMapText([rule])}: it leads to other files of the same names` },
      );
    }
    const folders = setup.libraries.flatMap((library) => library.folders);
    if (folders.some((each) => isBelow(rule.plex, each) || isBelow(each, rule.plex))) continue;
    return problem(
      below,
      setup.sample,
      {
        hint:
          `Correct ${
            pathMapText([rule])
          }, which leads to no library, or add its folder to one in ` +
          `${title}: ${foldersText(setup.libraries, setup.target)}`,
      },
    );
  }
  return null;
}

/** Rules that bring the missed files to those that are alike, and leave those that are there alone. */
function partingRules(missed: readonly LookedAt[], there: readonly LookedAt[]): PathRule[] {
  const votes = new Votes();
  for (const { stashPath, alike } of missed) {
    votes.add({ path: stashPath, pairs: alike, durationMs: null });
  }
  return votes.ladders(ENOUGH).flatMap((ladder) =>
    ladder.find(({ stash }) =>
      stash !== "/" && !there.some(({ stashPath }) => isBelow(stashPath, stash))
    ) ?? []
  ).slice(0, MAX_RULES);
}

/** @param isPartial The rules in force are right for other files */
function ruleAdvice(
  { rules, files }: Fitting,
  { looked, given }: Setup,
  isPartial = false,
): Advice {
  const fits = `which fits ${files} of ${plural(looked.length, "file")}`;
  if (rules.length === 0) {
    return { hint: `Set path_map = [], ${fits}: the paths are the same in both`, rules };
  }
  // Rules by which none of these files was looked for are left alone.
  const led = new Set(looked.map(({ stashPath }) => mapPath(stashPath, given ?? []).rule));
  const isNeeded = (rule: PathRule) => isPartial || !led.has(rule);
  const kept = (given ?? []).filter((rule) =>
    isNeeded(rule) && !rules.some(({ stash }) => isSame(rule.stash, stash))
  );
  const all = [...rules, ...kept];
  const hint = kept.length > MAX_RULES
    ? `Put ${pathMapText(rules)} into path_map in place of those for the same folders, ${fits}`
    : `Set ${pathMapText(all)}, ${fits}`;
  return { hint, rules: all };
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
