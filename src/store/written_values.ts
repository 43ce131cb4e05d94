import type { EntityRef } from "../core/scene.ts";
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
    const fields = JSON.parse(row.fields) as Pick<
      Written,
      "text" | "tags" | "images" | "rating" | "links"
    >;
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
    const { text, tags, images, rating, links } = written;
    this.#link(written.sceneId, links);
    this.database.prepare(
      `INSERT OR REPLACE INTO written (scene_id, rating_key, fields, scene_hash, written_at)
       VALUES (?, ?, ?, ?, ?)`,
    ).run(
      written.sceneId,
      written.ratingKey,
      JSON.stringify({ text, tags, images, rating, links }),
      written.sceneHash,
      written.writtenAt,
    );
  }

  /** For a caller that holds the transaction. */
  remove(sceneId: string): void {
    this.database.prepare("DELETE FROM written WHERE scene_id = ?").run(sceneId);
    this.database.prepare("DELETE FROM scene_links WHERE scene_id = ?").run(sceneId);
  }

  /** For a caller that holds the transaction. */
  clear(): void {
    this.database.exec("DELETE FROM written; DELETE FROM scene_links;");
  }

  /** Scenes that named the entity when they were last written, by id, after `after`. */
  scenesOf({ kind, id }: EntityRef, after: number, limit: number): string[] {
    return this.database.prepare(
      `SELECT scene_id FROM scene_links
       WHERE kind = ? AND entity_id = ? AND CAST(scene_id AS INTEGER) > ?
       ORDER BY CAST(scene_id AS INTEGER) LIMIT ?`,
    ).all<{ scene_id: string }>(kind, id, after, limit).map((row) => row.scene_id);
  }

  /**
   * The written scenes within a range of ids, with the digest that each had then.
   * @param after Greater than this id
   * @param upTo Not greater than this one
   */
  hashes(after: number, upTo: number): Map<string, string> {
    const rows = this.database.prepare(
      `SELECT scene_id, scene_hash FROM written
       WHERE CAST(scene_id AS INTEGER) > ? AND CAST(scene_id AS INTEGER) <= ?`,
    ).all<{ scene_id: string; scene_hash: string }>(after, upTo);
    return new Map(rows.map((row) => [row.scene_id, row.scene_hash]));
  }

  /** Rewrites a scene's links only when they changed: most writes change a title or a tag's text. */
  #link(sceneId: string, links: readonly EntityRef[]): void {
    const known = this.get(sceneId);
    if (known !== null && JSON.stringify(known.links) === JSON.stringify(links)) return;
    this.database.prepare("DELETE FROM scene_links WHERE scene_id = ?").run(sceneId);
    const add = this.database.prepare(
      "INSERT OR IGNORE INTO scene_links (kind, entity_id, scene_id) VALUES (?, ?, ?)",
    );
    for (const { kind, id } of links) add.run(kind, id, sceneId);
  }
}
