/** Scene inputs of the mutations as changes to write. */
import { Buffer } from "node:buffer";
import { parseId } from "./criteria.ts";
import { type EntityKind, StashError } from "./entities.ts";
import { DATE } from "./input.ts";
import type { ScenePatch } from "./scenes.ts";
import { atLeast } from "./schema.ts";
import type { World } from "./world.ts";

/** Members that create and update share; absent ones are not sent, null ones clear. */
export interface SceneFields {
  title?: string | null | undefined;
  code?: string | null | undefined;
  details?: string | null | undefined;
  director?: string | null | undefined;
  url?: string | null | undefined;
  urls?: string[] | null | undefined;
  date?: string | null | undefined;
  rating100?: number | null | undefined;
  organized?: boolean | null | undefined;
  studio_id?: string | null | undefined;
  performer_ids?: string[] | null | undefined;
  tag_ids?: string[] | null | undefined;
  groups?: { group_id: string; scene_index?: number | null }[] | null | undefined;
  cover_image?: string | null | undefined;
  stash_ids?: { endpoint: string; stash_id: string }[] | null | undefined;
  primary_file_id?: string | null | undefined;
}
export type SceneUpdate = SceneFields & { id: string };
interface BulkIds {
  ids?: string[] | null;
  mode: "SET" | "ADD" | "REMOVE";
}
export type BulkUpdate = Omit<SceneFields, "urls" | "performer_ids" | "tag_ids"> & {
  ids?: string[] | null;
  urls?: { values?: string[] | null; mode: BulkIds["mode"] } | null;
  performer_ids?: BulkIds | null;
  tag_ids?: BulkIds | null;
  group_ids?: BulkIds | null;
};

const TEXTS = ["title", "code", "details", "director"] as const;

/** The change that `sceneCreate` or `sceneUpdate` asks for. */
export function patchOf(world: World, input: SceneFields): ScenePatch {
  const patch: ScenePatch = { columns: columnsOf(world, input) };
  if (input.urls !== undefined) patch.columns.urls = JSON.stringify(input.urls ?? []);
  else if (input.url !== undefined) {
    patch.columns.urls = JSON.stringify(input.url ? [input.url] : []);
  }
  if (input.performer_ids !== undefined) {
    patch.performerIds = known(world, "performer", input.performer_ids ?? []);
  }
  if (input.tag_ids !== undefined) patch.tagIds = known(world, "tag", input.tag_ids ?? []);
  if (input.groups !== undefined) {
    patch.groups = (input.groups ?? []).map(({ group_id, scene_index }) => ({
      id: known(world, "group", [group_id])[0] ?? 0,
      sceneIndex: scene_index ?? null,
    }));
  }
  if (input.stash_ids !== undefined) patch.stashIds = input.stash_ids ?? [];
  if (input.cover_image) patch.cover = decodeCover(input.cover_image);
  // A null cover was ignored until the edit form got its delete button.
  else if (input.cover_image === null && atLeast(world.version, "0.31")) patch.cover = null;
  return patch;
}

/** What `bulkSceneUpdate` means for one of its scenes. */
export function bulkPatch(world: World, id: number, input: BulkUpdate): ScenePatch {
  const columns = columnsOf(world, {
    ...input,
    urls: undefined,
    performer_ids: undefined,
    tag_ids: undefined,
  });
  const patch: ScenePatch = { columns };
  const scene = world.scene(id);
  if (scene === null) throw new StashError(`scene with id ${id} not found`);
  if (input.urls != null) {
    columns.urls = JSON.stringify(merge(scene.urls, input.urls.values ?? [], input.urls.mode));
  }
  const ids = (kind: EntityKind, bulk: BulkIds, had: { id: string }[]) =>
    merge(had.map((each) => Number(each.id)), known(world, kind, bulk.ids ?? []), bulk.mode);
  if (input.performer_ids != null) {
    patch.performerIds = ids("performer", input.performer_ids, scene.performers());
  }
  if (input.tag_ids != null) patch.tagIds = ids("tag", input.tag_ids, scene.tags());
  if (input.group_ids != null) {
    const had = scene.groups();
    const indexes = new Map(had.map((each) => [Number(each.group.id), each.scene_index]));
    patch.groups = ids("group", input.group_ids, had.map((each) => each.group))
      .map((group) => ({ id: group, sceneIndex: indexes.get(group) ?? null }));
  }
  return patch;
}

function merge<T>(had: T[], given: T[], mode: BulkIds["mode"]): T[] {
  if (mode === "SET") return given;
  if (mode === "REMOVE") return had.filter((each) => !given.includes(each));
  return [...new Set([...had, ...given])];
}

function columnsOf(world: World, input: SceneFields): ScenePatch["columns"] {
  const columns: ScenePatch["columns"] = {};
  for (const key of TEXTS) if (input[key] !== undefined) columns[key] = input[key] || null;
  if (input.date !== undefined) {
    const whole = atLeast(world.version, "0.30") ? DATE : /^\d{4}-\d{2}-\d{2}$/;
    if (input.date && !whole.test(input.date)) {
      throw new StashError(`converting date: parsing time ${JSON.stringify(input.date)}`);
    }
    columns.date = input.date || null;
  }
  if (input.rating100 !== undefined) columns.rating = input.rating100;
  if (input.organized != null) columns.organized = input.organized ? 1 : 0;
  if (input.studio_id !== undefined) {
    columns.studio_id = input.studio_id === null
      ? null
      : known(world, "studio", [input.studio_id])[0] ?? null;
  }
  return columns;
}

/** Stash's own foreign keys refuse ids that do not exist. */
function known(world: World, kind: EntityKind, ids: string[]): number[] {
  return ids.map(parseId).map((id) => {
    if (world.entities.get(kind, id) === undefined) {
      throw new StashError("FOREIGN KEY constraint failed");
    }
    return id;
  });
}

/** A data URL from the edit form, or bare base64 from Identify. */
function decodeCover(text: string): Uint8Array {
  if (/^https?:/i.test(text)) throw new StashError("the simulated Stash fetches no cover URLs");
  const base64 = /^data:[^,]*;base64,(.*)$/s.exec(text)?.[1] ?? text;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length === 0) throw new StashError("illegal base64 data at input byte 0");
  return bytes;
}
