import { PlexsyncError } from "../../core/failures/errors.ts";
import { ownersText, textOf } from "../../core/match/candidate_text.ts";
import type { Candidate } from "../../core/match/match.ts";
import type { Lost, Shared } from "../../core/match/claims.ts";
import { commonTail, pathKey, restBelow } from "../../core/match/path.ts";
import { foldersText, unseenText } from "../../core/match/setup.ts";
import type { Scene } from "../../core/sync/scene.ts";
import type { Section } from "../../target/target.ts";
import type { WorkContext } from "../context.ts";
import type { Gathered } from "../batch/gathered.ts";
import type { Decision } from "./matcher.ts";

/** So many candidates are named; more than these nobody reads. */
const MAX_NAMED = 20;

/** What becomes of a scene that has no item to be written to, and what a person is told of it. */
export function unmatched(
  scene: Scene,
  decision: Exclude<Decision, { kind: "items" }>,
  context: WorkContext,
): Gathered {
  const { files } = decision;
  switch (decision.kind) {
    case "ambiguous":
      return { kind: "failed", error: ambiguous(decision, context), files };
    case "shared":
      return {
        kind: "failed",
        error: sharedError(scene.id, decision, decision, context.target),
        files,
        sharers: decision.scenes.filter((id) => id !== scene.id),
      };
    case "unsettled":
      if (isReadInPart(context)) return inUnread(decision, context);
      return { kind: "failed", error: unsettled(decision, context), files };
    case "barred":
      return { kind: "skipped", reason: "pinned to no item" };
    case "none":
      if (isReadInPart(context)) return inUnread(decision, context);
      return context.settings.skipNotFound
        ? { kind: "skipped", reason: `not in ${context.target.title}` }
        : { kind: "failed", error: notFound(decision, context), files };
  }
}

function isReadInPart({ keeper }: WorkContext): boolean {
  return keeper.unread.all.length > 0;
}

/** Whatever else there is, a library may have the scene's own file that cannot be read now. */
function inUnread({ files, candidates }: Decision, { target, keeper }: WorkContext): Gathered {
  const path = files[0]!.path;
  const { all } = keeper.unread;
  const titles = all.map(({ title }) => `"${title}"`).join(", ");
  const error = new PlexsyncError(
    "PlexTemporaryError",
    `${target.title} has no item with the file ${path} in the libraries that it lists; it may be ` +
      `in ${titles}: ${all[0]!.message}`,
    {
      path,
      hint: "It is looked for again by itself as soon as that library can be listed",
      candidates: candidates.slice(0, MAX_NAMED).map(textOf),
    },
  );
  return { kind: "failed", error, files, isUnread: true };
}

function ambiguous(
  { files, rivals }: Extract<Decision, { kind: "ambiguous" }>,
  { target }: WorkContext,
): PlexsyncError {
  const path = files[0]!.path;
  return new PlexsyncError(
    "AmbiguousMatch",
    `${rivals.length} items in ${target.title} fit the file ${path} equally well`,
    { path, hint: ambiguityHint(rivals, target), candidates: rivals.map(textOf) },
  );
}

/** What parts the rivals: of two libraries one is named, of two paths in one library one is meant. */
function ambiguityHint(
  rivals: readonly Candidate[],
  { id, title }: WorkContext["target"],
): string | undefined {
  if (new Set(rivals.map(({ section }) => section)).size > 1) {
    return `Name the library that is meant in ${id}_library, or remove the duplicate in ${title}`;
  }
  // A rule leads to one of them where the folders of one alone are those of the scene.
  const shared = rivals.map(({ path, stashPath }) =>
    stashPath === null ? 0 : commonTail(path, stashPath)
  ).sort((a, b) => b - a);
  const isNearer = rivals.every(({ evidence }) => evidence === "elsewhere") &&
    shared[0]! > 1 && shared[0]! > (shared[1] ?? 0);
  if (!isNearer) return undefined;
  return `Remove the duplicate in ${title}, set path_map so that it leads to the right one, or pin ` +
    "the scene to it: plexsync match pin SCENE ITEM";
}

