/** Destroys and merges entities. Scenes keep their `updated_at`. */
import type { Database } from "./database.ts";
import { ENTITY_TABLE, type EntityKind, StashError } from "./entities.ts";
import type { World } from "./world.ts";

/** What takes the entity with that id out of everything that names it. */
const UNLINK: Record<EntityKind, readonly string[]> = {
  performer: ["DELETE FROM performers_scenes WHERE performer_id = ?"],
  studio: [
    "UPDATE scenes SET studio_id = NULL WHERE studio_id = ?",
    "UPDATE studios SET parent_id = NULL WHERE parent_id = ?",
  ],
  tag: [
    "DELETE FROM scenes_tags WHERE tag_id = ?",
    // A marker cannot be without its primary tag.
    "DELETE FROM scene_markers WHERE primary_tag_id = ?",
  ],
  group: ["DELETE FROM groups_scenes WHERE group_id = ?"],
};

/** @throws {StashError} any id is unknown; nothing is destroyed then */
export function destroyEntities(world: World, kind: EntityKind, ids: readonly number[]): void {
  world.change(() => ids.forEach((id) => destroy(world, kind, id)));
}

/**
 * The sources' scenes get the destination, whose own `updated_at` stands still too.
 * @throws {StashError} an id is unknown, or both source and destination
 */
export function mergeTags(world: World, sources: readonly number[], into: number): void {
  if (sources.includes(into)) throw new StashError("destination tag cannot be in source list");
  mustExist(world, "tag", into);
  world.change(() => {
    for (const id of sources) {
      mustExist(world, "tag", id);
      world.db.run("UPDATE OR IGNORE scenes_tags SET tag_id = ? WHERE tag_id = ?", into, id);
      world.db.run(
        "UPDATE scene_markers SET primary_tag_id = ? WHERE primary_tag_id = ?",
        into,
        id,
      );
      changeMarkerTags(world.db, id, into);
      destroy(world, "tag", id);
    }
  });
}

function destroy(world: World, kind: EntityKind, id: number): void {
  mustExist(world, kind, id);
  for (const sql of UNLINK[kind]) world.db.run(sql, id);
  if (kind === "tag") changeMarkerTags(world.db, id);
  world.db.run(`DELETE FROM ${ENTITY_TABLE[kind]} WHERE id = ?`, id);
  world.entities.reload();
}

/** @param into takes its place; without it the tag is just taken away */
function changeMarkerTags(db: Database, id: number, into?: number): void {
  for (const row of db.all("SELECT id, tag_ids FROM scene_markers")) {
    const had = JSON.parse(String(row.tag_ids)) as number[];
    if (!had.includes(id)) continue;
    const kept = had.flatMap((each) => each !== id ? [each] : into === undefined ? [] : [into]);
    db.run(
      "UPDATE scene_markers SET tag_ids = ? WHERE id = ?",
      JSON.stringify([...new Set(kept)]),
      Number(row.id),
    );
  }
}

function mustExist(world: World, kind: EntityKind, id: number): void {
  if (world.entities.get(kind, id) === undefined) {
    throw new StashError(`${kind} with id ${id} not found`);
  }
}
