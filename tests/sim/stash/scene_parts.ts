/** Writes what belongs to a scene but stands in tables of its own. */
import type { Database } from "./database.ts";
import type { Entities } from "./entities.ts";
import type { ScenePatch } from "./scenes.ts";

/**
 * @param at text timestamp of the change
 * @param fresh whether the scene was just made, so that there is nothing to take away
 */
export function writeParts(
  db: Database,
  entities: Entities,
  id: number,
  patch: ScenePatch,
  at: string,
  fresh: boolean,
): void {
  const clear = (table: string) => {
    if (!fresh) db.run(`DELETE FROM ${table} WHERE scene_id = ?`, id);
  };
  if (patch.cover !== undefined) {
    clear("scene_covers");
    if (patch.cover !== null) db.run("INSERT INTO scene_covers VALUES (?, ?)", id, patch.cover);
  }
  if (patch.performerIds !== undefined) {
    clear("performers_scenes");
    for (const performer of patch.performerIds) {
      db.run("INSERT OR IGNORE INTO performers_scenes VALUES (?, ?)", id, performer);
    }
  }
  if (patch.tagIds !== undefined) {
    clear("scenes_tags");
    for (const tag of patch.tagIds) {
      db.run("INSERT OR IGNORE INTO scenes_tags VALUES (?, ?)", id, tag);
    }
  }
  if (patch.groups !== undefined) {
    clear("groups_scenes");
    for (const group of patch.groups) {
      db.run(
        "INSERT OR REPLACE INTO groups_scenes VALUES (?, ?, ?)",
        id,
        group.id,
        group.sceneIndex,
      );
    }
  }
  if (patch.stashIds !== undefined) {
    clear("scene_stash_ids");
    for (const { endpoint, stash_id } of patch.stashIds) {
      db.run("INSERT INTO scene_stash_ids VALUES (?, ?, ?, ?)", id, endpoint, stash_id, at);
    }
  }
  if (patch.markers !== undefined) {
    clear("scene_markers");
    writeMarkers(db, entities, id, patch.markers, at);
  }
  if (patch.files !== undefined) writeFiles(db, id, patch.files, at, fresh);
}

function writeMarkers(
  db: Database,
  entities: Entities,
  id: number,
  markers: NonNullable<ScenePatch["markers"]>,
  at: string,
): void {
  for (const marker of markers) {
    const tagIds = marker.tags.map((tag) => entities.ensure("tag", tag, at));
    db.run(
      `INSERT INTO scene_markers (scene_id, title, seconds, end_seconds, primary_tag_id, tag_ids,
         created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      marker.title,
      marker.seconds,
      marker.end_seconds ?? null,
      entities.ensure("tag", marker.primary_tag, at),
      JSON.stringify(tagIds),
      at,
      at,
    );
  }
}

/** In either style of paths. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Files keep their ids by position, as a moved file keeps its id in Stash. */
function writeFiles(
  db: Database,
  id: number,
  files: NonNullable<ScenePatch["files"]>,
  at: string,
  fresh: boolean,
): void {
  const old = fresh ? [] : db.all("SELECT * FROM files WHERE scene_id = ? ORDER BY position", id);
  files.forEach(({ path, size, duration }, position) => {
    const basename = baseName(path);
    const had = old[position];
    if (had === undefined) {
      db.run(
        `INSERT INTO files (scene_id, position, path, basename, size, duration, mod_time,
           created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        position,
        path,
        basename,
        size,
        duration,
        at,
        at,
        at,
      );
    } else if (had.path !== path || had.size !== size || had.duration !== duration) {
      const modTime = had.size === size ? had.mod_time ?? at : at; // a move keeps the content's time
      db.run(
        `UPDATE files SET path = ?, basename = ?, size = ?, duration = ?, mod_time = ?,
           updated_at = ? WHERE id = ?`,
        path,
        basename,
        size,
        duration,
        modTime,
        at,
        Number(had.id),
      );
    }
  });
  for (const gone of old.slice(files.length)) {
    db.run("DELETE FROM files WHERE id = ?", Number(gone.id));
  }
}
