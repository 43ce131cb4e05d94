/** Scene mutations: what they do to `updated_at`, and which hooks they fire. */
import { type Asked, inTurn, stillAsked } from "./asked.ts";
import { parseId } from "./criteria.ts";
import { StashError } from "./entities.ts";
import {
  type DestroyFlags,
  sceneDestroyInput,
  sceneUpdateInput,
  tracesOf,
  withoutNulls,
} from "./hook_inputs.ts";
import type { Hooks } from "./hooks.ts";
import type { SceneNode } from "./nodes.ts";
import { mergeScenes, type SceneMerge } from "./scene_merge.ts";
import {
  bulkPatch,
  type BulkUpdate,
  patchOf,
  type SceneFields,
  type SceneUpdate,
} from "./scene_patch.ts";
import type { World } from "./world.ts";

const UPDATE = "Scene.Update.Post";
const DESTROY = "Scene.Destroy.Post";

/** The answer waits for the hooks, which run when all is committed. */
export function sceneMutations(world: World, hooks: Hooks) {
  const update = (input: SceneUpdate, at: string): number => {
    const id = parseId(input.id);
    world.scenes.mustExist(id);
    world.scenes.change(id, patchOf(world, input), at);
    if (input.primary_file_id != null) makePrimary(world, id, parseId(input.primary_file_id));
    return id;
  };

  return {
    sceneCreate: async ({ input }: { input: SceneFields }, asked: Asked) => {
      const at = world.stamp();
      const id = world.change(() => world.scenes.create(patchOf(world, input), at));
      await hooks.run({ trigger: "Scene.Create.Post", id }, asked);
      return reread(world, id, asked);
    },
    sceneUpdate: async ({ input }: { input: SceneUpdate }, asked: Asked) => {
      const at = world.stamp();
      const id = world.change(() => update(input, at));
      const fields = Object.keys(input);
      await hooks.run(
        { trigger: UPDATE, id, input: sceneUpdateInput({ ...input }), fields },
        asked,
      );
      return reread(world, id, asked);
    },
    scenesUpdate: async ({ input }: { input: SceneUpdate[] }, asked: Asked) => {
      const at = world.stamp();
      const ids = world.change(() => input.map((each) => update(each, at)));
      const all = input.map((each) => sceneUpdateInput({ ...each }));
      return await inTurn(ids, async (id, index) => {
        const fields = Object.keys(input[index] ?? {});
        await hooks.run({ trigger: UPDATE, id, input: all, fields }, asked);
        return reread(world, id, asked);
      });
    },
    bulkSceneUpdate: async ({ input }: { input: BulkUpdate }, asked: Asked) => {
      const at = world.stamp(); // one time for all, taken before the first write
      const ids = (input.ids ?? []).map(parseId);
      world.change(() =>
        ids.forEach((id) => world.scenes.change(id, bulkPatch(world, id, input), at))
      );
      const fields = Object.keys(input);
      const shared = withoutNulls({ ...input });
      return await inTurn(ids, async (id) => {
        await hooks.run({ trigger: UPDATE, id, input: shared, fields }, asked);
        return reread(world, id, asked);
      });
    },
    sceneMerge: ({ input }: { input: SceneMerge }, asked: Asked) => {
      const id = mergeScenes(world, input);
      return reread(world, id, asked);
    },
    sceneDestroy: async ({ input }: { input: { id: string } & DestroyFlags }, asked: Asked) => {
      const id = parseId(input.id);
      const traces = tracesOf(world, id);
      world.destroy([id]);
      const told = sceneDestroyInput({ id: input.id }, input, traces);
      await hooks.run({ trigger: DESTROY, id, input: told }, asked);
      return true;
    },
    scenesDestroy: async ({ input }: { input: { ids: string[] } & DestroyFlags }, asked: Asked) => {
      const ids = input.ids.map(parseId);
      const traces = ids.map((id) => tracesOf(world, id));
      world.destroy(ids);
      await inTurn(ids, (id, index) => {
        const told = sceneDestroyInput({ ids: input.ids }, input, traces[index]);
        return hooks.run({ trigger: DESTROY, id, input: told }, asked);
      });
      return true;
    },
  };
}

function reread(world: World, id: number, asked: Asked): SceneNode | null {
  stillAsked(asked);
  return world.scene(id);
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
