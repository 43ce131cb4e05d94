import type { Database } from "./database.ts";

/** A scene that was written, and the item that it was written to. */
export interface WrittenItem {
  scene_id: string;
  rating_key: string;
}

/** What was written, seen from the items: the way from Plex back to Stash. */
export class WrittenItems {
  constructor(private readonly database: Database) {}

  /**
   * Written scenes in the order of their ids.
   * @param after Greater than this id
   * @param upTo Not greater than this one; null for no bound
   */
  inRange(after: number, upTo: number | null, limit: number): WrittenItem[] {
    return this.database.prepare(
      `SELECT scene_id, rating_key FROM written
       WHERE CAST(scene_id AS INTEGER) > ? AND CAST(scene_id AS INTEGER) <= ?
       ORDER BY CAST(scene_id AS INTEGER) LIMIT ?`,
    ).all<WrittenItem>(after, upTo ?? Number.MAX_SAFE_INTEGER, limit);
  }

  /** All scenes that were written to these items. */
  ofItems(ratingKeys: readonly string[]): WrittenItem[] {
    return this.database.prepare(
      `SELECT scene_id, rating_key FROM written
       WHERE rating_key IN (SELECT value FROM json_each(?))`,
    ).all<WrittenItem>(JSON.stringify(ratingKeys));
  }

  /** Scenes that were settled as gone, in the order of their ids as text, after `after`. */
  gone(after: string, limit: number): WrittenItem[] {
    return this.database.prepare(
      `SELECT scene_id, rating_key FROM gone_scenes AS gone
       WHERE scene_id > ? AND NOT EXISTS (SELECT 1 FROM written WHERE scene_id = gone.scene_id)
       ORDER BY scene_id LIMIT ?`,
    ).all<WrittenItem>(after, limit);
  }

  /** Their items are no longer in Plex, or belong to other scenes. */
  forgetGone(sceneIds: readonly string[]): void {
    this.database.prepare(
      "DELETE FROM gone_scenes WHERE scene_id IN (SELECT value FROM json_each(?))",
    ).run(JSON.stringify(sceneIds));
  }
}
