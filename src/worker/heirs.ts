import { isSameScene } from "../core/identity.ts";
import type { Memory } from "../core/memory.ts";
import type { SceneFile } from "../core/scene.ts";
import type { Move } from "../store/written_values.ts";
import type { WorkContext } from "./context.ts";

/**
 * Gives what is remembered under the ids of scenes that are other films now, or gone, to the scenes
 * that have the files: a full import of Stash gives every id to another film. Where no scene has
 * them, or several do, it stays set aside under its id, and is no evidence.
 * @param scenes By id, as just read: their files; none of a scene that is gone
 * @returns by old id, the scenes that something went to
 */
export function passOn(
  scenes: ReadonlyMap<string, readonly SceneFile[]>,
  { store, target }: Pick<WorkContext, "store" | "target">,
): Map<string, string[]> {
  const { written } = store.of(target.id);
  const known = [...written.ofScenes([...scenes.keys()]).values()].flat();
  const moves = known.flatMap((memory): Move[] => {
    const { sceneId, item, match } = memory;
    if (match === null || isSameScene(match.files, scenes.get(sceneId)!)) return [];
    const heir = heirOf(memory, match.files, scenes, store);
    return heir === null ? [] : [{ from: sceneId, to: heir, item }];
  });
  written.passOn(moves);
  return new Map(
    [...Map.groupBy(moves, ({ from }) => from)].map(([id, own]) => [
      id,
      [...new Set(own.map(({ to }) => to))],
    ]),
  );
}

/**
 * Gives a scene what is remembered of its film under ids that are other films now, or gone.
 * @param items That its files lead to
 * @returns whether there was any
 */
export function inherit(
  scene: { id: string; files: readonly SceneFile[] },
  items: readonly string[],
  { store, target }: Pick<WorkContext, "store" | "target">,
): boolean {
  const { written } = store.of(target.id);
  const moves = [...written.onItems(items).values()].flat()
    .filter(({ sceneId, match }) =>
      sceneId !== scene.id && match !== null && isSameScene(match.files, scene.files) &&
      !isSameScene(match.files, store.scenes.filesOf(sceneId))
    )
    .map(({ sceneId, item }) => ({ from: sceneId, to: scene.id, item }));
  written.passOn(moves);
  return moves.length > 0;
}

function heirOf(
  { sceneId }: Memory,
  files: readonly SceneFile[],
  scenes: ReadonlyMap<string, readonly SceneFile[]>,
  { scenes: kept }: Pick<WorkContext["store"], "scenes">,
): string | null {
  const heirs = kept.withFiles(files.map(({ path }) => path), files).filter((id) =>
    id !== sceneId && isSameScene(files, scenes.get(id) ?? kept.filesOf(id))
  );
  return heirs.length === 1 ? heirs[0]! : null;
}
