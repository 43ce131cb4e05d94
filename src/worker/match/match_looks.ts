import type { IndexedFile } from "../../core/sync/item.ts";
import type { Memory } from "../../core/sync/memory.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import type { LikeFile, Scenes } from "../../store/library/scenes.ts";
import type { TargetStore } from "../../store/target_store.ts";

/**
 * What the database is asked to match scenes with items, each thing once. What many scenes will need
 * is asked for ahead, in one statement: calls of SQLite were the largest part of a reconciliation.
 */
export class MatchLooks {
  /** What was written for a scene, by its id. */
  readonly memories: Look<string, readonly Memory[]>;
  /** Scenes that have a file of the same size and length. */
  readonly likeFiles: Look<SceneFile, readonly LikeFile[]>;
  /** The files of a scene as last read; [] for one that Stash has no longer. */
  readonly filesOf: Look<string, readonly SceneFile[]>;
  /** Scenes with a file at a path, in any letter case. */
  readonly scenesAt: Look<string, readonly string[]>;
  /** Files of items at a path, in any letter case. */
  readonly itemsAt: Look<string, readonly IndexedFile[]>;
  /** Files of items with the same size and length. */
  readonly itemsLike: Look<SceneFile, readonly IndexedFile[]>;
  /** The files of an item. */
  readonly ofItem: Look<string, readonly IndexedFile[]>;
  /** Living scenes that were written to an item. */
  readonly writersOf: Look<string, readonly string[]>;

  constructor(scenes: Scenes, { index, written }: Pick<TargetStore, "index" | "written">) {
    this.memories = new Look(asIs, (ids) => {
      const found = written.ofScenes(ids);
      return ids.map((id) => found.get(id) ?? []);
    });
    this.likeFiles = new Look(bytesKey, (files) => scenes.ofBytes(files));
    this.filesOf = new Look(asIs, (ids) => scenes.filesOfAll(ids));
    this.scenesAt = new Look(asIs, (paths) => scenes.atPaths(paths));
    this.itemsAt = new Look(asIs, (paths) => index.atPaths(paths));
    this.itemsLike = new Look(bytesKey, (files) => index.ofBytes(files));
    this.ofItem = new Look(asIs, (items) => index.ofItems(items));
    this.writersOf = new Look(asIs, (items) => {
      const found = Map.groupBy(written.ofItems(items), ({ item }) => item);
      return items.map((item) => (found.get(item) ?? []).map(({ scene_id }) => scene_id));
    });
  }
}

/** One kind of look: what was read stays as it was. */
class Look<Key, Value> {
  readonly #found = new Map<string, Value>();

  constructor(
    private readonly name: (key: Key) => string,
    /** @returns for each key, in order */
    private readonly read: (keys: readonly Key[]) => readonly Value[],
  ) {}

  /** Reads what is not known of these, at once. */
  ahead(keys: readonly Key[]): void {
    const open = new Map<string, Key>();
    for (const key of keys) {
      const name = this.name(key);
      if (!this.#found.has(name)) open.set(name, key);
    }
    if (open.size === 0) return;
    const values = this.read([...open.values()]);
    let at = 0;
    for (const name of open.keys()) this.#found.set(name, values[at++]!);
  }

  of(key: Key): Value {
    const name = this.name(key);
    if (!this.#found.has(name)) this.ahead([key]);
    return this.#found.get(name)!;
  }
}

function asIs(key: string): string {
  return key;
}

/** The path tells which of too many come first. */
function bytesKey({ path, size, durationMs }: SceneFile): string {
  return `${size}\0${durationMs}\0${path}`;
}
