import { REBUILD_WANTED } from "../core/meta_keys.ts";
import type { Runtime } from "../core/runtime.ts";
import { enqueueBulk } from "../intake/bulk.ts";
import type { Log } from "../log/logger.ts";
import type { StashClient } from "../stash/client.ts";
import type { Meta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";

/** Remembers that jobs may be missing, so that all scenes have to be queued. */
export function wantRebuild(meta: Meta, now: number): void {
  meta.set(REBUILD_WANTED, now);
}

export function isRebuildWanted(meta: Meta): boolean {
  return meta.get(REBUILD_WANTED) !== undefined;
}

/**
 * Queues all scenes when the database lost jobs; one that is in Plex as it should be costs no
 * write. Cut off at any point, it begins anew the next time.
 * @throws {PlexsyncError} Stash did not answer; the wish stays
 */
export async function rebuild(
  { store, stash, runtime, log }: {
    store: Store;
    stash: StashClient;
    runtime: Runtime;
    log: Log;
  },
): Promise<void> {
  if (!isRebuildWanted(store.meta)) return;
  const { added, merged } = await enqueueBulk({ kind: "all" }, {
    stash,
    jobs: store.jobs,
    runtime,
  });
  const queued = added + merged;
  store.meta.remove(REBUILD_WANTED);
  log.info(`All ${queued} scenes are queued, to make up for what the database lost`, {
    event: "rebuild",
    count: queued,
  });
}
