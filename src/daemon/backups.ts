import { join } from "node:path";
import { DAY_MS } from "../core/time/duration.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Log } from "../log/logger.ts";
import { refuseLink } from "../app/data/data_folder.ts";
import { backUp } from "../store/files/backup.ts";
import { removeRoom, ROOM } from "../store/files/room.ts";
import { removeIfThere } from "../store/database/remove_if_there.ts";
import { UserError } from "../core/failures/errors.ts";
import { explainFault, storeFault } from "../core/failures/store_fault.ts";
import { mendIndices, type OpenOptions, quickCheck } from "../store/files/integrity.ts";
import type { Store } from "../store/store.ts";

/** How many of each kind are kept. */
export const KEPT = 7;
const EVERY_MS = DAY_MS;

const DAILY = /^plexsync-\d{4}-\d\d-\d\d\.db$/;
/** What a run held whose file was deleted or replaced under it. */
const RESCUED = /^plexsync-rescued-(\d+)\.db$/;
const LEFTOVER = /^plexsync-(rescued-\d+|\d{4}-\d\d-\d\d)\.db\./;

export interface BackupFile {
  path: string;
  /** When it was made, epoch ms. */
  at: number;
  rescued: boolean;
}

/** The backups in a folder, newest first; none when there is no such folder. */
export function listBackups(folder: string): BackupFile[] {
  return namesIn(folder).filter((name) => DAILY.test(name) || RESCUED.test(name)).map((name) => {
    const path = join(folder, name);
    const at = Deno.statSync(path).mtime?.getTime() ?? 0;
    return { path, at, rescued: RESCUED.test(name) };
  }).sort((a, b) => b.at - a.at);
}

export interface BackupParts extends OpenOptions {
  /** Where the backups are. */
  folder: string;
  store: Store;
  log: Log;
  runtime: Runtime;
  /** What became of the file of the open database; null while it stands at its path. */
  change?: () => string | null;
}

/** Copies of the database that the daemon makes by itself. */
export class Backups {
  #failing = false;
  #isCleared = false;

  constructor(private readonly parts: BackupParts) {}

  /**
   * Makes today's backup when the last one is a day old. A fault is said once, and is no reason
   * to stop work: an hour later is early enough to try again. A broken index is made anew.
   * @param stop Cuts off the one that is being made: nothing of it stays
   * @returns what is wrong when the database itself turns out to be damaged, else null
   */
  async keep(stop: AbortSignal = new AbortController().signal): Promise<string | null> {
    return await this.#keep(true, stop);
  }

  async #keep(mayMend: boolean, stop: AbortSignal): Promise<string | null> {
    const { folder, runtime, log, store } = this.parts;
    try {
      // Also when none is due: what was cut off may have been a rescue.
      if (!this.#isCleared) clear(folder);
      this.#isCleared = true;
      const now = runtime.now();
      const last = listBackups(folder).find((file) => !file.rescued);
      // One from the future was made before the clock was set back.
      if (last !== undefined && last.at <= now && now - last.at < EVERY_MS) return null;
      const { path, bytes } = await this.#make(dailyName(now), now, stop);
      this.#failing = false;
      log.debug(`Backup made: ${path}, ${bytes} bytes`, { event: "backup", file: path, bytes });
      prune(folder, DAILY);
      return null;
    } catch (error) {
      if (stop.aborted) {
        log.debug("The daily backup was cut off, the next start makes it", { event: "backup_cut" });
        return null;
      }
      // Who looks after the file says so in a moment, and ends the daemon.
      if (this.#change() !== null) return null;
      // A copy that is not whole is a copy of what is not whole, or the other disk's fault.
      if ([null, "damaged"].includes(storeFault(error))) {
        const damage = damageOf(store);
        if (damage !== null) return damage;
        if (mayMend && this.#mendIndices()) return await this.#keep(false, stop);
      }
      if (!this.#failing) {
        const known = explainFault(error);
        const why = known === null ? "" : `: ${known.message}`;
        log.error(`Cannot make the daily backup, it is tried again each hour${why}`, {
          event: "backup_failed",
          error: known === null ? error : undefined,
          hint: known?.hint,
        });
      }
      this.#failing = true;
      return null;
    }
  }

  /** All pages are whole, so that the tables are: what is read by a broken index is not. */
  #mendIndices(): boolean {
    const { store, log } = this.parts;
    try {
      if (!mendIndices(store.database)) return false;
    } catch {
      // The fault of the backup is said; what is wrong stands in it.
      return false;
    }
    log.warning("An index of the database was broken, and was made anew: nothing is lost", {
      event: "database_reindexed",
      hint: "Check the disk that the data directory is on",
    });
    return true;
  }

  /**
   * Keeps what the open database holds although its file is no longer the one at its path.
   * @returns the path of the copy
   */
  async rescue(): Promise<string> {
    const now = this.parts.runtime.now();
    const { path } = await this.#make(`plexsync-rescued-${now}.db`, now);
    prune(this.parts.folder, RESCUED);
    return path;
  }

  /** Else another database's copy could take the place of this one's. */
  #confirmFile(): void {
    const change = this.#change();
    if (change !== null) throw new UserError(`${change} while it was copied`, "failed");
  }

  #change(): string | null {
    return this.parts.change?.() ?? null;
  }

  /** @param aside As in `BackupOptions`: then the file at the path must be the open one throughout. */
  async #make(
    name: string,
    now: number,
    aside?: AbortSignal,
  ): Promise<{ path: string; bytes: number }> {
    const { folder, store } = this.parts;
    makeFolder(folder);
    // First, since it may be what the disk is full of.
    clear(folder);
    const made = await backUp(store.database, join(folder, name), {
      ...this.parts,
      replace: true,
      // A copy with a broken index must not take the place of a good one.
      thorough: true,
      ...(aside !== undefined && { aside, confirm: () => this.#confirmFile() }),
    });
    // The daemon's own clock counts, also for the age that is asked later.
    Deno.utimeSync(made.path, now / 1000, now / 1000);
    return made;
  }
}

function dailyName(now: number): string {
  return `plexsync-${new Date(now).toISOString().slice(0, "YYYY-MM-DD".length)}.db`;
}

/** Not with its parents: a data directory that was removed must not come back. */
function makeFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    refuseLink(folder);
    if (Deno.build.os !== "windows") Deno.chmodSync(folder, 0o700);
  }
}

function prune(folder: string, kind: RegExp): void {
  const files = listBackups(folder).map((file) => file.path)
    .filter((path) => kind.test(path.slice(folder.length + 1)));
  for (const path of files.slice(KEPT)) removeIfThere(path);
}

/** Removes what a killed backup left. */
function clear(folder: string): void {
  const left = namesIn(folder).filter((name) => LEFTOVER.test(name) && name.endsWith(ROOM));
  if (left.length > 0) refuseLink(folder);
  for (const name of left) removeRoom(join(folder, name));
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function damageOf(store: Store): string | null {
  try {
    return quickCheck(store.database);
  } catch (error) {
    return storeFault(error) === "damaged" ? (error as Error).message : null;
  }
}
