import type { EntityRef } from "../../core/sync/scene.ts";
import type { Database } from "../database/database.ts";

/** The last known name of each performer, studio and tag: tells a rename from other changes. */
export class EntityNames {
  constructor(private readonly database: Database) {}

  get({ kind, id }: EntityRef): string | undefined {
    return this.database.prepare("SELECT name FROM entity_names WHERE kind = ? AND entity_id = ?")
      .get<{ name: string }>(kind, id)?.name;
  }

  /** For a caller that holds the transaction. */
  put({ kind, id }: EntityRef, name: string): void {
    this.database.prepare(
      "INSERT OR REPLACE INTO entity_names (kind, entity_id, name) VALUES (?, ?, ?)",
    ).run(kind, id, name);
  }
}
