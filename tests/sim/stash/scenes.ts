/** Writes scenes, and with them what Stash does to `updated_at`. */
import { Buffer } from "node:buffer";
import type { SQLInputValue } from "node:sqlite";
import type { Database } from "./database.ts";
import { type Entities, StashError } from "./entities.ts";
import type { CheckedScene } from "./input.ts";
import { writeParts } from "./scene_parts.ts";

/** One change of a scene; members left out stay as they are. */
export interface ScenePatch {
  columns: Record<string, SQLInputValue>;
  performerIds?: number[];
  tagIds?: number[];
  groups?: { id: number; sceneIndex: number | null }[];
  stashIds?: { endpoint: string; stash_id: string }[] | undefined;
  markers?: CheckedScene["markers"] | undefined;
  files?: CheckedScene["files"] | undefined;
  /** null takes the cover away. */
  cover?: Uint8Array | null;
}

const TEXTS = ["title", "code", "details", "director", "date"] as const;

export class Scenes {
  readonly #db: Database;
  readonly #entities: Entities;

  constructor(db: Database, entities: Entities) {
    this.#db = db;
    this.#entities = entities;
  }

  exists(id: number): boolean {
    return this.#db.get("SELECT 1 FROM scenes WHERE id = ?", id) !== undefined;
  }

  /** @throws {StashError} in Stash's words */
  mustExist(id: number): void {
    if (!this.exists(id)) throw new StashError(`scene with id ${id} not found`);
  }

  /**
   * @param id wanted id, else the next one; an id is never used twice
   * @param at text timestamp of its `updated_at`; what belongs to it gets `createdAt`
   */
  create(patch: ScenePatch, at: string, id: number | null = null, createdAt = at): number {
    const columns = { updated_at: at, ...columnsOf(patch), id, created_at: createdAt };
    const names = Object.keys(columns);
    const made = this.#db.run(
      `INSERT INTO scenes (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
      ...Object.values(columns),
    );
    writeParts(this.#db, this.#entities, made, patch, createdAt, true);
    return made;
  }

  /**
   * @param bump false for what Stash does without touching the scene, such as a file move
   * @throws {StashError} unknown id
   */
  change(id: number, patch: ScenePatch, at: string, bump = true): void {
    this.mustExist(id);
    const columns = columnsOf(patch);
    if (bump) columns.updated_at ??= at;
    const names = Object.keys(columns);
    if (names.length > 0) {
      this.#db.run(
        `UPDATE scenes SET ${names.map((name) => `${name} = ?`).join(", ")} WHERE id = ?`,
        ...Object.values(columns),
        id,
      );
    }
    writeParts(this.#db, this.#entities, id, patch, at, false);
  }

  /** @throws {StashError} unknown id */
  destroy(id: number): void {
    this.mustExist(id);
    this.#db.run("DELETE FROM scenes WHERE id = ?", id);
    for (
      const table of [
        "files",
        "scene_covers",
        "performers_scenes",
        "scenes_tags",
        "groups_scenes",
        "scene_stash_ids",
        "scene_markers",
      ]
    ) this.#db.run(`DELETE FROM ${table} WHERE scene_id = ?`, id);
  }

  /** Names in a checked input become entities, which are made when new. */
  patchOf(input: CheckedScene, at: string): ScenePatch {
    const columns: ScenePatch["columns"] = {};
    for (const key of TEXTS) if (input[key] !== undefined) columns[key] = input[key] || null;
    if (input.urls !== undefined) columns.urls = JSON.stringify(input.urls);
    if (input.rating100 !== undefined) columns.rating = input.rating100;
    if (input.organized !== undefined) columns.organized = input.organized ? 1 : 0;
    if (input.custom_fields !== undefined) {
      columns.custom_fields = JSON.stringify(input.custom_fields);
    }
    if (input.studio !== undefined) columns.studio_id = this.#studioId(input.studio, at);
    const patch: ScenePatch = { columns };
    if (input.performers !== undefined) {
      patch.performerIds = input.performers.map((performer) => {
        if (typeof performer === "string") return this.#entities.ensure("performer", performer, at);
        const { name, ...rest } = performer;
        return this.#entities.ensure("performer", name, at, rest);
      });
    }
    if (input.tags !== undefined) {
      patch.tagIds = input.tags.map((tag) => {
        if (typeof tag === "string") return this.#entities.ensure("tag", tag, at);
        const { name, ...rest } = tag;
        return this.#entities.ensure("tag", name, at, rest);
      });
    }
    if (input.groups !== undefined) {
      patch.groups = input.groups.map((group) => ({
        id: this.#entities.ensure("group", group.name, at),
        sceneIndex: group.scene_index,
      }));
    }
    patch.stashIds = input.stash_ids;
    patch.markers = input.markers;
    patch.files = input.files;
    if (input.cover !== undefined) {
      patch.cover = input.cover === null ? null : Buffer.from(input.cover, "base64");
    }
    return patch;
  }

  /** How many files a scene has. */
  fileCount(id: number): number {
    return Number(this.#db.get("SELECT count(*) AS n FROM files WHERE scene_id = ?", id)?.n);
  }

  #studioId(studio: NonNullable<CheckedScene["studio"]> | null, at: string): number | null {
    if (studio === null) return null;
    if (typeof studio === "string") return this.#entities.ensure("studio", studio, at);
    const parent = studio.parent === undefined
      ? {}
      : { parent_id: this.#entities.ensure("studio", studio.parent, at) };
    return this.#entities.ensure("studio", studio.name, at, parent);
  }
}

function columnsOf(patch: ScenePatch): ScenePatch["columns"] {
  const columns = { ...patch.columns };
  if (patch.cover !== undefined) columns.cover = patch.cover === null ? "none" : "stored";
  return columns;
}
