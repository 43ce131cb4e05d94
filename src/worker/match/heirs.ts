import { bearerOf, sharePath } from "../../core/match/identity.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import type { Move } from "../../store/library/written_values.ts";
import type { Scenes } from "../../store/library/scenes.ts";
import type { WorkContext } from "../context.ts";

const NONE: ReadonlyMap<string, readonly SceneFile[]> = new Map();

/**
 * Which scene has the film now of which something was kept under an id; null where none has it, or
 * several do.
 * @param then The film's files at that time
 * @param fresh By id, files that were just read; of other scenes those count that are kept
 */
export function sceneNow(
  id: string,
  then: readonly SceneFile[],
  scenes: Pick<Scenes, "filesOf" | "withFiles">,
  fresh = NONE,
): string | null {
  const ids = new Set([id, ...scenes.withFiles(then.map(({ path }) => path), then)]);
  return bearerOf(
    id,
    then,
    new Map([...ids].map((each) => [each, fresh.get(each) ?? scenes.filesOf(each)])),
  );
}

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
    if (match === null) return [];
    // Most still have the path, and then nobody else is to be asked about.
    const now = scenes.get(sceneId) ?? [];
    if (sharePath(match.files, now)) return [];
    const heir = sceneNow(sceneId, match.files, store.scenes, scenes);
    return heir === null || heir === sceneId ? [] : [{ from: sceneId, to: heir, item }];
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
  const fresh = new Map([[scene.id, scene.files]]);
  const moves = [...written.onItems(items).values()].flat()
    .filter(({ sceneId, match }) =>
      sceneId !== scene.id && match !== null &&
      sceneNow(sceneId, match.files, store.scenes, fresh) === scene.id
    )
    .map(({ sceneId, item }) => ({ from: sceneId, to: scene.id, item }));
  written.passOn(moves);
  return moves.length > 0;
}
