import type { Written } from "../core/written.ts";
import type { Database } from "./database.ts";

/** Per scene: the item, and what we last wrote to it. */
export class WrittenValues {
  constructor(private readonly database: Database) {}

  get(sceneId: string): Written | null {
    const row = this.database.prepare("SELECT * FROM written WHERE scene_id = ?").get<
      { rating_key: string; fields: string; scene_hash: string; written_at: number }
    >(sceneId);
    if (row === undefined) return null;
    const fields = JSON.parse(row.fields) as Pick<Written, "text" | "tags" | "images" | "rating">;
    return {
      sceneId,
      ratingKey: row.rating_key,
      ...fields,
      sceneHash: row.scene_hash,
      writtenAt: row.written_at,
    };
  }

  /** For a caller that holds the transaction. */
  put(written: Written): void {
    const { text, tags, images, rating } = written;
    this.database.prepare(
      `INSERT OR REPLACE INTO written (scene_id, rating_key, fields, scene_hash, written_at)
       VALUES (?, ?, ?, ?, ?)`,
    ).run(
      written.sceneId,
      written.ratingKey,
      JSON.stringify({ text, tags, images, rating }),
      written.sceneHash,
      written.writtenAt,
    );
  }

  remove(sceneId: string): void {
    this.database.prepare("DELETE FROM written WHERE scene_id = ?").run(sceneId);
  }
}
