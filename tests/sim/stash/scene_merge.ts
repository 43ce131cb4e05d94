/** `sceneMerge`: the destination takes all over, and nobody is told. */
import { parseId } from "./criteria.ts";
import { StashError } from "./entities.ts";
import { patchOf, type SceneUpdate } from "./scene_patch.ts";
import type { World } from "./world.ts";

export interface SceneMerge {
  source: string[];
  destination: string;
  /** Changes of the destination. */
  values?: SceneUpdate | null;
}

/**
 * @returns id of the destination
 * @throws {StashError} an id is unknown, or both source and destination
 */
export function mergeScenes(world: World, { source, destination, values }: SceneMerge): number {
  const into = parseId(destination);
  const sources = source.map(parseId);
  if (sources.includes(into)) {
    throw new StashError("destination scene cannot be in source list");
  }
  const at = world.stamp();
  world.change(() => {
    for (const id of sources) {
      world.scenes.mustExist(id);
      moveParts(world, id, into);
      world.scenes.destroy(id);
    }
    world.scenes.change(into, patchOf(world, { ...values }), at);
  });
  return into;
}

/** Files join behind those of the destination, markers come along. */
function moveParts(world: World, from: number, into: number): void {
  const count = world.scenes.fileCount(into);
  world.db.run(
    "UPDATE files SET position = position + ?, scene_id = ? WHERE scene_id = ?",
    count,
    into,
    from,
  );
  world.db.run("UPDATE scene_markers SET scene_id = ? WHERE scene_id = ?", into, from);
}
