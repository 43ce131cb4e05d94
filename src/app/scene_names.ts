import { stem } from "../core/path.ts";
import type { Installation } from "./installation.ts";

/** A scene as a person knows it. */
export interface SceneName {
  /** Its title, else its file's name; null when neither is known yet. */
  title: string | null;
  /** Its page in Stash; null when it is not known where Stash is. */
  url: string | null;
}

/**
 * What people call these scenes, by what was last read of them: no server is asked.
 * @returns a name for each row, in their order
 */
export function nameScenes(
  { store, config }: Pick<Installation, "store" | "config">,
  rows: readonly { scene_id: string; path: string | null }[],
): SceneName[] {
  const titles = store.scenes.titles(rows.map(({ scene_id }) => scene_id));
  return rows.map(({ scene_id, path }) => {
    const file = path ?? store.scenes.filesOf(scene_id)[0]?.path;
    return {
      title: titles.get(scene_id) || (file === undefined ? null : stem(file)),
      url: config.stashUrl === "" ? null : `${config.stashUrl}/scenes/${scene_id}`,
    };
  });
}
