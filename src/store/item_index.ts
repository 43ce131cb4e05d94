import type { ItemType } from "../core/fields.ts";
import type { IndexedFile } from "../core/item.ts";
import { DEFAULT_TARGET } from "../core/job.ts";
import { nameKey, pathKey } from "../core/path.ts";
import type { SceneFile } from "../core/scene.ts";
import { type Database, transaction } from "./database.ts";

/** What is known of one section's share of the index. Times are epoch ms. */
export interface IndexedSection {
  section: string;
  title: string;
  item_type: ItemType;
  /** Newest time stamp of an item that was seen, in the target's own seconds. */
  cursor: number;
  refreshed_at: number;
  swept_at: number;
}

// More rows than this for one file name says nothing any more, and a page of them is only slow.
const MAX_CANDIDATES = 200;

const FILES = `SELECT f.item, i.section, f.path, f.size,
    f.duration_ms AS durationMs
  FROM index_files f JOIN index_items i ON i.target = f.target AND i.item = f.item`;

/** Which item of a target holds which file: answers a look-up without asking the target. */
export class ItemIndex {
  constructor(
    private readonly database: Database,
    private readonly target: string = DEFAULT_TARGET,
  ) {}

  /** Replaces what is known of the items in `files`; all rows of an item come in one call. */
  put(files: readonly IndexedFile[], seenAt: number): void {
    const putItem = this.database.prepare(
      `INSERT INTO index_items (target, item, section, seen_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (target, item) DO UPDATE
         SET section = excluded.section, seen_at = excluded.seen_at`,
    );
    const dropFiles = this.database.prepare(
      "DELETE FROM index_files WHERE target = ? AND item = ?",
    );
    const putFile = this.database.prepare(
      `INSERT OR REPLACE INTO index_files
         (target, item, path, path_key, name_key, size, duration_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    transaction(this.database, () => {
      const fresh = new Set<string>();
      for (const file of files) {
        if (!fresh.has(file.item)) {
          fresh.add(file.item);
          putItem.run(this.target, file.item, file.section, seenAt);
          dropFiles.run(this.target, file.item);
        }
        const duration = file.durationMs === null ? null : Math.round(file.durationMs);
        putFile.run(
          this.target,
          file.item,
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
    return this.database.prepare(
      "DELETE FROM index_items WHERE target = ? AND section = ? AND seen_at < ?",
    ).run(this.target, sectionId, sweptAt);
  }

  dropItem(ratingKey: string): void {
    this.database.prepare("DELETE FROM index_items WHERE target = ? AND item = ?")
      .run(this.target, ratingKey);
  }

  /** Forgets sections that are no longer asked for, with all their items. */
  keepSections(sectionIds: readonly string[]): void {
    const kept = JSON.stringify(sectionIds);
    transaction(this.database, () => {
      // Items without a section row are those of a first sweep that was cut off.
      for (const table of ["index_items", "index_sections"]) {
        this.database.prepare(
          `DELETE FROM ${table}
           WHERE target = ? AND section NOT IN (SELECT value FROM json_each(?))`,
        ).run(this.target, kept);
      }
    });
  }

  /**
   * Forgets everything: the server behind the URL is another one. For a caller that holds the
   * transaction: a section without its items would count as swept.
   */
  clear(): void {
    for (const table of ["index_items", "index_sections"]) {
      this.database.prepare(`DELETE FROM ${table} WHERE target = ?`).run(this.target);
    }
  }

  sections(): IndexedSection[] {
    return this.database.prepare(
      `SELECT section, title, item_type, cursor, refreshed_at, swept_at FROM index_sections
       WHERE target = ? ORDER BY section`,
    ).all(this.target);
  }

  putSection(section: IndexedSection): void {
    this.database.prepare(
      `INSERT OR REPLACE INTO index_sections
         (target, section, title, item_type, cursor, refreshed_at, swept_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      this.target,
      section.section,
      section.title,
      section.item_type,
      section.cursor,
      section.refreshed_at,
      section.swept_at,
    );
  }

  /**
   * Rows that share a path, a file name or a size with one of `files` (paths on the target's side);
   * the strongest first, so that a name shared by a thousand files does not hide the right one.
   */
  find(files: readonly SceneFile[]): IndexedFile[] {
    const query = this.database.prepare(
      `${FILES} WHERE (f.path_key = ?1 OR f.name_key = ?2 OR (f.size = ?3 AND f.size > 0))
         AND +f.target = ?4
       ORDER BY f.path_key = ?1 DESC, f.size = ?3 DESC
       LIMIT ${MAX_CANDIDATES}`,
    );
    return files.flatMap((file) =>
      query.all<IndexedFile>(pathKey(file.path), nameKey(file.path), file.size, this.target)
    );
  }

  /** All rows of one item. */
  ofItem(ratingKey: string): IndexedFile[] {
    return this.database.prepare(
      `${FILES} WHERE f.target = ? AND f.item = ?`,
    ).all<IndexedFile>(this.target, ratingKey);
  }

  count(): { items: number; files: number } {
    return this.database.prepare(
      `SELECT (SELECT count(*) FROM index_items WHERE target = ?1) AS items,
              (SELECT count(*) FROM index_files WHERE target = ?1) AS files`,
    ).get<{ items: number; files: number }>(this.target)!;
  }
}
