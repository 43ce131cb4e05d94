import type { ItemType } from "../core/sync/fields.ts";
import type { IndexedFile, Item } from "../core/sync/item.ts";
import { foldedKey, nameKey, pathKey } from "../core/match/path.ts";
import type { SceneFile } from "../core/sync/scene.ts";
import { type Database, transaction } from "./database.ts";

/** What is known of one section's share of the index. Times are epoch ms. */
export interface IndexedSection {
  section: string;
  title: string;
  item_type: ItemType;
  /** Newest time stamp of an item that was seen, in the target's own seconds. */
  cursor: number;
  refreshed_at: number;
  listed_at: number;
}

/** Files of one size and length beyond these are copies of each other, which nothing parts. */
const MAX_COPIES = 200;
/** So many that only have the name are shown to a person, who cannot look at more. */
const MAX_NEAR = 20;
/** Lengths are told by two programs that differ by less. */
const SAME_LENGTH_MS = 1_000;

const FILES = `SELECT f.item, i.section, f.path, f.size,
    f.duration_ms AS durationMs
  FROM index_files f JOIN index_items i ON i.target = f.target AND i.item = f.item`;

/** Which item of a target holds which file: answers a look-up without asking the target. */
export class ItemIndex {
  constructor(private readonly database: Database, private readonly target: string) {}

  /** Replaces what is known of the items in `files`; all rows of an item come in one call. */
  put(files: readonly IndexedFile[], seenAt: number): void {
    const putItem = this.database.prepare(
      `INSERT INTO index_items (target, item, section, seen_at, changed_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (target, item) DO UPDATE
         SET section = excluded.section, seen_at = excluded.seen_at,
           changed_at = excluded.changed_at`,
    );
    const seeItem = this.database.prepare(
      "UPDATE index_items SET seen_at = ? WHERE target = ? AND item = ?",
    );
    const dropFiles = this.database.prepare(
      "DELETE FROM index_files WHERE target = ? AND item = ?",
    );
    const putFile = this.database.prepare(
      // Not OR REPLACE, which fires no trigger for the row that it replaces.
      `INSERT INTO index_files (target, item, path, folded_key, name_key, size, duration_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET size = excluded.size, duration_ms = excluded.duration_ms`,
    );
    transaction(this.database, () => {
      for (const [item, rows] of Map.groupBy(files, ({ item }) => item)) {
        if (sameRows(this.ofItem(item), rows)) {
          seeItem.run(seenAt, this.target, item);
          continue;
        }
        putItem.run(this.target, item, rows[0]!.section, seenAt, seenAt);
        dropFiles.run(this.target, item);
        for (const file of rows) {
          const duration = file.durationMs === null ? null : Math.round(file.durationMs);
          putFile.run(
            this.target,
            item,
            file.path,
            foldedKey(file.path),
            nameKey(file.path),
            file.size,
            duration,
          );
        }
      }
    });
  }

  /** Those of `items` that were met since then. */
  seenSince(at: number, items: readonly string[]): string[] {
    return this.database.prepare(
      `SELECT item FROM index_items
       WHERE target = ? AND seen_at >= ? AND item IN (SELECT value FROM json_each(?))`,
    ).all<{ item: string }>(this.target, at, JSON.stringify(items)).map(({ item }) => item);
  }

  /** Some items of a section that a listing begun at `listedAt` did not meet. */
  unseen(sectionId: string, listedAt: number, limit: number): string[] {
    return this.database.prepare(
      "SELECT item FROM index_items WHERE target = ? AND section = ? AND seen_at < ? LIMIT ?",
    ).all<{ item: string }>(this.target, sectionId, listedAt, limit).map(({ item }) => item);
  }

  /** Forgets the items of a section that a complete listing begun at `listedAt` did not meet. */
  dropUnseen(sectionId: string, listedAt: number): number {
    return this.database.prepare(
      "DELETE FROM index_items WHERE target = ? AND section = ? AND seen_at < ?",
    ).run(this.target, sectionId, listedAt);
  }

