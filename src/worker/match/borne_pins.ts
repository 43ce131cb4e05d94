import { pathKey } from "../../core/match/path.ts";
import type { KeptPin, Pins } from "../../store/library/pins.ts";
import type { Scenes } from "../../store/library/scenes.ts";
import { sceneNow } from "./heirs.ts";

/**
 * The pins of one target, by the scenes that have their films now. Of thousands of pins only those
 * are looked into that may have to do with what is asked about: each look asks the database.
 */
export class BornePins {
  readonly #index: PinIndex;
  readonly #bearers = new Map<number, string | null>();

  constructor(
    pins: Pick<Pins, "list">,
    private readonly scenes: Pick<Scenes, "filesOf" | "withFiles">,
  ) {
    this.#index = indexOf(pins.list());
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
    const { byScene, byScenePath, bySize } = this.#index;
    if (byScene.size === 0) return [];
    const files = this.scenes.filesOf(sceneId);
    return inOrder([
      ...byScene.get(sceneId) ?? [],
      ...files.flatMap(({ path }) => byScenePath.get(pathKey(path)) ?? []),
      ...files.flatMap(({ size }) => bySize.get(size) ?? []),
    ]);
  }

  /** Pins to the item, or to one with such a file. */
  toItem(item: string, paths: readonly string[]): KeptPin[] {
    const { byItem, byItemPath } = this.#index;
    return inOrder([
      ...byItem.get(item) ?? [],
      ...paths.flatMap((path) => byItemPath.get(pathKey(path)) ?? []),
    ]);
  }
}

/** Pins by what they may be found by. */
interface PinIndex {
  byScene: Map<string, KeptPin[]>;
  byItem: Map<string, KeptPin[]>;
  /** By the paths of the scene's files, and by those of the item's. */
  byScenePath: Map<string, KeptPin[]>;
  byItemPath: Map<string, KeptPin[]>;
  bySize: Map<number, KeptPin[]>;
}

/** Of each list of pins, which is the same one as long as none comes or goes. */
const INDEXES = new WeakMap<readonly KeptPin[], PinIndex>();

function indexOf(pins: readonly KeptPin[]): PinIndex {
  const known = INDEXES.get(pins);
  if (known !== undefined) return known;
  const index: PinIndex = {
    byScene: new Map(),
    byItem: new Map(),
    byScenePath: new Map(),
    byItemPath: new Map(),
    bySize: new Map(),
  };
  for (const pin of pins) {
    put(index.byScene, pin.scene_id, pin);
    if (pin.item !== null) put(index.byItem, pin.item, pin);
    for (const path of pin.paths) put(index.byItemPath, pathKey(path), pin);
    for (const { path, size } of pin.files) {
      put(index.byScenePath, pathKey(path), pin);
      if (size > 0) put(index.bySize, size, pin);
    }
  }
  INDEXES.set(pins, index);
  return index;
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
