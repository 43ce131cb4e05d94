import { text } from "../core/text/json.ts";
import type { EntityKind, EntityRef, Scene, SceneFile } from "../core/sync/scene.ts";
import { contentError } from "./classify.ts";
import { findScenes, findSpared } from "./find_scenes.ts";
import type { StashHttp, StashRequest } from "./http.ts";
import { IdWalk } from "./id_walk.ts";
import { pageAfter } from "./page_after.ts";
import { type Fields, fields, readFiles, readScene, SCENE_FIELDS } from "./read_scene.ts";
import { isNameless, isUnread, type ListSource, mayBeContent } from "./spared_page.ts";

/** A scene's id and when it changed, as raw text of the server's own zone. */
export interface SceneStamp {
  id: string;
  /** "" of a scene that Stash cannot give. */
  updatedAt: string;
}

/** A scene that Stash lists and cannot give. */
export interface UnreadScene {
  id: string;
  /** null where they cannot be read either. */
  files: SceneFile[] | null;
}

/** A page of a walk over whole scenes. */
export interface WholePage {
  scenes: Scene[];
  unread: UnreadScene[];
  /** Stash listed what it cannot even name: any scene that is missing here may be that. */
  hasNameless: boolean;
  /** The greatest id of both; null when nothing comes after the page before. */
  last: number | null;
}

export interface ScenePage {
  scenes: SceneStamp[];
  /** Scenes that the whole walk will give, counted with its first page. */
  count: number;
}

/** So many pages in a row without a scene end the second look. */
const MAX_EMPTY = 3;

/**
 * Walks scenes in the order of their ids, each page beginning after the last id seen.
 * Offsets would skip scenes whenever one is touched or deleted meanwhile, and no sort
 * but `id` is total. It ends by itself only after the last scene; any
 * failure throws, so that a broken walk is never taken for "the others are gone".
 * If it gave less than Stash counts, an id may have led it past the rest: all is looked at once
 * more, by place.
 * @param after `updated_at` has to be greater, compared as text; null for all scenes
 * @param pageSize >= 1
 */
export async function* walkScenes(
  source: ListSource,
  after: string | null,
  pageSize: number,
  request: StashRequest,
): AsyncGenerator<ScenePage> {
  const { http, odd } = source;
  if (!Number.isInteger(pageSize) || pageSize < 1) {
    throw new RangeError(`Cannot list by pages of ${pageSize}: the size must be 1 or more`);
  }
  const changed = after === null ? {} : { updated_at: { value: after, modifier: "GREATER_THAN" } };
  const read = async (page: number, filter: Fields, counted: boolean) => {
    const order = { sort: "id", direction: "ASC" };
    const scenes = { ...filter, ...changed };
    if (counted) {
      try {
        const place = { page, per_page: pageSize, ...order };
        const found = await findScenes(http, request, { filter: place, scenes }, { counted });
        const stamps = found.scenes.map(readSceneStamp);
        return { scenes: stamps, count: found.count, isEnd: stamps.length === 0 };
      } catch (thrown) {
        if (!mayBeContent(thrown, request.signal)) throw thrown;
      }
    }
    const rows = await findSpared(source, request, { page, size: pageSize, order, scenes });
    const none = { filter: { per_page: 0 }, scenes };
    const count = counted ? (await findScenes(http, request, none, { counted })).count : null;
    const named = rows.filter((row) => !isNameless(row)).map(readSceneStamp);
    return { scenes: named, count, isEnd: rows.length === 0 };
  };
  const walk = new IdWalk();
  let count: number | undefined;
  for (;;) {
    const isFirst = count === undefined;
    const behind = { id: { value: walk.last, modifier: "GREATER_THAN" } };
    const found = await read(walk.page, behind, isFirst);
    const { fresh, odd: strange, isEnd } = walk.take(found.scenes);
    count ??= found.count ?? found.scenes.length;
    odd.add("scene", strange);
    if (fresh.length > 0) yield { scenes: fresh, count };
    // The empty page is the end, not a short one: a server may give less than was asked for.
    if (isEnd && (found.isEnd || found.scenes.length > 0)) break;
  }
  if (walk.count >= count) return;
  let empty = 0;
  for (let page = 1; (page - 1) * pageSize < count && empty < MAX_EMPTY; page++) {
    const found = await read(page, {}, false);
    const missed = walk.unseen(found.scenes);
    empty = found.scenes.length === 0 ? empty + 1 : 0;
    if (missed.length > 0) yield { scenes: missed, count };
  }
  // A scene may have been deleted meanwhile.
  const { count: now } = await read(1, {}, true);
  if (now !== null && walk.count < now) odd.addMissing(now, walk.count);
}

function readSceneStamp(scene: unknown): SceneStamp {
  return { id: text(fields(scene)?.id), updatedAt: text(fields(scene)?.updated_at) };
}

/** The filter of scenes that name an entity. */
const LINK_FILTER: Readonly<Record<EntityKind, string>> = {
  performer: "performers",
  studio: "studios",
  tag: "tags",
};

/** Ids of the scenes that name an entity, in order, after the scene `after`; a page of them. */
export async function scenesOf(
  source: ListSource,
  { kind, id }: EntityRef,
  after: number,
  pageSize: number,
): Promise<string[]> {
  const walk = {
    source,
    request: { action: `list the scenes of ${kind} ${id}` },
    filter: { [LINK_FILTER[kind]]: { value: [id], modifier: "INCLUDES" } },
    wanted: "id",
    read: readSceneStamp,
  };
  return (await pageAfter(walk, after, pageSize)).map((scene) => scene.id);
}

/** Whole scenes in the order of their ids, after the scene `after`; a page of them. */
export async function scenesAfter(
  source: ListSource,
  after: number,
  pageSize: number,
  request: StashRequest,
): Promise<WholePage> {
  const page: WholePage = { scenes: [], unread: [], hasNameless: false, last: null };
  const walk = {
    source,
    request,
    filter: {},
    wanted: SCENE_FIELDS,
    read: readWhole,
    metNameless: () => void (page.hasNameless = true),
  };
  const rows = await pageAfter(walk, after, pageSize);
  for (const { id, whole, files } of rows) {
    if (whole === null) page.unread.push({ id, files });
    else page.scenes.push(whole);
    page.last = Number(id);
  }
  return page;
}

interface WholeRow {
  id: string;
  /** null where Stash cannot give it. */
  whole: Scene | null;
  files: SceneFile[] | null;
}

function readWhole(row: unknown): WholeRow | null {
  if (isUnread(row)) {
    const { id, files } = row;
    return { id, whole: null, files: files === undefined ? null : readFiles(files) };
  }
  const whole = readScene(row);
  return whole && { id: whole.id, whole, files: whole.files };
}

/** The greatest `updated_at` of all scenes by the server's own text order; null without scenes. */
export async function newestUpdatedAt(source: ListSource): Promise<string | null> {
  const request = { action: "find the newest scene" };
  const order = { sort: "updated_at", direction: "DESC" };
  for (let page = 1;; page++) {
    const [row] = await findSpared(source, request, { page, size: 1, order });
    if (!isUnread(row)) return text(fields(row)?.updated_at) || null;
  }
}

export async function sceneCount(http: StashHttp): Promise<number> {
  const request = { action: "count the scenes" };
  const { count } = await findScenes(http, request, { filter: { per_page: 0 } }, {
    counted: true,
  });
  if (count === null) throw contentError(request.action);
  return count;
}
