import { COURSE } from "../core/course.ts";
import { asPlexsyncError, type PlexsyncError } from "../core/errors.ts";
import type { Item } from "../core/item.ts";
import type { Scene } from "../core/scene.ts";
import type { WorkContext } from "./context.ts";

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
    // An answer with errors in it may be one bad scene's; no answer is the server's.
    (error) => error.type === "StashUnavailable" && error.status === 200,
    () => stash.sceneCount(),
  );
}

/** Items by id; one that the target answers with an error fails alone. */
export function readItems(
  ids: readonly string[],
  { target }: Pick<WorkContext, "target">,
): Promise<SharedRead<Item>> {
  return readShared(
    ids,
    (part) => target.read(part),
    (error) => COURSE[error.type] === "retry",
    () => target.sections(),
  );
}

/**
 * Reads many things in one request, and in ever smaller halves where the request fails
 * in a way that one bad thing among them can cause: the others must not fail with it.
 * @param ownFault tells the failures that may be one thing's own
 * @param probe A small request that needs the server's database too: whether that fails as well
 * @throws {PlexsyncError} any other failure
 */
export async function readShared<T>(
  keys: readonly string[],
  read: (keys: string[]) => Promise<Map<string, T>>,
  ownFault: (error: PlexsyncError) => boolean,
  probe: () => Promise<unknown>,
): Promise<SharedRead<T>> {
  const found = new Map<string, T>();
  const failed = new Map<string, PlexsyncError>();
  const part = async (keys: readonly string[]): Promise<void> => {
    try {
      for (const [key, value] of await read([...keys])) found.set(key, value);
    } catch (thrown) {
      const error = asPlexsyncError(thrown);
      if (!ownFault(error)) throw thrown;
      if (keys.length === 1) {
        failed.set(keys[0]!, error);
        // Nothing but failures: perhaps it is no single thing's fault after all.
        if (found.size === 0 && failed.size === HOPELESS && !(await healthy(probe))) throw thrown;
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

async function healthy(probe: () => Promise<unknown>): Promise<boolean> {
  try {
    await probe();
    return true;
  } catch {
    return false;
  }
}
