import type { Config } from "../config/config.ts";
import { DAY_MS } from "../core/duration.ts";
import { DEFAULT_TARGET } from "../core/job.ts";
import type { Runtime } from "../core/runtime.ts";
import { VERSION } from "../core/version.ts";
import type { Log } from "../log/logger.ts";
import { logDeadLetters } from "../log/summary.ts";
import type { Store } from "../store/store.ts";
import { Gate } from "../worker/gate.ts";
import { type Ended, type RunOptions, Worker } from "../worker/worker.ts";
import { Backups } from "./backups.ts";
import { DatabaseWatch } from "./database_watch.ts";
import type { Files } from "../app/data_files.ts";
import { plexOf, stashOf, workContext } from "../app/servers.ts";
import { discardOldLetters } from "../app/letters.ts";
import { takeLock } from "../app/lock.ts";
import { PlexEar } from "./plex_ear.ts";
import { isRebuildWanted } from "./rebuild.ts";
import { ReconcileSchedule } from "./reconcile_schedule.ts";
import { backupFolder, openDaemonStore } from "./recovery.ts";
import { type ConfirmSettings, guardSettings } from "./settings_guard.ts";
import { StashWatch } from "./stash_watch.ts";
import { takeStats } from "../app/stats_file.ts";
import { sayDamage, Summaries } from "./summaries.ts";
import { lookAfter } from "./upkeep.ts";

export interface DaemonParts {
  config: Config;
  files: Files;
  store: Store;
  log: Log;
  runtime: Runtime;
  pid: number;
  /** Path of an SQLite library for `@db/sqlite`, or undefined. */
  nativeLibrary?: string;
  /** Forget what is known of the Plex server before: another one took its place on purpose. */
  acceptNewPlex?: boolean;
  /** Told the store when it is open; it is closed when the daemon ends. */
  opened?: (store: Store) => void;
  /** The settings in Stash could not be read at the start: asked before the first scene is. */
  confirmSettings?: ConfirmSettings;
  /** Makes further parts of the daemon, which the caller knows. */
  services?: (running: RunningDaemon) => DaemonService[];
}

/** A part of the daemon that runs beside the work. */
export interface DaemonService {
  /** For people, such as `HTTP listener`. */
  readonly name: string;
  /** Runs until it is stopped, which is after the work has ended; never rejects. */
  run(stop: AbortSignal): Promise<void>;
}

/** What such parts are told of the running daemon. */
export interface RunningDaemon {
  store: Store;
  worker: {
    /** When its loop took its last step, epoch ms. */
    readonly turnedAt: number;
    /** There are new jobs. */
    wake(): void;
  };
}

/**
 * Why the daemon ended. database lost: what it writes would go to a file that nobody sees;
 * settings changed: it is to be started anew with those that Stash holds.
 */
export type DaemonEnded = Ended | "database lost" | "settings changed";

/** How long single outcomes are kept; the totals are for ever. */
const OUTCOME_DAYS = 90;
const DEAD_LETTERS_SHOWN = 5;

/**
 * The daemon's life: from the lock to the last summary.
 * @throws {UserError} another daemon works on the data directory, or it cannot be used
 */
