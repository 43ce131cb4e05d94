import type { Config } from "../config/config.ts";
import { asPlexsyncError } from "../core/errors.ts";
import type { Runtime } from "../core/runtime.ts";
import { Watcher } from "../intake/watcher.ts";
import type { Log } from "../log/logger.ts";
import { deadStartLines } from "../log/summary.ts";
import type { PlexClient } from "../plex/client.ts";
import type { StashClient } from "../stash/client.ts";
import type { Store } from "../store/store.ts";
import type { WorkContext } from "../worker/context.ts";
import { Gate } from "../worker/gate.ts";
import { IndexKeeper } from "../worker/index_keeper.ts";
import { type Ended, type RunOptions, Worker } from "../worker/worker.ts";
import { type Files, plexOf, stashOf, VERSION } from "./installation.ts";
import { takeLock } from "./lock.ts";
import { readStats, setAside } from "./stats_file.ts";
import { Summaries } from "./summaries.ts";

export interface DaemonParts {
  config: Config;
  files: Files;
  store: Store;
  log: Log;
  runtime: Runtime;
  pid: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long single outcomes are kept; the totals are for ever. */
const OUTCOME_DAYS = 90;
const DEAD_LETTERS_SHOWN = 5;

/**
 * The daemon's life: from the lock to the last summary.
 * @throws {UserError} another daemon works on the data directory
 */
export async function runDaemon(
  parts: DaemonParts,
  stop: AbortSignal,
  options: RunOptions,
): Promise<Ended> {
  const { config, files, store, log, runtime, pid } = parts;
  const lock = takeLock(files.lock, { pid, since: runtime.now() });
  // Ends what is still under way when the daemon has ended: no request outlives its purpose.
  const ending = new AbortController();
  try {
    log.info(`plexsync ${VERSION} starts`, {
      event: "start",
      version: VERSION,
      pid,
      driver: store.driver,
    });
    prepare(parts);
    const plex = plexOf(config, store, ending.signal);
    const stash = stashOf(config, ending.signal);
    const gate = new Gate(store.meta, log.child("Gate"));
    const summaries = new Summaries(
      store,
      log.child("Worker"),
      files.stats,
      config.summaryInterval,
      runtime.now,
    );
    const context = workContext(parts, plex, stash);
    // A pid alone comes again after a restart of a container; the time does not.
    const owner = `${pid}-${runtime.now()}`;
    const worker = new Worker(context, gate, summaries, owner);
    const done = new AbortController();
    const both = AbortSignal.any([stop, done.signal]);
    const watching = options.once ? Promise.resolve() : watch(
      new Watcher({ stash, jobs: store.jobs, meta: store.meta, runtime }),
      parts,
      gate,
      both,
    );
    let ended: Ended;
    try {
      ended = await worker.run(stop, options);
    } finally {
      done.abort();
      ending.abort();
    }
    await watching;
    summaries.end();
    log.info(`plexsync ends: ${ended}`, { event: "stop" });
    return ended;
  } finally {
    lock.release();
  }
}

/** What the worker works with, also for commands that plan without writing. */
export function workContext(
  { config, store, log, runtime }: Pick<DaemonParts, "config" | "store" | "log" | "runtime">,
  plex: PlexClient,
  stash: StashClient,
): WorkContext {
  const libraries = config.plexLibrary;
  const keeper = new IndexKeeper(plex, store.index, runtime, log.child("Index"), libraries);
  return { store, plex, stash, keeper, log: log.child("Worker"), runtime, settings: config };
}

/** Leaves of the last run are put in order, and what a person should know is said. */
function prepare({ config, files, store, log, runtime }: DaemonParts): void {
  const now = runtime.now();
  const stats = readStats(files.stats);
  if (stats.kind === "damaged") {
    const aside = setAside(files.stats, now);
    log.warning(`stats.json was damaged (${stats.reason}) and is rebuilt from the database`, {
      event: "stats_damaged",
      file: aside,
    });
  }
  store.totals.takeOver(stats.kind === "read" ? stats.stats : null, Math.floor(now / 1000));
  // Whoever held them is dead: this process has the lock.
  const rescued = store.jobs.rescueAll(now);
  if (rescued > 0) {
    log.info(`${rescued} jobs of a run that was cut off are due again`, {
      event: "rescue",
      count: rescued,
    });
  }
  store.outcomes.removeOlder(now - OUTCOME_DAYS * DAY_MS);
  const removed = store.deadLetters.removeOlder(now - config.dlqRetentionDays * DAY_MS);
  if (removed > 0) {
    log.info(`Removed ${removed} dead letters older than ${config.dlqRetentionDays} days`, {
      event: "dead_letters_removed",
      count: removed,
    });
  }
  const newest = store.deadLetters.recent(DEAD_LETTERS_SHOWN).map((letter) => ({
    id: letter.id,
    sceneId: letter.scene_id,
    errorType: letter.error_type,
    errorMessage: letter.error_message,
  }));
  const lines = deadStartLines(store.deadLetters.count(), newest);
  for (const line of lines) log.warning(line, { event: "dead_letters" });
}

/** Looks for changes until stopped. While Stash is down the worker probes it, not this. */
async function watch(
  watcher: Watcher,
  { config, log, runtime }: DaemonParts,
  gate: Gate,
  stop: AbortSignal,
): Promise<void> {
  const say = log.child("Watcher");
  if (watcher.isNew) {
    say.info("Watching Stash from now on; plexsync sync --all brings what is there already", {
      event: "watch_start",
    });
  }
  while (!stop.aborted) {
    if (!gate.isDown("stash")) {
      try {
        const found = await watcher.poll(stop);
        gate.succeeded("stash");
        if (found > 0) say.debug(`${found} scenes changed`, { event: "watch", count: found });
      } catch (thrown) {
        if (stop.aborted) return;
        gate.failed("stash", asPlexsyncError(thrown), runtime.now());
      }
    }
    await runtime.sleep(config.pollIntervalMs, stop);
  }
}
