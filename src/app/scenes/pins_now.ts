import type { KeptPin } from "../../store/pins.ts";
import type { Store } from "../../store/store.ts";
import { sceneNow } from "../../worker/heirs.ts";

type Known = Pick<Store, "of" | "scenes">;

/** All pins, each under the id that its scene has now; one that no scene has, under its old id. */
export function pinsNow(store: Known, target: string): KeptPin[] {
  return store.of(target).pins.list()
    .map((pin) => ({
      ...pin,
      scene_id: sceneNow(pin.scene_id, pin.files, store.scenes) ?? pin.scene_id,
    }))
    .sort((a, b) => Number(a.scene_id) - Number(b.scene_id));
}

/** To what the owner pinned each scene of a target: an item, or `none`; by scene id. */
export function pinnedTo(store: Known, target: string): Map<string, string> {
  return new Map(pinsNow(store, target).map(({ scene_id, item }) => [scene_id, item ?? "none"]));
}
