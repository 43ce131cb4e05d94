import { MINUTE_MS } from "../core/duration.ts";
import { type DaemonEnded, runDaemon } from "../daemon/daemon.ts";
import { refuseNetworkFolder } from "../app/network_fs.ts";
import { NOT_ASKED } from "../app/server_check.ts";
import { statusReport } from "../app/status_report.ts";
import { ensureDataDir } from "../app/data_folder.ts";
import type { Store } from "../store/store.ts";
import { plural } from "./output.ts";
import type { LongWork, TaskContext } from "./plugin_task_context.ts";

const LOOK_MS = 500;
/** Longer than any batch: what has not moved for so long does not while somebody waits. */
const STILL_MS = 2 * MINUTE_MS;

/**
 * Until nothing is due: what waits for Plex, or for its next attempt, is not waited for. Stash
 * runs one task at a time, so it ends as well when the work rests or does not move.
 */
export async function processQueue(context: TaskContext): Promise<string[]> {
  if (context.inDaemon) return ["The daemon works on it", leftText(await context.store())];
  return await context.long(
    "Work on the queue",
    (long) => context.daemonRuns ? wait(context, long) : work(context, long),
  );
}

/** The daemon does the work. */
async function wait(context: TaskContext, { progress, stop }: LongWork): Promise<string[]> {
  const { runtime } = context;
  const store = await context.store();
  const share = new Share(progress);
  let moved = { mark: "", at: runtime.now() };
  while (hasWork(store, runtime.now()) && !stop.aborted) {
    const problems = problemsOf(context, store);
    if (problems.length > 0) return [...problems, leftText(store)];
    share.show(leftOf(store));
    const mark = JSON.stringify([store.totals.read(), store.jobs.counts(), store.fanouts.list()]);
    if (mark !== moved.mark) moved = { mark, at: runtime.now() };
    else if (Math.abs(runtime.now() - moved.at) >= STILL_MS) {
      return ["The daemon has not moved for 2 minutes", leftText(store)];
    }
    await runtime.sleep(LOOK_MS, stop);
  }
  return ["Nothing is due", leftText(store)];
}

/** There is no daemon: this process is one until nothing is due. */
async function work(context: TaskContext, { progress, stop }: LongWork): Promise<string[]> {
  const { config, files, log } = context;
  if (!config.enabled) return ["enabled = false: nothing is done"];
  ensureDataDir(files.folder);
  refuseNetworkFolder(files.folder, false, log);
  const share = new Share(progress);
  const done = new AbortController();
  let watching: Promise<void> = Promise.resolve();
  const opened = (store: Store) => {
    watching = watch(store, share, context, done.signal);
  };
  let ended: DaemonEnded;
  try {
    ended = await runDaemon({ ...context, opened }, stop, { once: true, idleExitMs: null });
  } finally {
    done.abort();
    await watching;
  }
  const store = await context.store();
  const problems = ended === "nothing due" ? [] : problemsOf(context, store);
  return [
    ended === "nothing due" ? "Nothing is due" : `Ended: ${ended}`,
    ...problems,
    leftText(store),
  ];
}

async function watch(
  store: Store,
  share: Share,
  { runtime }: TaskContext,
  done: AbortSignal,
): Promise<void> {
  while (!done.aborted) {
    share.show(leftOf(store));
    await runtime.sleep(LOOK_MS, done);
  }
}

/** What is done of what was there at most. */
class Share {
  #most = 0;
  #shown = 0;

  constructor(private readonly progress: LongWork["progress"]) {}

  show(left: number): void {
    this.#most = Math.max(this.#most, left);
    // New jobs come while others are done; a bar that runs backwards tells nobody anything.
    this.#shown = Math.max(this.#shown, this.#most === 0 ? 0 : 1 - left / this.#most);
    this.progress(this.#shown, 1);
  }
}

function hasWork(store: Store, now: number): boolean {
  return store.jobs.hasWork(now) || store.fanouts.next() !== undefined;
}

function leftOf(store: Store): number {
  return store.jobs.counts().filter(({ state }) => state !== "waiting")
    .reduce((sum, { count }) => sum + count, 0);
}

function leftText(store: Store): string {
  const waiting = store.jobs.counts().find(({ state }) => state === "waiting")?.count ?? 0;
  return `${plural(leftOf(store), "job")} left, ${waiting} waiting for Plex, ` +
    plural(store.deadLetters.count(), "dead letter");
}

/** Why the work rests, by what the daemon noted. */
function problemsOf(context: TaskContext, store: Store): string[] {
  const servers = { plex: NOT_ASKED, stash: NOT_ASKED };
  const now = context.runtime.now();
  const report = statusReport({ ...context, store, servers, driver: store.driver, now });
  return report.problems;
}
