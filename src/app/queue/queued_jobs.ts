import type { Figures } from "../../core/stats/figures.ts";
import { type Job, JOB_STATES, type JobState } from "../../core/jobs/job.ts";
import { plural } from "../../core/text/wording.ts";
import { transaction } from "../../store/database/database.ts";
import type { QueueFilter } from "../../store/queue/queue.ts";
import { readFigures, readQueue } from "../../store/figures/read_figures.ts";
import type { Installation } from "../installation.ts";
import { lockHolder } from "../data/lock.ts";

type WithStore = Pick<Installation, "store">;

/** Jobs, what runs first, then in the order of the claim. */
export function listJobs({ store }: WithStore, filter: QueueFilter, limit: number): Job[] {
  return store.queue.list(limit, filter);
}

export function countJobs({ store }: WithStore, filter: QueueFilter): number {
  return store.queue.extent(filter).count;
}

/** Jobs that were counted before they are removed. */
export interface CountedJobs {
  count: number;
  /** Means no job that came after the count, and none that a daemon has in hand. */
  filter: QueueFilter;
}

/** What of `filter` can be removed: what a living daemon has in hand cannot be taken from it. */
export function removableJobs(
  { store, files }: Pick<Installation, "store" | "files">,
  filter: QueueFilter,
): CountedJobs {
  // What ran when its process was killed can go.
  const busy = lockHolder(files.lock) !== null;
  const states = (filter.states ?? JOB_STATES).filter((state) => !busy || state !== "running");
  const { count, maxId } = store.queue.extent({ ...filter, states });
  return { count, filter: { ...filter, states, upToId: maxId } };
}

/** What was removed. */
export interface RemovedJobs {
  cleared: number;
  /** Undos that waited with these jobs, item by item. */
  undos_withdrawn: number;
}

/** Removes jobs, and withdraws the undos that wait with them. */
export function removeJobs(
  { store, runtime }: Pick<Installation, "store" | "runtime">,
  filter: QueueFilter,
): RemovedJobs {
  return transaction(store.database, () => {
    const undos_withdrawn = store.queue.withdrawUndos(filter, runtime.now());
    return { cleared: store.queue.clear(filter), undos_withdrawn };
  });
}

/** What was removed, for people. */
export function removedText({ cleared, undos_withdrawn }: RemovedJobs): string {
  const undos = undos_withdrawn === 0 ? "" : ` and withdrew ${plural(undos_withdrawn, "undo")}`;
  return `Removed ${plural(cleared, "job")} from the queue${undos}`;
}

/** How many jobs of `filter` a living daemon has in hand. */
export function jobsInHand(
  { store, files }: Pick<Installation, "store" | "files">,
  { sceneIds }: Pick<QueueFilter, "sceneIds">,
): number {
  const states: JobState[] = ["running"];
  return lockHolder(files.lock) === null ? 0 : countJobs({ store }, { sceneIds, states });
}

/** How many jobs there are in each state. */
export function countsByState({ store }: WithStore): Record<JobState, number> {
  return readQueue(store).queue;
}

/** The figures of the queue, with the renames whose scenes are still to be found. */
export function queueFigures(
  { store, runtime }: Pick<Installation, "store" | "runtime">,
): { figures: Figures; renames: number } {
  const figures = readFigures(store, null, runtime.now());
  return { figures, renames: store.fanouts.list().length };
}

/** Forgets which file is which item. @returns what was forgotten */
export function clearMatchIndex({ store }: WithStore): { items: number; files: number } {
  const count = store.indexedCount();
  transaction(store.database, () => {
    for (const target of store.targets) store.of(target).index.clear();
  });
  return count;
}
