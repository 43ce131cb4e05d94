import type { Database } from "../database/database.ts";
import { type DriverChoice, openDriver, waitForLocks } from "../database/driver.ts";
import { storeFault } from "../../core/failures/store_fault.ts";
import { MIGRATIONS } from "../database/migrations.ts";
import { hasKnownLayout, schemaVersion } from "../database/migrate.ts";
import type { NativeLibrary } from "../database/native_library.ts";

/** How a database file is opened. */
export interface OpenOptions {
  /** For `@db/sqlite`; without one the built-in SQLite is taken. */
  nativeLibrary?: NativeLibrary | undefined;
  driver?: DriverChoice | undefined;
}

/** How a file is checked. */
export interface CheckOptions extends OpenOptions {
  /** Compares the indices with their tables too, which takes several times as long. */
  thorough?: boolean | undefined;
}

export type FileCheck =
  | { kind: "whole"; schema: number }
  /** Whole, but with tables that this program cannot read. */
  | { kind: "older layout"; reason: string }
  | { kind: "damaged"; reason: string };

/** One problem says that there are any; a thousand say no more. */
const MAX_PROBLEMS = 3;

/**
 * Reads every page of the database: 0.3 s for 500 MB in memory, as long as the disk takes
 * otherwise.
 * @returns what is wrong with it, null when it is whole
 * @throws where SQLite can read nothing at all
 */
export function quickCheck(database: Database): string | null {
  return problemIn(database, "quick_check");
}

/**
 * Makes all indices anew from their tables if any of them holds something else.
 * @returns whether that was all that was wrong
 * @throws where SQLite cannot write, or the tables cannot have such an index
 */
export function mendIndices(database: Database): boolean {
  if (problemIn(database, "integrity_check") === null) return false;
  database.exec("REINDEX");
  return problemIn(database, "integrity_check") === null;
}

function problemIn(
  database: Database,
  pragma: "quick_check" | "integrity_check",
): string | null {
  const problems = database.prepare(`PRAGMA ${pragma}(${MAX_PROBLEMS})`)
    .all<Record<string, string>>()
    .flatMap((row) => row[pragma]!.split("\n"))
    .filter((line) => line !== "ok" && !line.startsWith("***"));
  return problems.length === 0 ? null : problems.slice(0, MAX_PROBLEMS).join("; ");
}

/**
 * Whether the file at `path`, which must be there, is a whole database. Changes nothing in it.
 * @throws when the file cannot be read: that is no damage
 */
export async function checkFile(
  path: string,
  options: CheckOptions = {},
): Promise<FileCheck> {
  const database = await openDriver(path, options.nativeLibrary, options.driver);
  try {
    waitForLocks(database);
    const reason = problemIn(database, options.thorough ? "integrity_check" : "quick_check");
    if (reason !== null) return { kind: "damaged", reason };
    const schema = schemaVersion(database);
    if (schema > 0 && schema <= MIGRATIONS.length && !hasKnownLayout(database)) {
      return { kind: "older layout", reason: "it has an older layout" };
    }
    return { kind: "whole", schema };
  } catch (error) {
    if (storeFault(error) !== "damaged") throw error;
    return { kind: "damaged", reason: (error as Error).message };
  } finally {
    database.close();
  }
}
