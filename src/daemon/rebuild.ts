import { AGREE_HINT, isFullSyncAgreed } from "../app/queue/full_sync.ts";
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

/** Scenes in one transaction. */
const PAGE = 1_000;

/**
 * Queues all scenes when the database lost jobs; one that is in Plex as it should be costs no
 * write. Where nobody has agreed to that, those alone that were written before: the others wait for
 * the plan that the first sync of all shows. Cut off at any point, it begins anew the next time.
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
  if (!isFullSyncAgreed(store)) {
    const known = enqueueWritten(store, runtime.now());
    store.meta.remove(REBUILD_WANTED);
    log.warning(
      `${known} scenes that were written before are queued; nobody has agreed yet, as far as the ` +
        "database knows, that all scenes are written",
      { event: "rebuild_unagreed", count: known, hint: AGREE_HINT },
    );
    return;
  }
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

/** Queues the scenes that a target knows for written. @returns how many */
function enqueueWritten(store: Store, now: number): number {
  const { jobs, targets } = store;
  const ids = new Set<string>();
  for (const target of targets) {
    for (let after = 0;;) {
      const page = store.of(target).written.inRange(after, null, PAGE);
      if (page.length === 0) break;
      for (const { scene_id } of page) ids.add(scene_id);
      after = Number(page.at(-1)!.scene_id);
    }
  }
  if (ids.size === 0) return 0;
  const runId = jobs.runs.begin("bulk", now, "after a loss of the database");
  const all = [...ids];
  for (let at = 0; at < all.length; at += PAGE) {
    jobs.enqueue(all.slice(at, at + PAGE), "bulk", now, { runId });
  }
  return ids.size;
}
