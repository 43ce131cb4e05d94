import { stem } from "../../core/match/path.ts";
import type { Installation } from "../installation.ts";
import { pinnedTo } from "./pins_now.ts";

/** A scene as a person knows it. */
export interface SceneName {
  /** Its title, else its file's name; null when neither is known yet. */
  title: string | null;
  /** Its page in Stash; null when it is not known where Stash is. */
  url: string | null;
  /** The item that the owner pinned it to, or `none`; null when it is not pinned. */
  pinned_to: string | null;
}

/**
 * What people call these scenes and decided about them, by what was last read of them: no server is asked.
 * @returns a name for each row, in their order
 */
export function nameScenes(
  { store, config }: Pick<Installation, "store" | "config">,
  rows: readonly { scene_id: string; target: string; path: string | null }[],
): SceneName[] {
  // A letter may speak of a target that is configured no longer.
  const pins = new Map(store.targets.map((target) => {
    const scenes = rows.filter((row) => row.target === target).map(({ scene_id }) => scene_id);
    return [target, scenes.length === 0 ? null : pinnedTo(store, target, scenes)];
  }));
  const titles = store.scenes.titles(rows.map(({ scene_id }) => scene_id));
  return rows.map(({ scene_id, target, path }) => {
    const file = path ?? store.scenes.filesOf(scene_id)[0]?.path;
    return {
      title: titles.get(scene_id) || (file === undefined ? null : stem(file)),
      url: config.stashUrl === "" ? null : `${config.stashUrl}/scenes/${scene_id}`,
      pinned_to: pins.get(target)?.get(scene_id) ?? null,
    };
  });
}
