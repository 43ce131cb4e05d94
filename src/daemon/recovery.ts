import { join } from "node:path";
import { RESCUE_KNOWN_AT } from "../core/meta_keys.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Log } from "../log/logger.ts";
import { flushFolder } from "../store/files/flush.ts";
import { removeIfThere } from "../store/database/remove_if_there.ts";
import { openDriver } from "../store/database/driver.ts";
import type { NativeLibrary } from "../store/database/native_library.ts";
import { storeFault } from "../core/failures/store_fault.ts";
import { checkFile, type FileCheck } from "../store/files/integrity.ts";
import {
  copyPrivate,
  ENDINGS,
  isEmpty,
  replacementOf,
  setAside,
  unfitness,
} from "../store/files/replacement.ts";
import { isThere } from "../store/files/is_there.ts";
import { Meta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { type BackupFile, listBackups } from "./backups.ts";
import { type Files, openDatabaseFile } from "../app/data/data_files.ts";
import { openDataStore } from "../app/installation.ts";
import { wantRebuild } from "./rebuild.ts";

export interface RecoveryParts {
  /** Keys of what scenes are written to. */
  targets: readonly string[];
  files: Files;
  log: Log;
  runtime: Runtime;
  nativeLibrary?: NativeLibrary | undefined;
}

/** Where the backups of a data directory are. */
export function backupFolder(files: Files): string {
  return join(files.folder, "backups");
}

/**
 * Opens the store for the daemon, which holds the lock. A database that is damaged, or gone
 * although there are backups of it, is set aside and replaced by the newest good backup, or by an
 * empty one; whatever was lost is said, and all scenes are queued.
 * @throws {UserError} it cannot be opened for another reason: then nothing is changed
 */
export async function openDaemonStore(parts: RecoveryParts): Promise<Store> {
  const { files, log, runtime } = parts;
  finishReplacement(files.database);
  const backups = listBackups(backupFolder(files));
  const problem = await problemOf(parts, backups);
  if (problem !== null) await replace(parts, problem, backups);
  else if (backups.length === 0 && wasEmptied(files.database)) sayEmptied(files.database, log);
  const store = await openDataStore(parts);
  try {
    const rescued = backups.find((backup) => backup.rescued);
    if (rescued !== undefined && rescued.at > (store.meta.get(RESCUE_KNOWN_AT) ?? 0)) {
      if (problem === null) sayExchange(rescued, log);
      wantRebuild(store.meta, runtime.now());
      store.meta.set(RESCUE_KNOWN_AT, rescued.at);
    }
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The database is there and holds nothing: emptied, or its very first start was cut off. */
function wasEmptied(path: string): boolean {
  return isEmpty(path) && isThere(path);
}

function sayEmptied(path: string, log: Log): void {
  log.warning(`The database ${path} is an empty file, and there is no backup of it`, {
    event: "database_empty",
    file: path,
    hint: "If it held anything, that is lost: plexsync sync --all queues all scenes again",
  });
}

function sayExchange({ path }: BackupFile, log: Log): void {
  log.warning(`The database was exchanged while plexsync ran; what it held then is in ${path}`, {
    event: "database_exchanged",
    file: path,
    hint: "All scenes are looked at again; to go back, put that file in the database's place",
  });
}

/** Why the database cannot be used as it is; null when it can, and for a first start. */
async function problemOf(
  { files, nativeLibrary }: RecoveryParts,
  backups: readonly BackupFile[],
): Promise<string | null> {
  if (isEmpty(files.database)) return backups.length === 0 ? null : "it is gone";
  const check = await checkFile(files.database, { nativeLibrary });
  return check.kind === "damaged" ? check.reason : null;
}

async function replace(
  parts: RecoveryParts,
  problem: string,
  backups: readonly BackupFile[],
): Promise<void> {
  const { files: { database, folder }, log, runtime } = parts;
  log.error(`The database cannot be used: ${problem}`, {
    event: "database_damaged",
    file: database,
  });
  const good = await newestGood(parts, backups);
  // Complete before anything is moved: a kill at any point leaves the old file or the new one.
  const replacement = replacementOf(database);
  if (good === undefined) await makeEmpty(parts, replacement);
  else copyPrivate(good.path, replacement);
  await noteLoss(parts, replacement);
  const aside = setAside(database, "damaged", runtime.now());
  Deno.renameSync(replacement, database);
  flushFolder(folder);
  if (aside !== null) {
    log.warning(`The damaged database was set aside as ${aside}; nothing of it was deleted`, {
      event: "database_set_aside",
      file: aside,
    });
  }
  sayLoss(good, log);
}

function sayLoss(good: BackupFile | undefined, log: Log): void {
  if (good === undefined) {
    const hint = "What Plex shows already stays. plexsync sync --all shows what it would change, " +
      "and asks";
    log.error(
      "There is no good backup: began with an empty database. Dead letters, history, and what " +
        "was written to Plex so far are forgotten",
      { event: "database_rebuilt", hint },
    );
    return;
  }
  const hint = "All scenes are queued as soon as Stash answers; what Plex shows already stays";
  const made = new Date(good.at).toISOString();
  const lost = good.rescued
    ? "it was made when the file went missing"
    : "dead letters, history and counters since then are lost";
  log.warning(`Restored the backup of ${made}: ${lost}`, {
    event: "database_restored",
    file: good.path,
    hint,
  });
}

/** The newest backup that is whole and that this program can read. */
async function newestGood(
  { log, nativeLibrary }: RecoveryParts,
  backups: readonly BackupFile[],
): Promise<BackupFile | undefined> {
  for (const backup of backups) {
    const reason = unfitness(await checked(backup.path, nativeLibrary));
    if (reason === null) return backup;
    log.warning(`The backup ${backup.path} cannot be used: ${reason}`, {
      event: "backup_unfit",
      file: backup.path,
    });
  }
}

/** A backup that cannot even be read is as good as none, and no reason to stop. */
async function checked(path: string, nativeLibrary: NativeLibrary | undefined): Promise<FileCheck> {
  try {
    return await checkFile(path, { nativeLibrary });
  } catch (error) {
    if (storeFault(error) === null) throw error;
    return { kind: "damaged", reason: (error as Error).message };
  }
}

/** A replacement that was cut off: without a database it is the database, else it is in the way. */
function finishReplacement(database: string): void {
  const replacement = replacementOf(database);
  if (isEmpty(replacement) || !isEmpty(database)) {
    for (const end of ENDINGS) removeIfThere(replacement + end);
  } else Deno.renameSync(replacement, database);
}

async function makeEmpty({ files, runtime, nativeLibrary }: RecoveryParts, path: string) {
  // Closed by its last user, the file is whole by itself.
  (await openDatabaseFile({ ...files, database: path }, runtime, nativeLibrary)).close();
}

/** Part of the new file from the first: nothing may forget that jobs are missing. */
async function noteLoss({ runtime, nativeLibrary }: RecoveryParts, path: string): Promise<void> {
  const database = await openDriver(path, nativeLibrary);
  try {
    wantRebuild(new Meta(database), runtime.now());
  } finally {
    database.close();
  }
}
