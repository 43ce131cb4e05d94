import type { PlexItem } from "../core/item.ts";
import type { Scene } from "../core/scene.ts";
import { COURSE } from "../core/settle.ts";
import { storeFault } from "../core/store_fault.ts";
import type { WorkContext } from "./context.ts";
import { type Halves, readInHalves } from "./halves.ts";

/** Scenes by id, noted as they are now; one that Stash answers with an error fails alone. */
export async function readScenes(
  ids: readonly string[],
  { stash, store, runtime }: Pick<WorkContext, "stash" | "store" | "runtime">,
): Promise<Halves<Scene>> {
  const read = await readInHalves(
    ids,
    (part) => stash.scenes(part),
    // An answer with errors in it may be one bad scene's; no answer is the server's.
    (error) => error.type === "StashUnavailable" && error.status === 200,
    () => stash.sceneCount(),
  );
  try {
    store.scenes.note([...read.found.values()], runtime.now());
  } catch (error) {
    // On a full disk that waits for the next reader: no job is to fail for it.
    if (storeFault(error) === null) throw error;
  }
  return read;
}

/** Items by ratingKey; one that Plex answers with an error fails alone. */
export function readItems(
  ratingKeys: readonly string[],
  { plex }: Pick<WorkContext, "plex">,
): Promise<Halves<PlexItem>> {
  return readInHalves(
    ratingKeys,
    (part) => plex.items(part),
    (error) => COURSE[error.type] === "retry",
    () => plex.sections(),
  );
}
