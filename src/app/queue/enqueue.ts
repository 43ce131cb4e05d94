import type { HookAction } from "../../core/jobs/hook.ts";
import { type BulkScope, enqueueBulk } from "../../intake/bulk.ts";
import { takeHook } from "../../intake/hook_queueing.ts";
import { StampPoll } from "../../intake/stamp_poll.ts";
import type { Enqueued } from "../../store/queue/jobs.ts";
import type { Installation } from "../installation.ts";
import { stashOf } from "../connections/servers.ts";

/** How far long work is, and when it is no longer wanted. */
export interface LongWork {
  /** @param total null while it is unknown */
  progress(done: number, total: number | null): void;
  stop?: AbortSignal;
}

export interface BulkWork extends LongWork {
  /** Told the ids of the scenes that were queued, page by page. */
  queued?(ids: readonly string[]): void;
  /** Lifts what an undo holds on the scenes' items. */
  force?: boolean;
}

/**
 * Puts the scenes of `scope` into the queue.
 * @throws {PlexsyncError} Stash did not answer; the pages so far stay queued
 */
export async function enqueueScenes(
  scope: BulkScope,
  { config, store, runtime, log, stop: unwanted }: Installation,
  { progress, queued, force, stop = unwanted }: BulkWork,
): Promise<Enqueued> {
  const stash = stashOf(config, stop, { log });
  if (scope.kind === "all") {
    // Changes made during the walk over all scenes are seen by a daemon that starts afterwards.
    const poll = new StampPoll({ stash, store, runtime, log, waitForScan: false });
    if (poll.isNew) await poll.poll();
  }
  const lift = (ids: readonly string[]) => {
    for (const target of store.targets) store.of(target).holds.lift(ids);
  };
  const parts = { stash, jobs: store.jobs, runtime, before: force ? lift : undefined };
  return await enqueueBulk(scope, parts, (done, total, ids) => {
    progress(done, total);
    queued?.(ids);
  });
}

/** Queues scenes that a program names. On return it outlives a power cut. */
export function enqueuePoke(
  sceneIds: readonly string[],
  { store, runtime }: Pick<Installation, "store" | "runtime">,
): Enqueued {
  return store.jobs.enqueue(sceneIds, "poke", runtime.now());
}

/** Keeps what a hook asks for, all or nothing. On return it outlives a power cut. */
export function enqueueHook(
  action: HookAction,
  { store, runtime }: Pick<Installation, "store" | "runtime">,
): void {
  takeHook(action, store, runtime.now());
}
