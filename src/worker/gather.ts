import { PlexsyncError } from "../core/errors.ts";
import { hasMetadata } from "../core/fields.ts";
import type { Item } from "../core/item.ts";
import { type Candidate, matchScene } from "../core/match.ts";
import type { Memory } from "../core/memory.ts";
import { mapPath, pathKey } from "../core/path.ts";
import type { Scene, SceneFile } from "../core/scene.ts";
import type { WorkContext } from "./context.ts";
import { readItems, readScenes } from "./shared_read.ts";

/** All that a scene's plan is made from, or why there can be none. */
export type Gathered =
  /** The scene with each of its items, the best first; one at least. */
  | { kind: "ready"; scene: Scene; items: readonly Ready[] }
  | { kind: "skipped"; reason: string }
  | { kind: "gone" }
  | { kind: "failed"; error: PlexsyncError; files: SceneFile[] };

/** A scene with one of its items. */
export interface Ready {
  scene: Scene;
  item: Item;
  confidence: "high" | "low";
  /** What was written for the scene to this very item. */
  memory: Memory | null;
}

interface Search {
  scene: Scene;
  /** The scene's files, paths on the target's side. */
  files: SceneFile[];
  /** What was written for it, the newest first. */
  memories: readonly Memory[];
}

// Misses of the batches of one walk share a delta: a file that came to Plex within
// these seconds is found by the waiting job's next look.
const FRESH_ENOUGH_MS = 5_000;
/** With nothing missing the index may lag: the matched items are read from Plex anyway. */
const STALE_MS = 10 * 60_000;

/**
 * Reads everything that a batch of scenes needs: one request to Stash for all scenes,
 * one to Plex for all matched items, the index in between without any.
 * @throws {PlexsyncError} a server did not answer: the whole batch has to come back
 */
export async function gather(
  sceneIds: readonly string[],
  context: WorkContext,
): Promise<Map<string, Gathered>> {
  const result = new Map<string, Gathered>();
  const { found: scenes, failed } = await readScenes(sceneIds, context);
  const fit: Scene[] = [];
  for (const id of sceneIds) {
    const scene = scenes.get(id);
    const early: Gathered | null = failed.has(id)
      ? badScene(failed.get(id)!)
      : scene === undefined
      ? { kind: "gone" as const }
      : unfit(scene, context);
    if (early !== null) result.set(id, early);
    else fit.push(scene!);
  }
  const memories = context.store.written.ofScenes(fit.map(({ id }) => id), context.target.id);
  const searches = fit.map((scene) => searchOf(scene, memories.get(scene.id) ?? [], context));
  if (searches.length === 0) return result;

  await context.keeper.refresh(STALE_MS);
  const found = new Map<string, { search: Search; hit: Hit }>();
  const missed: Search[] = [];
  for (const search of searches) {
    const hit = lookUp(search, context);
    if (hit === null) missed.push(search);
    else found.set(search.scene.id, { search, hit });
  }
  if (missed.length > 0) {
    await context.keeper.refresh(FRESH_ENOUGH_MS);
    for (const search of missed) {
      const hit = lookUp(search, context);
      if (hit === null) result.set(search.scene.id, notInPlex(search, context));
      else found.set(search.scene.id, { search, hit });
    }
  }
  await attachItems(found, result, context);
  return result;
}

/** Stash answers, only not for this scene: its own failure, not an outage. */
function badScene(cause: PlexsyncError): Gathered {
  const error = new PlexsyncError("TransientError", cause.message, {
    cause,
    hint: "Retried by itself; if it persists, open the scene in Stash and look into Stash's log",
  });
  return { kind: "failed", error, files: [] };
}

/** Why a scene cannot be synced whatever Plex has, or null when it can. */
function unfit(scene: Scene, context: WorkContext): Gathered | null {
  if (!context.settings.syncMaster) return { kind: "skipped", reason: "sync_master is off" };
  if (scene.files.length === 0) {
    const error = new PlexsyncError("PermanentError", `Scene ${scene.id} has no file`, {
      hint: "Give the scene a file in Stash; Plex knows items by their files",
    });
    return { kind: "failed", error, files: [] };
  }
  if (!hasMetadata(scene)) return { kind: "skipped", reason: "no metadata" };
  return null;
}

