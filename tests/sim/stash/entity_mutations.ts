/** Mutations of performers, studios, tags and groups; scenes keep their `updated_at`. */
import { type Asked, inTurn, stillAsked } from "./asked.ts";
import { parseId } from "./criteria.ts";
import { type EntityColumns, type EntityKind, StashError } from "./entities.ts";
import { destroyEntities, mergeTags } from "./entity_removal.ts";
import { withoutNulls } from "./hook_inputs.ts";
import type { Hooks } from "./hooks.ts";
import { EntityNode, PerformerNode, StudioNode, TagNode } from "./nodes.ts";
import type { World } from "./world.ts";

/** Hook types of each kind; a group still counts as a movie too. */
const TYPES: Record<EntityKind, readonly string[]> = {
  performer: ["Performer"],
  studio: ["Studio"],
  tag: ["Tag"],
  group: ["Group", "Movie"],
};
const NODES = { performer: PerformerNode, studio: StudioNode, tag: TagNode, group: EntityNode };

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
type BulkInput = Omit<EntityInput, "id" | "name"> & { ids?: string[] | null };

export function entityMutations(world: World, hooks: Hooks) {
  const fire = async (
    kind: EntityKind,
    op: "Update" | "Destroy",
    id: number,
    input: unknown,
    asked: Asked,
    fields: string[] = [],
  ) => {
    for (const type of TYPES[kind]) {
      await hooks.run({ trigger: `${type}.${op}.Post`, id, input, fields }, asked);
    }
  };
  const reread = (kind: EntityKind, id: number, asked: Asked) => {
    stillAsked(asked);
    return new NODES[kind](world, world.entities.get(kind, id) ?? {});
  };
  const update = (kind: EntityKind) => async ({ input }: { input: EntityInput }, asked: Asked) => {
    const { id: _, ...members } = input;
    const id = parseId(input.id);
    const columns = columnsOf(members);
    world.change(() => world.entities.update(kind, id, columns, world.stamp()));
    await fire(kind, "Update", id, { ...input }, asked, Object.keys(input));
    return reread(kind, id, asked);
  };
  const bulk = (kind: EntityKind) => async ({ input }: { input: BulkInput }, asked: Asked) => {
    const { ids: wanted, ...members } = input;
    const at = world.stamp();
    const ids = (wanted ?? []).map(parseId);
    const columns = columnsOf(members);
    world.change(() => ids.forEach((id) => world.entities.update(kind, id, columns, at)));
    const shared = withoutNulls({ ...input });
    return await inTurn(ids, async (id) => {
      await fire(kind, "Update", id, shared, asked, Object.keys(input));
      return reread(kind, id, asked);
    });
  };
  const destroy =
    (kind: EntityKind) => async ({ input }: { input: { id: string } }, asked: Asked) => {
      const id = parseId(input.id);
      destroyEntities(world, kind, [id]);
      await fire(kind, "Destroy", id, { ...input }, asked);
      return true;
    };
  const destroyMany = (kind: EntityKind) => async ({ ids }: { ids: string[] }, asked: Asked) => {
    const parsed = ids.map(parseId);
    destroyEntities(world, kind, parsed);
    await inTurn(parsed, (id) => fire(kind, "Destroy", id, ids, asked));
    return true;
  };

  return {
    performerUpdate: update("performer"),
    bulkPerformerUpdate: bulk("performer"),
    performerDestroy: destroy("performer"),
    performersDestroy: destroyMany("performer"),
    studioUpdate: update("studio"),
    studioDestroy: destroy("studio"),
    studiosDestroy: destroyMany("studio"),
    tagUpdate: update("tag"),
    bulkTagUpdate: bulk("tag"),
    tagDestroy: destroy("tag"),
    tagsDestroy: destroyMany("tag"),
    tagsMerge: async (
      { input }: { input: { source: string[]; destination: string } },
      asked: Asked,
    ) => {
      const id = parseId(input.destination);
      mergeTags(world, input.source.map(parseId), id);
      await hooks.run({ trigger: "Tag.Merge.Post", id, input: { ...input } }, asked);
      return reread("tag", id, asked);
    },
    groupUpdate: update("group"),
    groupDestroy: destroy("group"),
    groupsDestroy: destroyMany("group"),
    movieUpdate: update("group"),
    movieDestroy: destroy("group"),
  };
}

function columnsOf(
  { favorite, parent_id, name, ...texts }: Omit<EntityInput, "id">,
): EntityColumns {
  if (name === null || name?.trim() === "") throw new StashError("name must not be blank");
  const columns: EntityColumns = { ...texts };
  if (name !== undefined) columns.name = name;
  if (favorite !== undefined) columns.favorite = favorite ? 1 : 0;
  if (parent_id !== undefined) columns.parent_id = parent_id === null ? null : parseId(parent_id);
  return columns;
}
