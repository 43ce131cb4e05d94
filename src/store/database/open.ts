import type { Database } from "./database.ts";
import { type DriverChoice, openDriver, waitForLocks } from "./driver.ts";
import { migrate } from "./migrate.ts";
import type { NativeLibrary } from "./native_library.ts";

export interface StoreOptions {
  /** For `@db/sqlite`; without one the built-in SQLite is taken. */
  nativeLibrary?: NativeLibrary | undefined;
  driver?: DriverChoice;
  sleep: (ms: number) => Promise<void>;
}

const OPEN_TRIES = 50;
/**
 * KiB, taken only as pages are read; SQLite's default is 2,000. The indexes of files are in no order
 * of arrival: a first walk over 100,000 scenes took 16 % more processor time with that.
 */
const CACHE_KIB = 8_000;

/**
 * Opens the database at `path`, made and migrated when needed. For those who need a table or two
 * in a hurry; the whole is `openStore`.
 * @throws {UserError} its schema is newer than this program, or has an older layout
 */
export async function openDatabase(path: string, options: StoreOptions): Promise<Database> {
  for (let tries = 1;; tries++) {
    const database = await openDriver(path, options.nativeLibrary, options.driver);
    try {
      await prepareDatabase(database, path);
      return database;
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
 * @throws {UserError} its schema is newer than this program, or has an older layout
 */
export async function prepareDatabase(database: Database, path: string): Promise<void> {
  waitForLocks(database);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA foreign_keys = ON");
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  await migrate(database, async (from) => {
    // Hooks, which open the file too, have no use for it and each module costs them time.
    const { snapshot }: typeof import("../files/snapshot.ts") = await import(
      "../files/snapshot.ts" as string
    );
    await snapshot(database, path, from);
  });
}

/** SQLITE_BUSY has code 5; the native driver tells it in the text alone. */
function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code === 5 || (error instanceof Error && /database is locked/.test(error.message));
}
