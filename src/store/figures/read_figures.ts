import { HOUR_MS, MINUTE_MS } from "../../core/time/duration.ts";
import { derive, type Figures, perMinute } from "../../core/stats/figures.ts";
import type { JobState } from "../../core/jobs/job.ts";
import type { StatsJson } from "../../core/stats/sync_stats.ts";
import type { Store } from "../store.ts";

// A hundred thousand would take as long to sort as all the rest together takes.
const TIMED_JOBS = 10_000;

/**
 * All that stats say of a store, in bounded time however many outcomes there are.
 * @param base Counters to go by while the database has none yet: those of a `stats.json` that
 * the daemon has not taken over so far
 * @param now Epoch ms
 */
export function readFigures(store: Store, base: StatsJson | null, now: number): Figures {
  const totals = store.totals.read();
  const stats = base !== null && totals.session_start === 0 && totals.jobs_processed === 0
    ? base
    : totals;
  return {
    ...stats,
    ...derive(stats, store.outcomes.recentDurations(TIMED_JOBS)),
    ...around(store, now),
  };
}

/**
 * The same for the jobs processed at or after `sinceAt` alone: counters are exact, as far back as
 * outcomes are kept. `session_start` is that instant.
 */
export function readFiguresSince(store: Store, sinceAt: number, now: number): Figures {
  const stats = store.outcomes.since(sinceAt);
  return {
    ...stats,
    ...derive(stats, store.outcomes.recentDurations(TIMED_JOBS, sinceAt)),
    ...around(store, now),
  };
}

/** How many jobs there are in each state, and since when the oldest. */
export function readQueue(
  { jobs }: Pick<Store, "jobs">,
): Pick<Figures, "queue" | "queue_oldest_at"> {
  const queue_oldest_at: Record<JobState, number | null> = {
    ready: null,
    running: null,
    waiting: null,
  };
  const queue = { ready: 0, running: 0, waiting: 0 };
  for (const { state, count, oldest_at } of jobs.counts()) {
    queue[state] = count;
    queue_oldest_at[state] = oldest_at;
  }
  return { queue, queue_oldest_at };
}

function around(store: Store, now: number) {
  const { queue, queue_oldest_at } = readQueue(store);
  const oldest = Object.values(queue_oldest_at).filter((at) => at !== null);
  return {
    rate_per_minute: perMinute(store.outcomes.processedSince(now - HOUR_MS), HOUR_MS),
    rate_per_minute_5m: perMinute(
      store.outcomes.processedSince(now - 5 * MINUTE_MS),
      5 * MINUTE_MS,
    ),
    queue,
    queue_oldest_at,
    oldest_at: oldest.length === 0 ? null : Math.min(...oldest),
    dead_letters: store.deadLetters.byType(),
    last_outage: store.outages.recent(1)[0] ?? null,
  };
}
