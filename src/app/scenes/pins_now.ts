import type { KeptPin } from "../../store/library/pins.ts";
import type { Store } from "../../store/store.ts";
import { BornePins } from "../../worker/match/borne_pins.ts";
import { sceneNow } from "../../worker/match/heirs.ts";

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

/** To what the owner pinned these scenes in a target: an item, or `none`; by scene id. */
export function pinnedTo(
  store: Known,
  target: string,
  scenes: readonly string[],
): Map<string, string> {
  const pins = new BornePins(store.of(target).pins, store.scenes);
  return new Map(scenes.flatMap((scene) => {
    const pin = pins.near(scene).findLast((each) =>
      (pins.bearerOf(each) ?? each.scene_id) === scene
    );
    return pin === undefined ? [] : [[scene, pin.item ?? "none"]];
  }));
}
