import type { Database } from "./database.ts";
import { DeadLetters } from "./dead_letters.ts";
import { type DriverChoice, openDriver } from "./driver.ts";
import { Fanouts } from "./fanouts.ts";
import { Jobs } from "./jobs.ts";
import { Meta } from "./meta.ts";
import { migrate } from "./migrations.ts";
import { Outages } from "./outages.ts";
import { Outcomes } from "./outcomes.ts";
import { PlexIndex } from "./plex_index.ts";
import { Settlement } from "./settlement.ts";
import { snapshot } from "./snapshot.ts";
import { Totals } from "./totals.ts";
import { WrittenValues } from "./written_values.ts";

export interface StoreOptions {
  /** Path of an SQLite library for `@db/sqlite`, or undefined. */
  nativeLibrary?: string;
  driver?: DriverChoice;
  sleep: (ms: number) => Promise<void>;
}

// A busy writer holds the lock for milliseconds; another program (a backup) for seconds.
const BUSY_TIMEOUT_MS = 30_000;
const OPEN_TRIES = 50;

/** All state of plexsync: one SQLite file. */
export class Store {
  readonly jobs: Jobs;
  readonly fanouts: Fanouts;
  readonly deadLetters: DeadLetters;
  readonly outages: Outages;
  readonly outcomes: Outcomes;
  readonly totals: Totals;
  readonly index: PlexIndex;
  readonly written: WrittenValues;
  readonly meta: Meta;
  readonly settlement: Settlement;

  constructor(readonly database: Database) {
    this.jobs = new Jobs(database);
    this.fanouts = new Fanouts(database, this.jobs);
    this.deadLetters = new DeadLetters(database, this.jobs);
    this.outages = new Outages(database);
    this.outcomes = new Outcomes(database);
    this.totals = new Totals(database);
    this.index = new PlexIndex(database);
    this.written = new WrittenValues(database);
    this.meta = new Meta(database);
    this.settlement = new Settlement(database, this.totals, this.outcomes, this.written);
  }

  get driver(): string {
    return this.database.driver;
  }

  close(): void {
    this.database.close();
  }
}

/**
 * Opens the database at `path`, made and migrated when needed.
 * @throws {UserError} its schema is newer than this program
 */
export async function openStore(path: string, options: StoreOptions): Promise<Store> {
  for (let tries = 1;; tries++) {
    const database = await openDriver(path, options.nativeLibrary, options.driver);
    try {
      await prepareDatabase(database, path);
      return new Store(database);
    } catch (error) {
      database.close();
      // Switching a new file to WAL does not wait for a lock as all else does (SQLite's
      // busy handler is not asked there), so the first of many processes may be in the way.
      if (tries >= OPEN_TRIES || !isBusy(error)) throw error;
      await options.sleep(20 * tries);
    }
  }
}

/**
 * Sets up a fresh connection to the file `path`, and brings the file to the newest schema.
 * @throws {UserError} its schema is newer than this program
 */
export async function prepareDatabase(database: Database, path: string): Promise<void> {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA foreign_keys = ON");
  await migrate(database, (from) => snapshot(database, path, from));
}

/** SQLITE_BUSY has code 5; the native driver tells it in the text alone. */
function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code === 5 || (error instanceof Error && /database is locked/.test(error.message));
}
