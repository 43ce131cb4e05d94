import type { IndexedFile } from "../../core/sync/item.ts";
import { isOtherFile, isSameFile, isSameFilm } from "../../core/match/match.ts";
import { pathKey } from "../../core/match/path.ts";
import type { Problem } from "../../core/failures/problems.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import { type LibraryFolders, type LookedAt, setupProblem } from "../../core/match/setup.ts";
import type { Section } from "../../target/target.ts";
import type { WorkContext } from "../context.ts";
import { type MatchedScene, Matcher, matcherOf } from "./matcher.ts";

const SAMPLE = 3;
/** Items of a library that is not synced that are looked at: a person waits for the answer. */
const MOST_FOREIGN_FILES = 5_000;

/** What libraries that are not synced have that is alike to files of scenes, by library. */
export type ForeignFiles = ReadonlyMap<string, NonNullable<LibraryFolders["alike"]>>;

type Parts = Pick<WorkContext, "store" | "target" | "settings" | "others" | "keeper">;

/** Why none of these scenes is found, by what is known of the target's files; null when some are. */
export function lookAtSetup(
  scenes: readonly MatchedScene[],
  context: Parts,
  foreign: ForeignFiles | null = null,
): Problem | null {
  const { target, settings, keeper: { sections, index } } = context;
  const matcher = matcherOf(context);
  return setupProblem({
    target,
    given: settings.pathMap,
    looked: scenes.flatMap((scene) => lookedAt(scene, matcher, context)),
    libraries: sections.map(({ section, isSynced }) => ({
      id: section.id,
      title: section.title,
      folders: section.folders,
      isSynced,
      alike: foreign === null || isSynced ? null : foreign.get(section.id) ?? [],
    })),
    sample: index.paths(SAMPLE),
  });
}

/** Those of the scenes that are to be found, and that no evidence leads to an item. */
export function withoutItem(scenes: readonly MatchedScene[], context: Parts): MatchedScene[] {
  const matcher = matcherOf(context);
  return scenes.filter((scene) => {
    const { kind, isPinned } = matcher.decide(scene, false);
    return kind === "none" && !isPinned;
  });
}

/** The first file of a scene. */
function lookedAt(scene: MatchedScene, matcher: Matcher, { keeper }: Parts): LookedAt[] {
  const decision = matcher.decide(scene, false);
  const [file] = decision.files;
  // Where the owner wants no item, none is missed.
  if (file === undefined || decision.kind === "barred") return [];
  const { stashPath, path } = file;
  const isThere = keeper.index.hasPath(path);
  const there = decision.candidates.filter((each) =>
    each.stashPath === stashPath && pathKey(each.path) === pathKey(path)
  );
  const isOther = there.length > 0 && there.every(({ contradicted }) => contradicted);
  // One under the very path that is another file speaks for no rule.
  const isNoHint = (row: IndexedFile) =>
    isOtherFile(file, row) && [path, stashPath].some((each) => pathKey(each) === pathKey(row.path));
  const rows = isThere && !isOther ? [] : keeper.index.near([file]).filter((row) => !isNoHint(row));
  const same = rows.filter((row) => isSameFile(file, row));
  // A new encoding has another size: that it is the same film is enough to propose where it is.
  const proven = same.length > 0 ? same : rows.filter((row) => isSameFilm(file, row));
  return [{
    stashPath,
    path,
    isThere,
    isOther,
    isFound: decision.kind !== "none",
    alike: (proven.length > 0 ? proven : rows).map(({ path }) => path),
    isProven: proven.length > 0,
  }];
}

/**
 * Files of the libraries that are not synced that are alike to those of the scenes, by library.
 * @throws {PlexsyncError} the target did not answer
 */
export async function lookElsewhere(
  scenes: readonly MatchedScene[],
  { target, keeper }: Parts,
): Promise<ForeignFiles> {
  const files = scenes.flatMap(({ files }) => files.slice(0, 1));
  const found = new Map<string, NonNullable<LibraryFolders["alike"]>>();
  for (const { section } of keeper.sections.filter(({ isSynced }) => !isSynced)) {
    const rows = await firstFiles(section, target);
    found.set(
      section.id,
      files.flatMap((file) => {
        const equal = rows.find((row) => isSameFile(file, row) || isSameEnd(file.path, row.path));
        return equal === undefined ? [] : [{ stashPath: file.path, path: equal.path }];
      }),
    );
  }
  return found;
}

async function firstFiles(section: Section, target: WorkContext["target"]): Promise<SceneFile[]> {
  const rows: SceneFile[] = [];
  for await (const { files } of target.listing(section, null)) {
    rows.push(...files);
    if (rows.length >= MOST_FOREIGN_FILES) break;
  }
  return rows;
}

function isSameEnd(a: string, b: string): boolean {
  const end = (path: string) => pathKey(path).split("/").at(-1);
  return end(a) === end(b);
}
