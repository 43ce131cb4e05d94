import { PlexsyncError } from "../core/errors.ts";
import type { PlexItem } from "../core/item.ts";
import { type Candidate, matchScene } from "../core/match.ts";
import { mapPath, pathKey } from "../core/path.ts";
import { hasMetadata } from "../core/plan.ts";
import type { Scene, SceneFile } from "../core/scene.ts";
import type { Written } from "../core/written.ts";
import type { WorkContext } from "./context.ts";
import { readItems, readScenes } from "./reads.ts";

/** All that a scene's plan is made from, or why there can be none. */
export type Gathered =
  | {
    kind: "ready";
    scene: Scene;
    item: PlexItem;
    confidence: "high" | "low";
    written: Written | null;
  }
  | { kind: "skipped"; reason: string }
  | { kind: "gone" }
  | { kind: "failed"; error: PlexsyncError; files: SceneFile[] };

interface Search {
  scene: Scene;
  /** The scene's files, paths on Plex's side. */
  files: SceneFile[];
  /** What was written for it, the newest first. */
  written: readonly Written[];
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
  const written = context.store.written.ofScenes([...scenes.keys()]);
  const searches: Search[] = [];
  for (const id of sceneIds) {
    const scene = scenes.get(id);
    const early = failed.has(id)
      ? badScene(failed.get(id)!)
      : scene === undefined
      ? { kind: "gone" as const }
      : unfit(scene, context);
    if (early !== null) result.set(id, early);
    else searches.push(searchOf(scene!, written.get(id) ?? [], context));
  }
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

function searchOf(scene: Scene, written: readonly Written[], context: WorkContext): Search {
  const files = scene.files.map((file) => ({
    ...file,
    path: mapPath(file.path, context.settings.pathMap),
  }));
  return { scene, files, written };
}

type Hit =
  | { kind: "item"; item: Candidate; confidence: "high" | "low" }
  | { kind: "ambiguous"; rivals: Candidate[] };

function lookUp(search: Search, context: WorkContext): Hit | null {
  const { index } = context.store;
  const remembered = search.written[0]?.ratingKey;
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
  const error = new PlexsyncError("PlexNotFound", `Plex has no item with the file ${path}`, {
    path,
  });
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
      hit.kind === "item" ? [hit.item.ratingKey] : hit.rivals.map((rival) => rival.ratingKey)
    ),
  );
  if (keys.size === 0) return;
  const { found: items, failed } = await readItems([...keys], context);
  const isGone = ({ ratingKey, path }: Candidate) =>
    keys.has(ratingKey) && !failed.has(ratingKey) && !holding(items.get(ratingKey), path);
  for (const [id, { search, hit: seen }] of found) {
    const hit = seen.kind === "ambiguous" ? amongLiving(seen, search, isGone, context) : seen;
    if (hit === null) {
      result.set(id, notInPlex(search, context));
      continue;
    }
    if (hit.kind === "ambiguous") {
      result.set(id, ambiguous(search, hit.rivals));
      continue;
    }
    const item = holding(items.get(hit.item.ratingKey), hit.item.path);
    const error = failed.get(hit.item.ratingKey);
    if (error !== undefined) result.set(id, { kind: "failed", error, files: search.files });
    else if (item !== undefined) {
      const { scene } = search;
      const written = search.written.find(({ ratingKey }) => ratingKey === item.ratingKey) ?? null;
      result.set(id, { kind: "ready", scene, item, confidence: hit.confidence, written });
    } else {
      if (isGone(hit.item)) context.store.index.dropItem(hit.item.ratingKey);
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
  for (const { ratingKey } of gone) context.store.index.dropItem(ratingKey);
  return lookUp(search, context);
}

/** The item, if it still has the file that made it match: the index may be behind. */
function holding(item: PlexItem | undefined, path: string): PlexItem | undefined {
  return item?.files.some((file) => pathKey(file.path) === pathKey(path)) ? item : undefined;
}

function ambiguous(search: Search, rivals: Candidate[]): Gathered {
  const path = search.files[0]!.path;
  const candidates = rivals.map((rival) => `item ${rival.ratingKey}: ${rival.path}`);
  const error = new PlexsyncError(
    "AmbiguousMatch",
    `${rivals.length} items in Plex fit the file ${path} equally well`,
    { path, candidates },
  );
  return { kind: "failed", error, files: search.files };
}
