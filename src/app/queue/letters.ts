import { DAY_MS, MINUTE_MS } from "../../core/time/duration.ts";
import { ERROR_TYPES } from "../../core/failures/error_types.ts";
import type { DeadLetter } from "../../core/jobs/job.ts";
import type { Outage } from "../../core/stats/outage_metrics.ts";
import { COURSE } from "../../core/jobs/course.ts";
import type { DeadFilter } from "../../store/queue/dead_filter.ts";
import type { Outcome } from "../../store/figures/outcomes.ts";
import type { Installation } from "../installation.ts";
import { noteRetried } from "./retry_progress.ts";

type WithStore = Pick<Installation, "store">;

/**
 * Dead letters, newest first.
 * @param limit null for all
 */
export function listLetters(
  { store }: WithStore,
  filter: DeadFilter,
  limit: number | null,
): DeadLetter[] {
  return store.deadLetters.recent(limit ?? Number.MAX_SAFE_INTEGER, filter);
}

export function countLetters({ store }: WithStore, filter: DeadFilter): number {
  return store.deadLetters.count(filter);
}

/** Number by type, the most frequent first. */
export function countLettersByType({ store }: WithStore): Record<string, number> {
  return store.deadLetters.byType();
}

/** One dead letter and the attempts that led to it; undefined when there is none. */
export function showLetter(
  { store }: WithStore,
  id: number,
): { letter: DeadLetter; attempts: Outcome[] } | undefined {
  const letter = store.deadLetters.byId(id);
  if (letter === undefined) return undefined;
  return { letter, attempts: store.outcomes.ofJob(letter.scene_id, letter.job_id) };
}

/** Dead letters that were counted before something is done to them. */
export interface CountedLetters {
  count: number;
  /** Means no letter that came after the count. */
  filter: DeadFilter;
}

export function selectLetters({ store }: WithStore, filter: DeadFilter): CountedLetters {
  const { count, maxId } = store.deadLetters.extent(filter);
  return { count, filter: { ...filter, upToId: maxId } };
}

/** What was done, and the ids that were named and are not there. */
export interface LettersChanged {
  ids: number[];
  missing: number[];
}

/** Puts the scenes back into the queue, with fresh attempts. */
export function retryLetters(
  { store, runtime }: Pick<Installation, "store" | "runtime">,
  filter: DeadFilter,
): LettersChanged {
  const now = runtime.now();
  const retried = changed(filter, store.deadLetters.retryMatching(filter, now));
  noteRetried(retried.ids.length, now, { store });
  return retried;
}

/** Forgets dead letters. */
export function discardLetters({ store }: WithStore, filter: DeadFilter): LettersChanged {
  return changed(filter, store.deadLetters.discard(filter));
}

/**
 * Forgets what failed longer ago than dead letters are kept.
 * @returns how many there were
 */
export function discardOldLetters(
  { store, runtime, config }: Pick<Installation, "store" | "runtime" | "config">,
): number {
  return store.deadLetters.removeOlder(runtime.now() - config.dlqRetentionDays * DAY_MS);
}

function changed({ ids: wanted = [] }: DeadFilter, ids: number[]): LettersChanged {
  const there = new Set(ids);
  return { ids, missing: wanted.filter((id) => !there.has(id)) };
}

/** What a server can cause by failing; the other types are the scene's or the owner's to mend. */
const OUTAGE_TYPES = ERROR_TYPES.filter((type) => COURSE[type] === "retry");
/** The last retries of what failed in an outage come a little after its end. */
const AFTERMATH_MS = 5 * MINUTE_MS;

/** Those that failed in a target's last outage; while it lasts they would only fail again. */
export function lettersOfOutage({ store }: WithStore): DeadFilter | { lasting: Outage } {
  const [outage] = store.targets.flatMap((target) => store.outages.recent(1, target))
    .sort((a, b) => b.started_at - a.started_at);
  if (outage === undefined) return { ids: [] };
  if (outage.ended_at === null) return { lasting: outage };
  const { server, started_at: sinceAt, ended_at } = outage;
  return { types: OUTAGE_TYPES, targets: [server], sinceAt, beforeAt: ended_at + AFTERMATH_MS };
}
