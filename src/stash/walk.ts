import { text } from "../core/text/json.ts";
import type { EntityKind, EntityRef, Scene } from "../core/sync/scene.ts";
import { contentError } from "./classify.ts";
import { findScenes } from "./find_scenes.ts";
import type { StashHttp, StashRequest } from "./http.ts";
import { IdWalk } from "./id_walk.ts";
import type { OddRows } from "./odd_rows.ts";
import { pageAfter } from "./page_after.ts";
import { type Fields, fields, readScene, SCENE_FIELDS } from "./read_scene.ts";

/** A scene's id and when it changed, as raw text of the server's own zone. */
export interface SceneStamp {
  id: string;
  updatedAt: string;
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
  http: StashHttp,
  after: string | null,
  pageSize: number,
  request: StashRequest,
  odd: OddRows,
): AsyncGenerator<ScenePage> {
  if (!Number.isInteger(pageSize) || pageSize < 1) {
    throw new RangeError(`Cannot list by pages of ${pageSize}: the size must be 1 or more`);
  }
  const changed = after === null ? {} : { updated_at: { value: after, modifier: "GREATER_THAN" } };
  const read = async (page: number, filter: Fields, counted: boolean) => {
    const found = await findScenes(http, request, {
      filter: { page, per_page: pageSize, sort: "id", direction: "ASC" },
      scenes: { ...filter, ...changed },
    }, { counted });
    return { scenes: found.scenes.map(readSceneStamp), count: found.count };
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
    if (isEnd) break;
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
  http: StashHttp,
  { kind, id }: EntityRef,
  after: number,
  pageSize: number,
  odd: OddRows,
): Promise<string[]> {
  const walk = {
    http,
    request: { action: `list the scenes of ${kind} ${id}` },
    filter: { [LINK_FILTER[kind]]: { value: [id], modifier: "INCLUDES" } },
    wanted: "id",
    read: readSceneStamp,
    odd,
  };
  return (await pageAfter(walk, after, pageSize)).map((scene) => scene.id);
}

/** Whole scenes in the order of their ids, after the scene `after`; a page of them. */
export async function scenesAfter(
  http: StashHttp,
  after: number,
  pageSize: number,
  request: StashRequest,
  odd: OddRows,
): Promise<Scene[]> {
  const walk = { http, request, filter: {}, wanted: SCENE_FIELDS, read: readScene, odd };
  return await pageAfter(walk, after, pageSize);
}

/** The greatest `updated_at` of all scenes by the server's own text order; null without scenes. */
export async function newestUpdatedAt(http: StashHttp): Promise<string | null> {
  const found = await findScenes(http, { action: "find the newest scene" }, {
    filter: { page: 1, per_page: 1, sort: "updated_at", direction: "DESC" },
  });
  return text(fields(found.scenes[0])?.updated_at) || null;
}

export async function sceneCount(http: StashHttp): Promise<number> {
  const request = { action: "count the scenes" };
  const { count } = await findScenes(http, request, { filter: { per_page: 0 } }, {
    counted: true,
  });
  if (count === null) throw contentError(request.action);
  return count;
}
