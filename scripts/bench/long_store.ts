/** A database as after years: made by the product's own calls, so that all it counts is right. */
import type { Attempt, Disposition, Job } from "../../src/core/jobs/job.ts";
import { DEFAULT_TARGET } from "../../src/app/targets.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/time/duration.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { attempt, dead, done, waiting } from "../../tests/store/samples.ts";

/** So many at a time: enough for a large step, few enough to be interrupted. */
const SLICE = 500;
const LEASE_MS = HOUR_MS;
/** Over this long the outcomes are spread. */
const SPAN_MS = 60 * DAY_MS;

export interface LongSize {
  /** Jobs that were done, as many outcomes. */
  ended: number;
  /** Jobs that are due, and as many that wait for Plex. */
  queued: number;
  waiting: number;
  dead: number;
}

/** Opens the store of a file that only a benchmark will ever read: without a wait for the disk. */
export async function openForBulk(path: string): Promise<Store> {
  const store = await openStore(path, [DEFAULT_TARGET], { sleep: () => Promise.resolve() });
  store.database.exec("PRAGMA synchronous = OFF");
  return store;
}

/** Fills a new database. */
export async function fillStore(
  path: string,
  size: LongSize,
  { say, stop }: { say(line: string): void; stop: AbortSignal },
): Promise<void> {
  const store = await openForBulk(path);
  const now = Date.now();
  let id = 0;
  /** Jobs that come, are taken, and end one way. */
  const through = (count: number, end: (job: Job, at: number) => Attempt) => {
    for (let made = 0; made < count; made += SLICE) {
      stop.throwIfAborted();
      const at = now - SPAN_MS + Math.floor(made / count * SPAN_MS);
      const ids = idsFrom(Math.min(SLICE, count - made));
      store.jobs.enqueue(ids, "bulk", at);
      const jobs = store.jobs.claim("bench", at, SLICE, LEASE_MS, DEFAULT_TARGET);
      store.settlement.settle(jobs.map((job) => end(job, at)), at);
    }
  };
  const idsFrom = (count: number) => Array.from({ length: count }, () => String(++id));
  const ending = (disposition: Disposition) => (job: Job) =>
    attempt(job, disposition, { items: [job.scene_id], changedFields: ["title", "tags"] });
  try {
    say(`${size.ended} outcomes`);
    through(size.ended, ending(done("written")));
    say(`${size.dead} dead letters`);
    through(size.dead, ending(dead));
    say(`${size.waiting} that wait`);
    const file = (sceneId: string) => ({ path: `/data/${sceneId}.mp4`, size: 1, durationMs: null });
    through(
      size.waiting,
      (job) => attempt(job, waiting(now + DAY_MS, file(job.scene_id)), { path: "/data/a.mp4" }),
    );
    say(`${size.queued} that are due`);
    for (let made = 0; made < size.queued; made += SLICE) {
      stop.throwIfAborted();
      store.jobs.enqueue(idsFrom(Math.min(SLICE, size.queued - made)), "bulk", now);
    }
    store.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    store.close();
  }
}
