import { selectionOf } from "../core/sync/fields.ts";
import { text } from "../core/text/json.ts";
import type { EntityKind, EntityRef, Scene, SceneFile } from "../core/sync/scene.ts";

/**
 * The members of a Scene that are asked for: Stash gives each of them for a few reads, and all of
 * them are known since v0.27. What a scene is synced by comes from the table of fields.
 */
export const SCENE_FIELDS = [
  "id organized updated_at files { path size duration }",
  // Asked for whatever is synced: who is concerned when one of them is renamed.
  ...new Set([
    "studio { id name }",
    "performers { id name }",
    "tags { id name }",
    ...selectionOf(),
  ]),
].join("\n  ");

export type Fields = Readonly<Record<string, unknown>>;

/** A scene as Stash sent it, with null and nonsense taken for "unset"; null without an id. */
export function readScene(value: unknown): Scene | null {
  const scene = fields(value);
  if (scene === null || text(scene.id) === "") return null;
  return {
    id: text(scene.id),
    title: text(scene.title),
    code: text(scene.code),
    details: text(scene.details),
    date: date(scene.date),
    rating100: rating(scene.rating100),
    organized: scene.organized === true,
    updatedAt: text(scene.updated_at),
    studio: text(fields(scene.studio)?.name) || null,
    performers: names(scene.performers),
    tags: names(scene.tags),
    files: readFiles(scene.files),
    links: [
      ...refs("studio", [scene.studio]),
      ...refs("performer", scene.performers),
      ...refs("tag", scene.tags),
    ],
  };
}

export function fields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Fields
    : null;
}

/** The objects of a list; none if it is no list. */
export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields).filter((entry) => entry !== null) : [];
}

function names(value: unknown): string[] {
  return list(value).map((entry) => text(entry.name)).filter((name) => name.trim() !== "");
}

function refs(kind: EntityKind, value: unknown): EntityRef[] {
  return list(value).map((entry) => ({ kind, id: text(entry.id) })).filter(({ id }) => id !== "");
}

/** Since v0.30 also a year, or a year and a month. */
function date(value: unknown): string | null {
  return typeof value === "string" && /^\d{4}(-\d{2}(-\d{2})?)?$/.test(value) ? value : null;
}

function rating(value: unknown): number | null {
  return typeof value === "number" && value >= 1 && value <= 100 ? Math.round(value) : null;
}

export function readFiles(value: unknown): SceneFile[] {
  return list(value).map(readFile).filter((file) => file.path !== "");
}

function readFile(file: Fields): SceneFile {
  // Int64 goes as a number here, but other servers of GraphQL send it as a string.
  const size = Number(file.size ?? 0);
  const durationMs = Math.round(Number(file.duration ?? 0) * 1000);
  return {
    path: text(file.path),
    size: Number.isSafeInteger(size) && size > 0 ? size : 0,
    durationMs: Number.isSafeInteger(durationMs) && durationMs > 0 ? durationMs : null,
  };
}
