import { DAY_MS } from "../core/time/duration.ts";
import { plural } from "../core/text/wording.ts";
import { VERSION } from "../core/version.ts";
import type { Log } from "../log/logger.ts";
import { logDeadLetters } from "../log/summary.ts";
import type { RunOptions } from "../worker/worker.ts";
import { Backups } from "./backups.ts";
import { DatabaseFiles } from "./database_files.ts";
import { discardOldLetters } from "../app/queue/letters.ts";
import { guardFile } from "../app/data/data_folder.ts";
import { takeLock } from "../app/data/lock.ts";
import { backupFolder, openDaemonStore } from "./recovery.ts";
import type { DaemonParts } from "./parts.ts";
import { runServices } from "./service.ts";
import { type DaemonEnd, stagesOf } from "./stages.ts";
import { takeStats } from "../app/reports/stats_file.ts";
import { keepKeys, keysOf, targetsOf } from "../app/targets.ts";
import { sayDamage } from "./summaries.ts";

/**
 * Why the daemon ended. database lost: what it writes would go to a file that nobody sees;
 * settings changed: it is to be started anew with those that hold now.
 */
export type DaemonEnded = "stopped" | DaemonEnd["kind"];

/** How long single outcomes are kept; the totals are for ever. */
const OUTCOME_DAYS = 90;
const DEAD_LETTERS_SHOWN = 5;

/**
 * The daemon's life: from the lock to the last summary.
 * @throws {UserError} another daemon works on the data directory, or it cannot be used
 */
export async function runDaemon(
  settings: Omit<DaemonParts, "store" | "targets">,
  stop: AbortSignal,
  options: RunOptions,
): Promise<DaemonEnded> {
  const parts = { ...settings, targets: targetsOf(settings.config) };
  const { files, runtime, pid } = parts;
  for (const file of [files.database, files.stats, files.lock]) guardFile(file);
  const lock = takeLock(files.lock, { pid, since: runtime.now() });
  try {
    // Under the lock: a damaged database must not be moved away from under another daemon.
    const store = await openDaemonStore({ ...parts, targets: keysOf(parts.targets) });
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
  const { files, store, log, runtime, pid } = parts;
  const database = new DatabaseFiles(files.database);
  log.info(`plexsync ${VERSION} starts`, {
    event: "start",
    version: VERSION,
    pid,
    driver: store.driver,
    said: ["version"],
  });
  prepare(parts);
  if (parts.acceptNewPlex) { for (const target of store.targets) store.of(target).forget(); }
  const backups = new Backups({
    ...parts,
    folder: backupFolder(files),
    log: log.child("Backup"),
    change: () => database.change(),
  });
  const stages = stagesOf(parts, { database, backups }, options);
  const end = await runServices<DaemonEnd>(stages, stop, { runtime, log });
  const ended = end?.kind ?? "stopped";
  if (end?.kind === "database lost") await sayLost(end.change, backups, log);
  else if (end?.kind === "settings changed") {
    log.info(`${end.message}: starting anew with what is set now`, {
      event: "settings_changed",
    });
  } else log.info(`plexsync ends: ${ended}${waitingText(ended, parts)}`, { event: "stop" });
  return ended;
}

/** What is left to wait for, where a single pass ends with nothing else. */
function waitingText(
  ended: DaemonEnded,
  { store: { jobs }, targets }: Pick<DaemonParts, "store" | "targets">,
): string {
  if (ended !== "nothing due") return "";
  const waiting = jobs.counts().filter(({ state }) => state === "waiting")
    .reduce((sum, { count }) => sum + count, 0);
  const titles = targets.map(({ title }) => title).join(" or ");
  return waiting === 0 ? "" : `; ${plural(waiting, "scene waits", "scenes wait")} for ${titles}`;
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
function prepare(parts: DaemonParts): void {
  const { config, files, store, log, runtime } = parts;
  const now = runtime.now();
  const { stats, damage } = takeStats(files.stats, now);
  if (damage !== null) sayDamage(damage, log);
  const damaged = store.meta.setAsideDamaged();
  if (damaged.length > 0) {
    log.warning(`What was kept in the database as ${damaged.join(", ")} cannot be read`, {
      event: "meta_damaged",
      hint: "It was set aside, and is found out anew; nothing has to be done",
    });
  }
  keepKeys(store.meta, parts.targets);
  store.totals.takeOver(stats, Math.floor(now / 1000));
  // The clock may have been set back since the last run.
  store.replan(now);
  // Whoever held them is dead: this process has the lock.
  const rescued = store.jobs.rescueAll(now);
  if (rescued > 0) {
    log.info(
      `${plural(rescued, "job")} of a run that was cut off ${
        rescued === 1 ? "is" : "are"
      } due again`,
      {
        event: "rescue",
        count: rescued,
        said: ["count"],
      },
    );
  }
  store.outcomes.removeOlder(now - OUTCOME_DAYS * DAY_MS);
  store.jobs.runs.removeOlder(now - OUTCOME_DAYS * DAY_MS);
  const removed = discardOldLetters(parts);
  if (removed > 0) {
    log.info(
      `Removed ${plural(removed, "dead letter")} older than ${
        plural(config.dlqRetentionDays, "day")
      }`,
      {
        event: "dead_letters_removed",
        count: removed,
        said: ["count"],
      },
    );
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