function searchOf(scene: Scene, memories: readonly Memory[], context: WorkContext): Search {
  const files = scene.files.map((file) => ({
    ...file,
    path: mapPath(file.path, context.settings.pathMap),
  }));
  return { scene, files, memories };
}

type Hit =
  | { kind: "item"; item: Candidate; confidence: "high" | "low" }
  | { kind: "ambiguous"; rivals: Candidate[] };

function lookUp(search: Search, context: WorkContext): Hit | null {
  const { index } = context.keeper;
  const remembered = search.memories[0]?.item;
  const rows = index.find(search.files);
  if (remembered !== undefined) rows.push(...index.ofItem(remembered));
  const match = matchScene(search.files, rows, remembered);
  if (match.kind === "none") return null;
  if (match.confidence === "low" && context.settings.strictMatching) {
    return { kind: "ambiguous", rivals: match.rivals };
  }
  return { kind: "item", item: match.item, confidence: match.confidence };
}

function notInPlex(search: Search, context: WorkContext): Gathered {
  const path = search.files[0]!.path;
  if (context.settings.skipNotFound) return { kind: "skipped", reason: "not in Plex" };
  const error = new PlexsyncError(
    "PlexNotFound",
    `${context.target.title} has no item with the file ${path}`,
    {
      path,
    },
  );
  return { kind: "failed", error, files: search.files };
}

/** Reads all matched items at once; one that is gone, or has other files now, leaves the index. */
async function attachItems(
  found: Map<string, { search: Search; hit: Hit }>,
  result: Map<string, Gathered>,
  context: WorkContext,
): Promise<void> {
  const keys = new Set(
    [...found.values()].flatMap(({ hit }) =>
      hit.kind === "item" ? [hit.item.item] : hit.rivals.map((rival) => rival.item)
    ),
  );
  if (keys.size === 0) return;
  const { found: items, failed } = await readItems([...keys], context);
  const isGone = ({ item, path }: Candidate) =>
    keys.has(item) && !failed.has(item) && !holding(items.get(item), path);
  for (const [id, { search, hit: seen }] of found) {
    const hit = seen.kind === "ambiguous" ? amongLiving(seen, search, isGone, context) : seen;
    if (hit === null) {
      result.set(id, notInPlex(search, context));
      continue;
    }
    if (hit.kind === "ambiguous") {
      result.set(id, ambiguous(search, hit.rivals, context));
      continue;
    }
    const item = holding(items.get(hit.item.item), hit.item.path);
    const error = failed.get(hit.item.item);
    if (error !== undefined) result.set(id, { kind: "failed", error, files: search.files });
    else if (item !== undefined) {
      const { scene, memories } = search;
      const memory = memories.find((each) => each.item === item.id) ?? null;
      const ready = { scene, item, confidence: hit.confidence, memory };
      result.set(id, { kind: "ready", scene, items: [ready] });
    } else {
      if (isGone(hit.item)) context.keeper.index.dropItem(hit.item.item);
      result.set(id, notInPlex(search, context));
    }
  }
}

/** The match without the rivals that Plex no longer has: deletions never show in a delta. */
function amongLiving(
  seen: Hit & { kind: "ambiguous" },
  search: Search,
  isGone: (rival: Candidate) => boolean,
  context: WorkContext,
): Hit | null {
  const gone = seen.rivals.filter(isGone);
  if (gone.length === 0) return seen;
  for (const { item } of gone) context.keeper.index.dropItem(item);
  return lookUp(search, context);
}

/** The item, if it still has the file that made it match: the index may be behind. */
function holding(item: Item | undefined, path: string): Item | undefined {
  return item?.files.some((file) => pathKey(file.path) === pathKey(path)) ? item : undefined;
}

function ambiguous(search: Search, rivals: Candidate[], context: WorkContext): Gathered {
  const path = search.files[0]!.path;
  const candidates = rivals.map((rival) => `item ${rival.item}: ${rival.path}`);
  const error = new PlexsyncError(
    "AmbiguousMatch",
    `${rivals.length} items in ${context.target.title} fit the file ${path} equally well`,
    { path, candidates },
  );
  return { kind: "failed", error, files: search.files };
}