export async function runDaemon(
  parts: Omit<DaemonParts, "store">,
  stop: AbortSignal,
  options: RunOptions,
): Promise<DaemonEnded> {
  const { files, runtime, pid } = parts;
  const lock = takeLock(files.lock, { pid, since: runtime.now() });
  try {
    // Under the lock: a damaged database must not be moved away from under another daemon.
    const store = await openDaemonStore(parts);
    parts.opened?.(store);
    try {
      return await live({ ...parts, store }, stop, options);
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}

async function live(
  parts: DaemonParts,
  stop: AbortSignal,
  options: RunOptions,
): Promise<DaemonEnded> {
  const { config, files, store, log, runtime, pid } = parts;
  const watch = new DatabaseWatch(files.database);
  log.info(`plexsync ${VERSION} starts`, {
    event: "start",
    version: VERSION,
    pid,
    driver: store.driver,
    said: ["version"],
  });
  prepare(parts);
  if (parts.acceptNewPlex) store.forgetTarget(DEFAULT_TARGET);
  // Ends what is still under way when the daemon has ended: no request outlives its purpose.
  const ending = new AbortController();
  const plex = plexOf(config, store, ending.signal);
  const otherSettings = new AbortController();
  const client = stashOf(config, ending.signal);
  const stash = parts.confirmSettings === undefined
    ? client
    : guardSettings(client, parts.confirmSettings, () => otherSettings.abort());
  const gate = new Gate(store, log.child("Gate"));
  const summaries = new Summaries(
    store,
    log.child("Worker"),
    files.stats,
    config.summaryInterval,
    runtime.now,
  );
  // A pid alone comes again after a restart of a container; the time does not.
  const owner = `${pid}-${runtime.now()}`;
  const ear = new PlexEar({ ...parts, plex, gate });
  const context = workContext(parts, ear.plex, stash);
  const worker = new Worker(context, gate, ear.reporter(summaries), owner);
  const stashWatch = new StashWatch({
    ...parts,
    stash,
    gate,
    wake: () => worker.wake(),
    log: log.child("Watcher"),
  });
  const reconcileParts = { config, store, context, stash, gate, log: log.child("Reconcile") };
  const schedule = new ReconcileSchedule(reconcileParts);
  const backups = new Backups({ ...parts, folder: backupFolder(files), log: log.child("Backup") });
  const services = parts.services?.({ store, worker }) ?? [];

  const done = new AbortController();
  const lost = new AbortController();
  const besides = AbortSignal.any([stop, done.signal]);
  const upkeep = lookAfter(watch, backups, runtime, besides).then((change) => {
    if (change !== null) lost.abort();
    return change;
  });
  const working = AbortSignal.any([stop, lost.signal, otherSettings.signal]);
  if (options.once) await stashWatch.runOnce(working);
  const useful = AbortSignal.any([besides, lost.signal]);
  const watching = options.once ? null : stashWatch.run(useful);
  const reconciling = options.once ? null : schedule.run(useful);
  const hearing = options.once ? null : ear.run(context.keeper, besides);
  const serving = services.map((service) => service.run(done.signal));
  let ended: Ended;
  try {
    ended = await worker.run(working, options);
  } finally {
    done.abort();
    ending.abort();
    await Promise.all([watching, reconciling, upkeep, hearing, ...serving]);
    summaries.end();
  }
  const change = await upkeep;
  if (change !== null) {
    await sayLost(change, backups, log);
    return "database lost";
  }
  if (otherSettings.signal.aborted && !stop.aborted) {
    log.info("Stash holds other settings than those in use: starting anew with them", {
      event: "settings_changed",
    });
    return "settings changed";
  }
  // The queue is empty only because Stash could not say what belongs into it.
  const isOwed = isRebuildWanted(store.meta) || store.fanouts.next() !== undefined;
  if (ended === "nothing due" && isOwed) ended = "server down";
  log.info(`plexsync ends: ${ended}`, { event: "stop" });
  return ended;
}

/** The database is no longer to be worked with: what it held is kept for the next start. */
async function sayLost(change: string, backups: Backups, log: Log): Promise<void> {
  let hint = "The next start restores what it can";
  try {
    hint = `What it held is kept in ${await backups.rescue()}`;
  } catch (error) {
    log.error("What the database held could not be kept", { event: "rescue_failed", error });
  }
  log.error(`plexsync ends: ${change}`, { event: "database_lost", hint });
}

/** Leaves of the last run are put in order, and what a person should know is said. */
function prepare(installation: DaemonParts): void {
  const { config, files, store, log, runtime } = installation;
  const now = runtime.now();
  const { stats, damage } = takeStats(files.stats, now);
  if (damage !== null) sayDamage(damage, log);
  store.totals.takeOver(stats, Math.floor(now / 1000));
  // Whoever held them is dead: this process has the lock.
  const rescued = store.jobs.rescueAll(now);
  if (rescued > 0) {
    log.info(`${rescued} jobs of a run that was cut off are due again`, {
      event: "rescue",
      count: rescued,
      said: ["count"],
    });
  }
  store.outcomes.removeOlder(now - OUTCOME_DAYS * DAY_MS);
  store.jobs.runs.removeOlder(now - OUTCOME_DAYS * DAY_MS);
  const removed = discardOldLetters(installation);
  if (removed > 0) {
    log.info(`Removed ${removed} dead letters older than ${config.dlqRetentionDays} days`, {
      event: "dead_letters_removed",
      count: removed,
      said: ["count"],
    });
  }
  const newest = store.deadLetters.recent(DEAD_LETTERS_SHOWN).map((letter) => ({
    id: letter.id,
    sceneId: letter.scene_id,
    errorType: letter.error_type,
    errorMessage: letter.error_message,
    path: letter.path,
  }));
  logDeadLetters(log, store.deadLetters.count(), newest);
}
