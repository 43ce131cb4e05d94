/** A value that SQLite can bind. Booleans are stored as 0 and 1 by the caller. */
export type SqlValue = string | number | null | Uint8Array;

/** A prepared statement; kept by the database that made it. */
export interface Statement {
  /** @returns the number of rows changed */
  run(...values: SqlValue[]): number;
  /** First row, or undefined. The object is the caller's own. */
  get<Row>(...values: SqlValue[]): Row | undefined;
  all<Row>(...values: SqlValue[]): Row[];
}

/** What the store needs of an SQLite driver; both drivers behave alike behind it. */
export interface Database {
  /** Driver and SQLite version, for log, status and doctor. */
  readonly driver: string;
  exec(sql: string): void;
  /** The statement for `sql`, prepared once. */
  prepare(sql: string): Statement;
  lastInsertId(): number;
  /** Copies the whole database, as it is at one moment, into `target`: an empty or a new file. */
  backup(target: string): Promise<void>;
  close(): void;
}

/**
 * Runs `work` in one immediate transaction: the write lock is taken at the start,
 * where SQLite waits for it, and not at the first write, where it would fail at once.
 */
export function transaction<T>(database: Database, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  let result: T;
  try {
    result = work();
    database.exec("COMMIT");
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // SQLite rolled back by itself (full disk, I/O error): the first error is the one to tell.
    }
    throw error;
  }
  return result;
}
