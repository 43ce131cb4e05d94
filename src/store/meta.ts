import { parseJson } from "../core/json.ts";
import type { MetaKey } from "../core/meta_keys.ts";
import type { Database } from "./database.ts";

/** Small facts that outlive the process: cursors, breakers, server identities. JSON values. */
export class Meta {
  constructor(private readonly database: Database) {}

  /** The fact, or undefined when it was never stored or is damaged. */
  get<T>(key: MetaKey<T>): T | undefined {
    const row = this.database.prepare("SELECT value FROM meta WHERE key = ?")
      .get<{ value: string }>(key.name);
    return row === undefined ? undefined : key.read(parseJson(row.value));
  }

  set<T>(key: MetaKey<T>, value: NoInfer<T>): void {
    this.database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
      .run(key.name, JSON.stringify(value));
  }

  remove(key: MetaKey<unknown>): void {
    this.database.prepare("DELETE FROM meta WHERE key = ?").run(key.name);
  }
}
