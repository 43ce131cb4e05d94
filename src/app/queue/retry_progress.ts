import { RETRIED } from "../../core/meta_keys.ts";
import { MINUTE_MS } from "../../core/time/duration.ts";
import type { Installation } from "../installation.ts";

/** Once all are through, it is told for so long what became of them. */
const TOLD_MS = 10 * MINUTE_MS;

/** What became so far of the dead letters that were retried last; all but `retried` add up to it. */
export interface RetryProgress {
  retried: number;
  to_do: number;
  /** The target does not have them yet. */
  waiting: number;
  /** They were given up again. */
  failed: number;
  done: number;
}

/** Remembers that so many were retried at `now` (epoch ms). For whoever has retried them. */
export function noteRetried(
  count: number,
  now: number,
  { store }: Pick<Installation, "store">,
): void {
  const run = store.jobs.runs.newestOf("retry");
  if (count === 0 || run === null) return;
  const before = store.meta.get(RETRIED);
  // One click after the other is one run.
  store.meta.set(
    RETRIED,
    before?.run === run ? { ...before, count: before.count + count } : { run, count, at: now },
  );
}

/** null where nothing was retried lately. */
export function retryProgress(
  { store, runtime }: Pick<Installation, "store" | "runtime">,
): RetryProgress | null {
  const last = store.meta.get(RETRIED);
  if (last === undefined) return null;
  const { run, count: retried, at } = last;
  const { ready = 0, running = 0, waiting = 0 } = store.queue.retried(run, at);
  const to_do = ready + running;
  if (to_do === 0 && runtime.now() - at > TOLD_MS) return null;
  const failed = store.deadLetters.count({ runs: [run], sinceAt: at });
  return { retried, to_do, waiting, failed, done: Math.max(0, retried - to_do - waiting - failed) };
}
