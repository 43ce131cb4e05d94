import type { PlexItem } from "../core/item.ts";
import type { Scene } from "../core/scene.ts";
import { COURSE } from "../core/settle.ts";
import type { WorkContext } from "./context.ts";
import { type Halves, readInHalves } from "./halves.ts";

/** Scenes by id; one that Stash answers with an error fails alone. */
export function readScenes(
  ids: readonly string[],
  { stash }: Pick<WorkContext, "stash">,
): Promise<Halves<Scene>> {
  return readInHalves(
    ids,
    (part) => stash.scenes(part),
    // An answer with errors in it may be one bad scene's; no answer is the server's.
    (error) => error.type === "StashUnavailable" && error.status === 200,
    () => stash.sceneCount(),
  );
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
