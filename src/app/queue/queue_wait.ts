import type { JobState } from "../../core/jobs/job.ts";
import { writtenInBatchOf } from "../../core/meta_keys.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import type { Store } from "../../store/store.ts";
import type { Installation } from "../installation.ts";
import { restingBecause } from "../reports/status_report.ts";

const MOVE_LOOK_MS = 500;
/** Longer than any batch: what has not moved for so long does not while somebody waits. */
const STILL_MS = 2 * MINUTE_MS;

/** Why a wait for the daemon ended; problems: why the work rests, one sentence each. */
export type WaitEnded =
  | { because: "nothing due" }
  | { because: "problems"; problems: string[] }
  | { because: "standstill"; minutes: number };

/**
 * Waits until the daemon has nothing due or running, for somebody who cannot wait for better times:
 * ends as well when the work rests or does not move.
 * @param left Called with the number of jobs that are left
 */
export async function waitWhileMoving(
  installation: Installation,
  left: (jobs: number) => void,
  stop: AbortSignal,
): Promise<WaitEnded> {
  const { store, runtime } = installation;
  let moved = { mark: "", at: runtime.now() };
  while (hasWork(store, runtime.now()) && !stop.aborted) {
    const problems = restingBecause(installation);
    if (problems.length > 0) return { because: "problems", problems };
    left(unwritten(store));
    const mark = JSON.stringify([store.totals.read(), store.jobs.counts(), store.fanouts.list()]);
    if (mark !== moved.mark) moved = { mark, at: runtime.now() };
    else if (Math.abs(runtime.now() - moved.at) >= STILL_MS) {
      return { because: "standstill", minutes: STILL_MS / MINUTE_MS };
    }
    await runtime.sleep(MOVE_LOOK_MS, stop);
  }
  return { because: "nothing due" };
}

/** Tells how many jobs are left until `done`; never rejects. */
export async function watchLeft(
  { store, runtime }: Pick<Installation, "store" | "runtime">,
  left: (jobs: number) => void,
  done: AbortSignal,
): Promise<void> {
  while (!done.aborted) {
    left(unwritten(store));
    await runtime.sleep(MOVE_LOOK_MS, done);
  }
}

function hasWork(store: Store, now: number): boolean {
  return store.jobs.hasWork(now) || store.fanouts.next() !== undefined;
}

/** Jobs that are left, without those of the batch in work whose items are written. */
function unwritten(store: Store): number {
  const counts = store.jobs.counts();
  const running = counts.find(({ state }) => state === "running")?.count ?? 0;
  const written = store.targets.reduce(
    (all, target) => all + (store.meta.get(writtenInBatchOf(target)) ?? 0),
    0,
  );
  return countOf(counts, (state) => state !== "waiting") - Math.min(running, written);
}

/** What is left to do. */
export interface WorkLeft {
  /** Jobs that are due, in work, or to be tried again. */
  due: number;
  /** Jobs whose scene is not in Plex yet. */
  waiting: number;
  deadLetters: number;
}

export function workLeft(store: Store): WorkLeft {
  const counts = store.jobs.counts();
  return {
    due: countOf(counts, (state) => state !== "waiting"),
    waiting: countOf(counts, (state) => state === "waiting"),
    deadLetters: store.deadLetters.count(),
  };
}

function countOf(
  counts: readonly { state: JobState; count: number }[],
  isMeant: (state: JobState) => boolean,
): number {
  return counts.filter(({ state }) => isMeant(state)).reduce((all, { count }) => all + count, 0);
}