  /**
   * Takes up what an item was just read to be, if it is other than what is known of it.
   * @returns whether it was
   */
  correct({ id, section, files }: Pick<Item, "id" | "section" | "files">, seenAt: number): boolean {
    const fresh = files.map((file) => ({ ...file, item: id, section }));
    if (sameRows(this.ofItem(id), fresh)) return false;
    if (fresh.length === 0) this.dropItem(id);
    else this.put(fresh, seenAt);
    return true;
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
      `SELECT section, title, item_type, cursor, refreshed_at, listed_at FROM index_sections
       WHERE target = ? ORDER BY section`,
    ).all(this.target);
  }

  putSection(section: IndexedSection): void {
    this.database.prepare(
      `INSERT OR REPLACE INTO index_sections
         (target, section, title, item_type, cursor, refreshed_at, listed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      this.target,
      section.section,
      section.title,
      section.item_type,
      section.cursor,
      section.refreshed_at,
      section.listed_at,
    );
  }

  /**
   * Rows that may prove something of one of `files` (paths on the target's side): all that stand at
   * its path, letter case aside, and those of the same size and length, of which those of the same
   * name come first, however many files have that name.
   */
  find(files: readonly SceneFile[]): IndexedFile[] {
    const byPath = this.database.prepare(
      `${FILES} WHERE f.folded_key = ? AND +f.target = ?`,
    );
    const byBytes = this.database.prepare(
      `${FILES} WHERE f.size = ? AND f.duration_ms BETWEEN ? AND ? AND +f.target = ?
       ORDER BY f.name_key = ? DESC LIMIT ${MAX_COPIES}`,
    );
    const rows = files.flatMap(({ path, size, durationMs }) => [
      ...byPath.all<IndexedFile>(foldedKey(path), this.target),
      ...(size > 0 && durationMs !== null
        ? byBytes.all<IndexedFile>(
          size,
          Math.floor(durationMs) - SAME_LENGTH_MS,
          Math.ceil(durationMs) + SAME_LENGTH_MS,
          this.target,
          nameKey(path),
        )
        : []),
    ]);
    return distinctFiles(rows);
  }

  /** Whether a file stands at this very path. */
  hasPath(path: string): boolean {
    return this.find([{ path, size: 0, durationMs: null }]).some((row) =>
      pathKey(row.path) === pathKey(path)
    );
  }

  /** Some rows that have the name of one of `files`: they prove nothing, but help to look. */
  near(files: readonly SceneFile[]): IndexedFile[] {
    const byName = this.database.prepare(
      `${FILES} WHERE f.name_key = ? AND +f.target = ? LIMIT ${MAX_NEAR}`,
    );
    return distinctFiles(
      files.flatMap(({ path }) => byName.all<IndexedFile>(nameKey(path), this.target)),
    );
  }

  /** Some paths, for people. */
  paths(limit: number): string[] {
    return this.database.prepare("SELECT path FROM index_files WHERE target = ? LIMIT ?")
      .all<{ path: string }>(this.target, limit).map(({ path }) => path);
  }

  /** All rows of one item. */
  ofItem(ratingKey: string): IndexedFile[] {
    return this.database.prepare(
      `${FILES} WHERE f.target = ? AND f.item = ?`,
    ).all<IndexedFile>(this.target, ratingKey);
  }

  /** Ids of some items, any of them. */
  some(limit: number): string[] {
    return this.database.prepare("SELECT item FROM index_items WHERE target = ? LIMIT ?")
      .all<{ item: string }>(this.target, limit).map(({ item }) => item);
  }

  count(): { items: number; files: number } {
    const count = this.database.prepare(
      "SELECT count FROM row_counts WHERE kind = ? AND target = ?",
    );
    const of = (kind: string) => count.get<{ count: number }>(kind, this.target)?.count ?? 0;
    return { items: of("item"), files: of("file") };
  }
}

function sameRows(a: readonly IndexedFile[], b: readonly IndexedFile[]): boolean {
  const keys = (rows: readonly IndexedFile[]) =>
    JSON.stringify(
      [...new Map(rows.map((row) => [row.path, row])).values()]
        .map(({ path, section, size, durationMs }) => [
          path,
          section,
          size,
          durationMs && Math.round(durationMs),
        ]).sort(([a], [b]) => String(a) < String(b) ? -1 : 1),
    );
  return keys(a) === keys(b);
}

function distinctFiles(rows: readonly IndexedFile[]): IndexedFile[] {
  return [...new Map(rows.map((row) => [`${row.item}\0${row.path}`, row])).values()];
}
