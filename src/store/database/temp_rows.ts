import { parseJson } from "../../core/text/json.ts";
import type { Database } from "./database.ts";

/** So many are read back at a time. */
const PAGE = 50;

/**
 * A list that may be longer than memory is large: it is kept in the temporary database of the
 * connection, which SQLite holds in a file of its own and removes, also when the process is killed.
 */
export class TempRows<T> {
  #count = 0;

  constructor(private readonly database: Database) {
    database.exec("CREATE TEMP TABLE IF NOT EXISTS plexsync_rows (value TEXT NOT NULL)");
    database.exec("DELETE FROM temp.plexsync_rows");
  }

  get count(): number {
    return this.#count;
  }

  /** @param value What JSON can hold */
  add(value: T): void {
    this.database.prepare("INSERT INTO temp.plexsync_rows (value) VALUES (?)")
      .run(JSON.stringify(value));
    this.#count++;
  }

  /** All of them, in the order in which they came. */
  *read(): Generator<T> {
    const page = this.database.prepare(
      "SELECT rowid AS id, value FROM temp.plexsync_rows WHERE rowid > ? ORDER BY rowid LIMIT ?",
    );
    for (let last = 0;;) {
      const rows = page.all<{ id: number; value: string }>(last, PAGE);
      for (const { id, value } of rows) {
        last = id;
        yield parseJson(value) as T;
      }
      if (rows.length < PAGE) return;
    }
  }
}
