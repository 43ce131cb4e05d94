import { pathKey } from "../core/match/path.ts";
import type { KeptPin, Pins } from "../store/pins.ts";
import type { Scenes } from "../store/scenes.ts";
import { sceneNow } from "./heirs.ts";

/**
 * The pins of one target, by the scenes that have their films now. Of thousands of pins only those
 * are looked into that may have to do with what is asked about: each look asks the database.
 */
export class BornePins {
  readonly #byScene = new Map<string, KeptPin[]>();
  readonly #byItem = new Map<string, KeptPin[]>();
  /** By the paths of the scene's files, and by those of the item's. */
  readonly #byScenePath = new Map<string, KeptPin[]>();
  readonly #byItemPath = new Map<string, KeptPin[]>();
  readonly #bySize = new Map<number, KeptPin[]>();
  readonly #bearers = new Map<number, string | null>();

  constructor(
    pins: Pick<Pins, "list">,
    private readonly scenes: Pick<Scenes, "filesOf" | "withFiles">,
  ) {
    for (const pin of pins.list()) {
      put(this.#byScene, pin.scene_id, pin);
      if (pin.item !== null) put(this.#byItem, pin.item, pin);
      for (const path of pin.paths) put(this.#byItemPath, pathKey(path), pin);
      for (const { path, size } of pin.files) {
        put(this.#byScenePath, pathKey(path), pin);
        if (size > 0) put(this.#bySize, size, pin);
      }
    }
  }

  /** The scene that has the pin's film now; null where none has, or several do. */
  bearerOf(pin: KeptPin): string | null {
    const known = this.#bearers.get(pin.id);
    if (known !== undefined) return known;
    const bearer = sceneNow(pin.scene_id, pin.files, this.scenes);
    this.#bearers.set(pin.id, bearer);
    return bearer;
  }

  /** Pins that may be the scene's by now, whatever its id was then; `bearerOf` tells. */
  near(sceneId: string): KeptPin[] {
    if (this.#byScene.size === 0) return [];
    const files = this.scenes.filesOf(sceneId);
    return inOrder([
      ...this.#byScene.get(sceneId) ?? [],
      ...files.flatMap(({ path }) => this.#byScenePath.get(pathKey(path)) ?? []),
      ...files.flatMap(({ size }) => this.#bySize.get(size) ?? []),
    ]);
  }

  /** Pins to the item, or to one with such a file. */
  toItem(item: string, paths: readonly string[]): KeptPin[] {
    return inOrder([
      ...this.#byItem.get(item) ?? [],
      ...paths.flatMap((path) => this.#byItemPath.get(pathKey(path)) ?? []),
    ]);
  }
}

function put<Key>(map: Map<Key, KeptPin[]>, key: Key, pin: KeptPin): void {
  const pins = map.get(key);
  if (pins === undefined) map.set(key, [pin]);
  else pins.push(pin);
}

/** Each once, by scene id as it was then, as the list has them. */
function inOrder(pins: KeptPin[]): KeptPin[] {
  return [...new Set(pins)].sort((a, b) => Number(a.scene_id) - Number(b.scene_id) || a.id - b.id);
}
