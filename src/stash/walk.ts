import { PlexsyncError } from "../core/failures/errors.ts";
import type { EntityKind, EntityRef, Scene } from "../core/sync/scene.ts";
import { contentError, graphqlError } from "./classify.ts";
import type { StashHttp, StashRequest } from "./http.ts";
import { text } from "../core/text/json.ts";
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

/**
 * Walks scenes in the order of their ids, each page beginning after the last id seen.
 * Offsets would skip scenes whenever one is touched or deleted meanwhile, and no sort
 * but `id` is total. It ends by itself only after the last scene; any
 * failure throws, so that a broken walk is never taken for "the others are gone".
 * @param after `updated_at` has to be greater, compared as text; null for all scenes
 * @param pageSize >= 1
 */
export async function* walkScenes(
  http: StashHttp,
  after: string | null,
  pageSize: number,
  request: StashRequest,
): AsyncGenerator<ScenePage> {
  if (!Number.isInteger(pageSize) || pageSize < 1) {
    throw new RangeError(`Cannot list by pages of ${pageSize}: the size must be 1 or more`);
  }
  let last = 0;
  let count: number | undefined;
  for (;;) {
    const found = await findScenes(http, request, {
      filter: { page: 1, per_page: pageSize, sort: "id", direction: "ASC" },
      scenes: {
        id: { value: last, modifier: "GREATER_THAN" },
        ...(after === null ? {} : { updated_at: { value: after, modifier: "GREATER_THAN" } }),
      },
    }, { counted: after === null && count === undefined });
    const scenes = found.scenes.map((scene) => ({
      id: text(fields(scene)?.id),
      updatedAt: text(fields(scene)?.updated_at),
    }));
    // The empty page is the end, not a short one: a server may give less than was asked for.
    if (scenes.length === 0) return;
    last = refuseDisorder(scenes, last, request.action);
    count ??= found.count ?? scenes.length;
    yield { scenes, count };
  }
}

/**
 * @param last Greatest id before this page
 * @returns the greatest id of the page, or `last` if it is empty
 * @throws {PlexsyncError} an id is not greater than the one before it: a server that ignored
 * the filter would keep the walk going for ever
 */
export function refuseDisorder(page: readonly { id: string }[], last: number, action: string) {
  for (const { id } of page) {
    if (!(Number(id) > last)) {
      throw new PlexsyncError(
        "StashUnavailable",
        `Cannot ${action}: Stash listed "${id.slice(0, 20)}" after ${last}`,
      );
    }
    last = Number(id);
  }
  return last;
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
): Promise<string[]> {
  const request = { action: `list the scenes of ${kind} ${id}` };
  const found = await findScenes(http, request, {
    filter: { page: 1, per_page: pageSize, sort: "id", direction: "ASC" },
    scenes: {
      id: { value: after, modifier: "GREATER_THAN" },
      [LINK_FILTER[kind]]: { value: [id], modifier: "INCLUDES" },
    },
  });
  return found.scenes.map((scene) => text(fields(scene)?.id)).filter((scene) =>
    Number(scene) > after
  );
}

/** Whole scenes in the order of their ids, after the scene `after`; a page of them. */
export async function scenesAfter(
  http: StashHttp,
  after: number,
  pageSize: number,
  request: StashRequest,
): Promise<Scene[]> {
  const found = await findScenes(http, request, {
    filter: { page: 1, per_page: pageSize, sort: "id", direction: "ASC" },
    scenes: { id: { value: after, modifier: "GREATER_THAN" } },
  }, { wanted: SCENE_FIELDS });
  const scenes = found.scenes.map(readScene);
  if (scenes.includes(null)) throw contentError(request.action, "scenes");
  const whole = scenes.filter((scene) => scene !== null);
  refuseDisorder(whole, after, request.action);
  return whole;
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

/** @param counted Asks for the count too, which costs Stash a query of its own */
async function findScenes(
  http: StashHttp,
  request: StashRequest,
  variables: { filter: Fields; scenes?: Fields },
  { counted = false, wanted = "id updated_at" } = {},
): Promise<{ scenes: unknown[]; count: number | null }> {
  const document = `query ($filter: FindFilterType, $scenes: SceneFilterType) {
  findScenes(filter: $filter, scene_filter: $scenes) {
    ${counted ? "count " : ""}scenes { ${wanted} }
  }
}`;
  const { data, errors } = await http.query(request, document, { ...variables });
  if (errors.length > 0) throw graphqlError(request.action, errors);
  const found = fields(data.findScenes);
  if (found === null || !Array.isArray(found.scenes)) throw contentError(request.action);
  return { scenes: found.scenes, count: typeof found.count === "number" ? found.count : null };
}
