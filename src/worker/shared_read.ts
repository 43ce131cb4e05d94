import { COURSE } from "../core/course.ts";
import { asItemsOwn } from "../core/doubt.ts";
import { asPlexsyncError, type PlexsyncError } from "../core/errors.ts";
import type { Item } from "../core/item.ts";
import type { Scene } from "../core/scene.ts";
import type { WorkContext } from "./context.ts";
import { assertReady } from "./stash_ready.ts";

/** So many other items are read to see whether any can be read. */
const PROBED = 3;
/** So many failures of single things, and not one success, raise the question. */
const HOPELESS = 4;

/** What was read, and what could not be read for its own fault. */
export interface SharedRead<T> {
  found: Map<string, T>;
  failed: Map<string, PlexsyncError>;
}

/** Scenes by id; one that Stash answers with an error fails alone. */
export function readScenes(
  ids: readonly string[],
  { stash, store, runtime }: Pick<WorkContext, "stash" | "store" | "runtime">,
): Promise<SharedRead<Scene>> {
  return readShared(
    ids,
    async (part) => {
      const scenes = await stash.scenes(part);
      store.scenes.note([...scenes.values()], runtime.now());
      return scenes;
    },
    (error) => error.type === "StashUnavailable",
    () => assertReady(stash),
  );
}

/** Items by id; one that the target answers with an error fails alone. */
export function readItems(
  ids: readonly string[],
  { target, store }: Pick<WorkContext, "target" | "store">,
): Promise<SharedRead<Item>> {
  return readShared(
    ids,
    (part) => target.read(part),
    (error) => COURSE[error.type] === "retry" || COURSE[error.type] === "outage",
    async () => {
      await target.sections();
      const known = store.of(target.id).written.latest(PROBED + ids.length);
      const others = known.filter((item) => !ids.includes(item)).slice(0, PROBED);
      if (others.length > 0) await target.read(others);
    },
  );
}

/**
 * Reads many things in one request, and in ever smaller halves where the request fails
 * in a way that one bad thing among them can cause: the others must not fail with it.
 * @param ownFault tells the failures that may be one thing's own
 * @param probe A small request that needs the server's database too: whether that fails as well
 * @throws {PlexsyncError} any other failure, or that of the probe
 */
export async function readShared<T>(
  keys: readonly string[],
  read: (keys: string[]) => Promise<Map<string, T>>,
  ownFault: (error: PlexsyncError) => boolean,
  probe: () => Promise<unknown>,
): Promise<SharedRead<T>> {
  const found = new Map<string, T>();
  const failed = new Map<string, PlexsyncError>();
  let isProbed = false;
  const part = async (keys: readonly string[]): Promise<void> => {
    try {
      for (const [key, value] of await read([...keys])) found.set(key, value);
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      if (!ownFault(error)) throw thrown;
      // What looks like an outage is one unless the server proves to be well: asked once.
      if (!isProbed && COURSE[error.type] === "outage") {
        isProbed = true;
        await probe();
      }
      if (keys.length === 1) {
        failed.set(keys[0]!, asItemsOwn(error));
        // Nothing but failures: perhaps it is no single thing's fault after all.
        if (found.size === 0 && failed.size === HOPELESS) {
          await probe();
          // Silence upon silence would take a time-out for each of the others.
          if (COURSE[error.type] === "outage" && error.status === undefined) throw thrown;
        }
        return;
      }
      const middle = Math.ceil(keys.length / 2);
      await part(keys.slice(0, middle));
      await part(keys.slice(middle));
    }
  };
  if (keys.length > 0) await part(keys);
  return { found, failed };
}
