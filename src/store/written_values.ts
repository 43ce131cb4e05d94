import type { EntityRef } from "../core/scene.ts";
import type { Begun, Written } from "../core/written.ts";
import { type Database, transaction } from "./database.ts";

/** Per scene: the item, and what we last wrote to it. */
export class WrittenValues {
  constructor(private readonly database: Database) {}

  get(sceneId: string): Written | null {
    const row = this.database.prepare("SELECT * FROM written WHERE scene_id = ?").get<
      { rating_key: string; fields: string; scene_hash: string; written_at: number }
    >(sceneId);
    const begun = this.#begun(sceneId);
    if (row === undefined) return begun === undefined ? null : neverSettled(sceneId, begun);
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
      ...begun === undefined ? {} : { begun },
    };
  }

  /** Notes what is about to be written, in one transaction; `put` of the scene forgets it. */
  begin(writes: readonly { sceneId: string; begun: Begun }[]): void {
    const insert = this.database.prepare(
      "INSERT OR REPLACE INTO begun_writes (scene_id, fields) VALUES (?, ?)",
    );
    transaction(this.database, () => {
      for (const { sceneId, begun } of writes) insert.run(sceneId, JSON.stringify(begun));
    });
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
    this.#end(written.sceneId);
  }

  /** The scene is gone; only its item is still known. For a caller that holds the transaction. */
  remove(sceneId: string): void {
    this.database.prepare(
      `INSERT OR REPLACE INTO gone_scenes (scene_id, rating_key)
       SELECT scene_id, rating_key FROM written WHERE scene_id = ?`,
    ).run(sceneId);
    this.database.prepare("DELETE FROM written WHERE scene_id = ?").run(sceneId);
    this.database.prepare("DELETE FROM scene_links WHERE scene_id = ?").run(sceneId);
    this.#end(sceneId);
  }

  /** For a caller that holds the transaction. */
  clear(): void {
    this.database.exec(
      `DELETE FROM written; DELETE FROM gone_scenes; DELETE FROM scene_links;
       DELETE FROM begun_writes;`,
    );
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

  #begun(sceneId: string): Begun | undefined {
    const row = this.database.prepare("SELECT fields FROM begun_writes WHERE scene_id = ?")
      .get<{ fields: string }>(sceneId);
    return row === undefined ? undefined : JSON.parse(row.fields);
  }

  #end(sceneId: string): void {
    this.database.prepare("DELETE FROM begun_writes WHERE scene_id = ?").run(sceneId);
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

/** A scene whose first write nobody saw end. */
function neverSettled(sceneId: string, begun: Begun): Written {
  return {
    sceneId,
    ratingKey: begun.ratingKey,
    text: {},
    tags: {},
    images: {},
    rating: null,
    sceneHash: "",
    links: [],
    writtenAt: 0,
    begun,
  };
}
