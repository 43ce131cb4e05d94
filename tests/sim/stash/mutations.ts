/** The mutation half of the root object: who bumps what is in stash-api 1.4. */
import { parseId } from "./criteria.ts";
import { type EntityColumns, type EntityKind, StashError } from "./entities.ts";
import { PerformerNode, type SceneNode, StudioNode, TagNode } from "./nodes.ts";
import {
  bulkPatch,
  type BulkUpdate,
  patchOf,
  type SceneFields,
  type SceneUpdate,
} from "./scene_patch.ts";
import type { World } from "./world.ts";

export function mutations(world: World) {
  const update = (input: SceneUpdate, at: string): number => {
    const id = parseId(input.id);
    world.scenes.mustExist(id);
    world.scenes.change(id, patchOf(world, input), at);
    if (input.primary_file_id != null) makePrimary(world, id, parseId(input.primary_file_id));
    return id;
  };
  const entity = <T>(kind: EntityKind, input: EntityInput, node: (id: number) => T) => {
    const { id, columns } = entityColumns(input);
    world.change(() => world.entities.update(kind, id, columns, world.stamp()));
    return node(id);
  };

  return {
    sceneCreate: ({ input }: { input: SceneFields }): SceneNode | null => {
      const at = world.stamp();
      return world.scene(world.change(() => world.scenes.create(patchOf(world, input), at)));
    },
    sceneUpdate: ({ input }: { input: SceneUpdate }): SceneNode | null => {
      const at = world.stamp();
      return world.scene(world.change(() => update(input, at)));
    },
    scenesUpdate: ({ input }: { input: SceneUpdate[] }): (SceneNode | null)[] => {
      const at = world.stamp();
      const ids = world.change(() => input.map((each) => update(each, at)));
      return ids.map((id) => world.scene(id));
    },
    bulkSceneUpdate: ({ input }: { input: BulkUpdate }): (SceneNode | null)[] => {
      const at = world.stamp(); // one time for all, taken before the first write
      const ids = (input.ids ?? []).map(parseId);
      world.change(() =>
        ids.forEach((id) => world.scenes.change(id, bulkPatch(world, id, input), at))
      );
      return ids.map((id) => world.scene(id));
    },
    sceneDestroy: ({ input }: { input: { id: string } }): boolean => {
      world.destroy([parseId(input.id)]);
      return true;
    },
    scenesDestroy: ({ input }: { input: { ids: string[] } }): boolean => {
      world.destroy(input.ids.map(parseId));
      return true;
    },
    performerUpdate: ({ input }: { input: EntityInput }) =>
      entity(
        "performer",
        input,
        (id) => new PerformerNode(world, world.entities.get("performer", id) ?? {}),
      ),
    studioUpdate: ({ input }: { input: EntityInput }) =>
      entity(
        "studio",
        input,
        (id) => new StudioNode(world, world.entities.get("studio", id) ?? {}),
      ),
    tagUpdate: ({ input }: { input: EntityInput }) =>
      entity("tag", input, (id) => new TagNode(world, world.entities.get("tag", id) ?? {})),
  };
}

/** Every member but `id` is the name of a column. */
interface EntityInput {
  id: string;
  name?: string | null;
  parent_id?: string | null;
  favorite?: boolean | null;
  disambiguation?: string | null;
  gender?: string | null;
  details?: string | null;
  sort_name?: string | null;
  description?: string | null;
}

function entityColumns(input: EntityInput): { id: number; columns: EntityColumns } {
  const { id, favorite, parent_id, name, ...texts } = input;
  if (name === null || name?.trim() === "") throw new StashError("name must not be blank");
  const columns: EntityColumns = { ...texts };
  if (name !== undefined) columns.name = name;
  if (favorite !== undefined) columns.favorite = favorite ? 1 : 0;
  if (parent_id !== undefined) columns.parent_id = parent_id === null ? null : parseId(parent_id);
  return { id: parseId(id), columns };
}

/** The others keep their order. */
function makePrimary(world: World, sceneId: number, fileId: number): void {
  const file = world.db.get(
    "SELECT position FROM files WHERE id = ? AND scene_id = ?",
    fileId,
    sceneId,
  );
  if (file === undefined) throw new StashError(`file with id ${fileId} not associated with scene`);
  const moved = "UPDATE files SET position = position + 1 WHERE scene_id = ? AND position < ?";
  world.db.run(moved, sceneId, file.position ?? 0);
  world.db.run("UPDATE files SET position = 0 WHERE id = ?", fileId);
}