/** @param sceneId Which of the sharers it is told of */
export function sharedError(
  sceneId: string,
  { item, scenes }: Shared,
  { files }: Pick<Decision, "files">,
  target: Pick<WorkContext["target"], "title">,
): PlexsyncError {
  // As long as one of these shares it, it is of no account which others do.
  const others = scenes.filter((id) => id !== sceneId).slice(0, MAX_NAMED);
  const named = scenes.filter((id) => id === sceneId || others.includes(id));
  const more = scenes.length - named.length;
  return new PlexsyncError(
    "SharedItem",
    `Item ${item.item} in ${target.title} has files of the scenes ${named.join(", ")}` +
      `${more > 0 ? ` and ${more} more` : ""}: none of them has a better right to it`,
    {
      path: files.find(({ stashPath }) => stashPath === item.stashPath)?.path ?? files[0]!.path,
      candidates: [textOf(item), ...others.map((id) => `scene ${id}`)],
    },
  );
}

function unsettled(
  { files, candidates }: Extract<Decision, { kind: "unsettled" }>,
  { target }: WorkContext,
): PlexsyncError {
  const path = files[0]!.path;
  return new PlexsyncError(
    "PlexNotFound",
    `${target.title} has no item at ${path}; what else may be it counts only when the files of ` +
      `all scenes are known`,
    {
      path,
      hint: "Wait for the sweep over all scenes, which is under way",
      candidates: candidates.slice(0, MAX_NAMED).map(textOf),
    },
  );
}

function notFound(
  decision: Extract<Decision, { kind: "none" }>,
  { target, keeper }: WorkContext,
): PlexsyncError {
  const { files, candidates, lost } = decision;
  const path = files[0]!.path;
  const [first] = lost;
  const owner = first === undefined ? "" : `; item ${first.item} ${ownersText(first)}`;
  const named = new Set(candidates.map(({ item }) => item));
  const near = keeper.index.near(files).filter(({ item }) => !named.has(item));
  return new PlexsyncError(
    "PlexNotFound",
    `${target.title} has no item with the file ${path}${owner}`,
    {
      path,
      hint: first?.isPinned
        ? pinnedAwayHint(first)
        : isTaken(decision)
        ? takenHint(target)
        : isUnanalysed(decision, keeper)
        ? unanalysedHint(target)
        : folderHint(path, keeper, target),
      paths: keeper.sections.flatMap(({ section }) => section.folders),
      candidates: [
        ...candidates.map(textOf),
        ...near.map(({ item, path }) => `item ${item}: ${path} (has the name only)`),
      ].slice(0, MAX_NAMED),
    },
  );
}

function pinnedAwayHint({ item, scenes }: Lost): string {
  return `It waits for a file of its own; if item ${item} is its own, run: plexsync match unpin ` +
    scenes[0]!;
}

/** Whether another file stands where the scene's should be. */
function isTaken({ files, candidates }: Decision): boolean {
  return candidates.some(({ path, contradicted }) =>
    contradicted && files.some((file) => pathKey(file.path) === pathKey(path))
  );
}

/** Whether the target has a file where the scene's should be, and does not tell what it is yet. */
function isUnanalysed({ files }: Decision, { index }: WorkContext["keeper"]): boolean {
  return index.find(files).some(({ path, size, durationMs }) =>
    (size === 0 || durationMs === null) &&
    files.some((file) => pathKey(file.path) === pathKey(path))
  );
}

function unanalysedHint({ title }: WorkContext["target"]): string {
  return `${title} has a file at this path and does not tell its size and length yet: the scene is ` +
    `found by itself as soon as ${title} has analysed it ("Analyze" in its menu of the item)`;
}

function takenHint({ title }: WorkContext["target"]): string {
  return `${title} has another file at this path: scan the folder in both, if it was replaced; else ` +
    "they see different folders under this name, which path_map can tell apart";
}

/** What to do where no library that is synced has the folder of the file. */
function folderHint(
  path: string,
  { sections }: WorkContext["keeper"],
  { id, title }: WorkContext["target"],
): string | undefined {
  const holds = ({ folders }: Section) =>
    folders.some((folder) => restBelow(path, folder) !== null);
  const synced = sections.filter(({ isSynced }) => isSynced).map(({ section }) => section);
  if (synced.length === 0 || synced.some(holds)) return undefined;
  const other = sections.map(({ section }) => section).find(holds);
  if (other !== undefined) {
    return `Library "${other.title}" of ${title} has its folder and is not synced: see ${id}_library`;
  }
  const libraries = sections.map(({ section, isSynced }) => ({ ...section, isSynced }));
  return `Check path_map, or add its folder to a library in ${title}: ` +
    foldersText(libraries, { id }) + unseenText(libraries.some(({ isSynced }) => !isSynced));
}
