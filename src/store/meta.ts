import type { Database } from "./database.ts";

/** Small facts that outlive the process: cursors, breakers, server identities. JSON values. */
export class Meta {
  constructor(private readonly database: Database) {}

  get<T>(key: string): T | undefined {
    const row = this.database.prepare("SELECT value FROM meta WHERE key = ?")
      .get<{ value: string }>(key);
    return row === undefined ? undefined : JSON.parse(row.value) as T;
  }

  set(key: string, value: unknown): void {
    this.database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
      .run(key, JSON.stringify(value));
  }

  remove(key: string): void {
    this.database.prepare("DELETE FROM meta WHERE key = ?").run(key);
  }
}
