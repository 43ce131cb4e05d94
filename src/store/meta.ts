import { parseJson } from "../core/text/json.ts";
import { type MetaKey, metaKeyNamed } from "../core/meta_keys.ts";
import type { Database } from "./database/database.ts";

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

  /**
   * Puts values that cannot be read out of the way, under the name `damaged:…`, as nothing else
   * would say that they no longer hold.
   * @returns the names that they had
   */
  setAsideDamaged(): string[] {
    return this.database.prepare("SELECT key, value FROM meta").all<
      { key: string; value: unknown }
    >()
      .filter(({ key, value }) => {
        const known = metaKeyNamed(key);
        return known !== null && known.read(parseJson(String(value))) === undefined;
      })
      .map(({ key }) => {
        this.database.prepare("UPDATE OR REPLACE meta SET key = 'damaged:' || key WHERE key = ?")
          .run(key);
        return key;
      });
  }

  remove(key: MetaKey<unknown>): void {
    this.database.prepare("DELETE FROM meta WHERE key = ?").run(key.name);
  }
}
