import type { IndexedFile } from "../core/item.ts";
import { nameKey, pathKey } from "../core/path.ts";
import type { SceneFile } from "../core/scene.ts";
import { type Database, transaction } from "./database.ts";

/** What is known of one section's share of the index. Times are epoch ms. */
export interface IndexedSection {
  section_id: string;
  title: string;
  /** Plex type of the items in it: movie 1, episode 4. */
  type_number: number;
  /** Newest `updatedAt` or `addedAt` seen, in Plex's own seconds. */
  cursor: number;
  refreshed_at: number;
  swept_at: number;
}

// More rows than this for one file name says nothing any more, and a page of them is only slow.
const MAX_CANDIDATES = 200;

/** Which item holds which file: answers a look-up without asking Plex. */
export class PlexIndex {
  constructor(private readonly database: Database) {}

  /** Replaces what is known of the items in `files`; all rows of an item come in one call. */
  put(files: readonly IndexedFile[], seenAt: number): void {
    const putItem = this.database.prepare(
      `INSERT INTO plex_items (rating_key, section_id, seen_at) VALUES (?, ?, ?)
       ON CONFLICT (rating_key) DO UPDATE
         SET section_id = excluded.section_id, seen_at = excluded.seen_at`,
    );
    const dropFiles = this.database.prepare("DELETE FROM plex_files WHERE rating_key = ?");
    const putFile = this.database.prepare(
      `INSERT OR REPLACE INTO plex_files (rating_key, path, path_key, name_key, size, duration_ms)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    transaction(this.database, () => {
      const fresh = new Set<string>();
      for (const file of files) {
        if (!fresh.has(file.ratingKey)) {
          fresh.add(file.ratingKey);
          putItem.run(file.ratingKey, file.sectionId, seenAt);
          dropFiles.run(file.ratingKey);
        }
        const duration = file.durationMs === null ? null : Math.round(file.durationMs);
        putFile.run(
          file.ratingKey,
          file.path,
          pathKey(file.path),
          nameKey(file.path),
          file.size,
          duration,
        );
      }
    });
  }

  /** Forgets the items of a section that a complete sweep begun at `sweptAt` did not meet. */
  dropUnseen(sectionId: string, sweptAt: number): number {
    return this.database.prepare("DELETE FROM plex_items WHERE section_id = ? AND seen_at < ?")
      .run(sectionId, sweptAt);
  }

  dropItem(ratingKey: string): void {
    this.database.prepare("DELETE FROM plex_items WHERE rating_key = ?").run(ratingKey);
  }

  /** Forgets sections that are no longer asked for, with all their items. */
  keepSections(sectionIds: readonly string[]): void {
    const kept = JSON.stringify(sectionIds);
    transaction(this.database, () => {
      // Items without a section row are those of a first sweep that was cut off.
      for (const table of ["plex_items", "plex_sections"]) {
        this.database.prepare(
          `DELETE FROM ${table} WHERE section_id NOT IN (SELECT value FROM json_each(?))`,
        ).run(kept);
      }
    });
  }

  /**
   * Forgets everything: the server behind the URL is another one. For a caller that holds the
   * transaction: a section without its items would count as swept.
   */
  clear(): void {
    this.database.exec("DELETE FROM plex_items; DELETE FROM plex_sections;");
  }

  sections(): IndexedSection[] {
    return this.database.prepare("SELECT * FROM plex_sections ORDER BY section_id").all();
  }

  putSection(section: IndexedSection): void {
    this.database.prepare(
      `INSERT OR REPLACE INTO plex_sections
         (section_id, title, type_number, cursor, refreshed_at, swept_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ).run(
      section.section_id,
      section.title,
      section.type_number,
      section.cursor,
      section.refreshed_at,
      section.swept_at,
    );
  }

  /**
   * Rows that share a path, a file name or a size with one of `files` (paths on Plex's side);
   * the strongest first, so that a name shared by a thousand files does not hide the right one.
   */
  find(files: readonly SceneFile[]): IndexedFile[] {
    const query = this.database.prepare(
      `SELECT f.rating_key AS ratingKey, i.section_id AS sectionId, f.path, f.size,
              f.duration_ms AS durationMs
       FROM plex_files f JOIN plex_items i USING (rating_key)
       WHERE f.path_key = ?1 OR f.name_key = ?2 OR (f.size = ?3 AND f.size > 0)
       ORDER BY f.path_key = ?1 DESC, f.size = ?3 DESC
       LIMIT ${MAX_CANDIDATES}`,
    );
    return files.flatMap((file) =>
      query.all<IndexedFile>(pathKey(file.path), nameKey(file.path), file.size)
    );
  }

  /** All rows of one item. */
  ofItem(ratingKey: string): IndexedFile[] {
    return this.database.prepare(
      `SELECT f.rating_key AS ratingKey, i.section_id AS sectionId, f.path, f.size,
              f.duration_ms AS durationMs
       FROM plex_files f JOIN plex_items i USING (rating_key) WHERE f.rating_key = ?`,
    ).all<IndexedFile>(ratingKey);
  }

  count(): { items: number; files: number } {
    return this.database.prepare(
      `SELECT (SELECT count(*) FROM plex_items) AS items, (SELECT count(*) FROM plex_files) AS files`,
    ).get<{ items: number; files: number }>()!;
  }
}
