import { FILES_KNOWN_AT } from "../core/meta_keys.ts";
import { inSlices } from "../core/in_slices.ts";
import type { Runtime } from "../core/runtime.ts";
import type { StashClient } from "../stash/client.ts";
import type { WholePage } from "../stash/walk.ts";
import type { Store } from "../store/store.ts";
import { noteFiles, noteScenes } from "../store/library/scene_notes.ts";

export interface SceneFilesParts {
  stash: Pick<StashClient, "scenesAfter">;
  store: Pick<Store, "jobs" | "scenes" | "meta" | "database">;
  runtime: Pick<Runtime, "now" | "sleep">;
}

const PAGE_SIZE = 250;
/** Scenes: 250 with two files and a dozen names each took 46 ms. */
const NOTED_AT_ONCE = 50;

export function areFilesKnown({ meta }: Pick<Store, "meta">): boolean {
  return meta.get(FILES_KNOWN_AT) !== undefined;
}

/** A pass over all scenes has noted their files: what waited for that can be looked at. */
export function noteFilesKnown({ meta, jobs }: Pick<Store, "meta" | "jobs">, now: number): void {
  if (meta.get(FILES_KNOWN_AT) !== undefined) return;
  meta.set(FILES_KNOWN_AT, now);
  jobs.endWaits(now);
}

/** Notes what a walk has read. */
export async function notePage(
  { scenes: whole, unread }: Pick<WholePage, "scenes" | "unread">,
  { store, runtime }: { store: Pick<Store, "database">; runtime: Pick<Runtime, "now" | "sleep"> },
): Promise<void> {
  await inSlices(
    whole,
    NOTED_AT_ONCE,
    runtime,
    (scenes) => noteScenes(store.database, scenes, runtime.now()),
  );
  const known = unread.flatMap(({ id, files }) => files === null ? [] : [{ id, files }]);
  if (known.length > 0) noteFiles(store.database, known, runtime.now());
}

/**
 * Notes the files of all scenes, and queues none: for whoever cannot wait for the sweep.
 * @throws {PlexsyncError} Stash did not answer
 */
export async function learnSceneFiles(
  { stash, store, runtime }: SceneFilesParts,
  signal?: AbortSignal,
): Promise<void> {
  for (let last = 0;;) {
    const page = await stash.scenesAfter(last, PAGE_SIZE, signal);
    if (page.last === null) break;
    await notePage(page, { store, runtime });
    last = page.last;
  }
  noteFilesKnown(store, runtime.now());
}
