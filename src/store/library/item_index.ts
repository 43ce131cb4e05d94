import type { ItemType } from "../../core/sync/fields.ts";
import type { IndexedFile, Item } from "../../core/sync/item.ts";
import { foldedKey, nameKey, pathKey } from "../../core/match/path.ts";
import type { SceneFile } from "../../core/sync/scene.ts";
import { type Database, transaction } from "../database/database.ts";
import { byKey, rowsFor } from "../database/each_key.ts";
import { likeLengths, wholeMs } from "./like_lengths.ts";

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

const FOUND = "f.item, i.section, f.path, f.size, f.duration_ms AS durationMs";
const FILES = `SELECT ${FOUND}
  FROM index_files f JOIN index_items i ON i.target = f.target AND i.item = f.item`;

/** Which item of a target holds which file: answers a look-up without asking the target. */
export class ItemIndex {
  constructor(private readonly database: Database, private readonly target: string) {}

  /** Replaces what is known of the items in `files`; all rows of an item come in one call. */
  put(files: readonly IndexedFile[], seenAt: number): void {
    transaction(this.database, () => {
      const { changed, same } = this.#compared(files);
      this.#see(same, seenAt);
      const come = { item: 0, file: 0 };
      for (const [item, rows] of changed) {
        come.item += this.#putItem(item, rows[0]!.section, seenAt);
        come.file += this.#putFiles(item, rows);
      }
      this.#count(come);
    });
  }

  /** @returns 1 for one that was not known, else 0; then it has no files any more */
  #putItem(item: string, section: string, seenAt: number): number {
    const isNew = this.database.prepare(
      `INSERT INTO index_items (target, item, section, seen_at, changed_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    ).run(this.target, item, section, seenAt, seenAt);
    if (isNew) return isNew;
    this.database.prepare(
      "UPDATE index_items SET section = ?, seen_at = ?, changed_at = ? WHERE target = ? AND item = ?",
    ).run(section, seenAt, seenAt, this.target, item);
    this.database.prepare("DELETE FROM index_files WHERE target = ? AND item = ?")
      .run(this.target, item);
    return 0;
  }

  /** @returns how many files these are: a path that comes twice is one */
  #putFiles(item: string, rows: readonly IndexedFile[]): number {
    const put = this.database.prepare(
      `INSERT INTO index_files (target, item, path, folded_key, name_key, size, duration_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    const distinct = new Map(rows.map((row) => [row.path, row]));
    for (const file of distinct.values()) {
      const { path, size } = file;
      put.run(this.target, item, path, foldedKey(path), nameKey(path), size, wholeMs(file));
    }
    return distinct.size;
  }

  /**
   * Here and not by a trigger as for those that go: a statement with triggers keeps a journal of its
   * own, to be taken back alone, and writes that to a file as soon as it has 64 KiB.
   */
  #count(come: Readonly<Record<string, number>>): void {
    const add = this.database.prepare(
      `INSERT INTO row_counts VALUES (?, ?, ?)
       ON CONFLICT (kind, target) DO UPDATE SET count = count + excluded.count`,
    );
    for (const [kind, count] of Object.entries(come)) {
      if (count > 0) add.run(kind, this.target, count);
    }
  }

  /** As `put`, but of items that are as they are known nothing is written, not even that they were met. */
  putChanged(files: readonly IndexedFile[], seenAt: number): void {
    const { changed } = this.#compared(files);
    if (changed.size > 0) this.put([...changed.values()].flat(), seenAt);
  }

  /** Items that are known otherwise, by id, and those that are known just so. */
  #compared(
    files: readonly IndexedFile[],
  ): { changed: Map<string, IndexedFile[]>; same: string[] } {
    const changed = Map.groupBy(files, ({ item }) => item);
    const items = [...changed.keys()];
    const known = this.ofItems(items);
    const same = items.filter((item, at) => sameRows(known[at]!, changed.get(item)!));
    for (const item of same) changed.delete(item);
    return { changed, same };
  }

  #see(items: readonly string[], seenAt: number): void {
    if (items.length === 0) return;
    this.database.prepare(
      `UPDATE index_items SET seen_at = ?
       WHERE target = ? AND item IN (SELECT value FROM json_each(?))`,
    ).run(seenAt, this.target, JSON.stringify(items));
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
   * Takes up what items were just read to be, where it is other than what is known of them.
   * @returns those of which it was
   */
  correct(
    items: readonly Pick<Item, "id" | "section" | "files">[],
    seenAt: number,
  ): string[] {
    const known = this.ofItems(items.map(({ id }) => id));
    return items.flatMap(({ id, section, files }, at) => {
      const fresh = files.map((file) => ({ ...file, item: id, section }));
      if (sameRows(known[at]!, fresh)) return [];
      if (fresh.length === 0) this.dropItem(id);
      else this.put(fresh, seenAt);
      return [id];
    });
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

  section(id: string): IndexedSection | undefined {
    return this.sections().find(({ section }) => section === id);
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
    const rows = files.flatMap((file) => [
      ...byPath.all<IndexedFile>(foldedKey(file.path), this.target),
      ...this.#ofBytes(file),
    ]);
    return distinctFiles(rows);
  }

  #ofBytes({ path, size, durationMs }: SceneFile): IndexedFile[] {
    if (size <= 0 || durationMs === null) return [];
    return this.database.prepare(
      `${FILES} WHERE f.size = ? AND f.duration_ms BETWEEN ? AND ? AND +f.target = ?
       ORDER BY f.name_key = ? DESC LIMIT ${MAX_COPIES}`,
    ).all<IndexedFile>(
      size,
      ...likeLengths(durationMs),
      this.target,
      nameKey(path),
    );
  }

  /** For each path all rows that stand there, letter case aside. */
  atPaths(paths: readonly string[]): IndexedFile[][] {
    const rows = this.database.prepare(
      `SELECT k.key AS at, ${FOUND} FROM json_each(?) k
         CROSS JOIN index_files f ON f.folded_key = k.value
         CROSS JOIN index_items i ON i.target = f.target AND i.item = f.item
       WHERE +f.target = ?`,
    ).all<FoundFile>(JSON.stringify(paths.map(foldedKey)), this.target);
    return byKey(rows, paths.length, ({ at }) => at, toFile);
  }

  /** For each file all rows of its size and length, of which `find` tells the most. */
  ofBytes(files: readonly SceneFile[]): IndexedFile[][] {
    const sought = files.map(({ size, durationMs }) =>
      size > 0 && durationMs !== null ? [size, ...likeLengths(durationMs)] : []
    );
    const limit = rowsFor(files.length);
    const rows = this.database.prepare(
      `SELECT k.key AS at, ${FOUND} FROM json_each(?) k
         CROSS JOIN index_files f ON f.size = k.value->>0
           AND f.duration_ms BETWEEN k.value->>1 AND k.value->>2
         CROSS JOIN index_items i ON i.target = f.target AND i.item = f.item
       WHERE +f.target = ? LIMIT ?`,
    ).all<FoundFile>(JSON.stringify(sought), this.target, limit);
    if (rows.length === limit) return files.map((file) => this.#ofBytes(file));
    return byKey(rows, files.length, ({ at }) => at, toFile);
  }

  /** For each item all of its rows. */
  ofItems(items: readonly string[]): IndexedFile[][] {
    const rows = this.database.prepare(
      `SELECT k.key AS at, ${FOUND} FROM json_each(?1) k
         CROSS JOIN index_files f ON f.target = ?2 AND f.item = k.value
         CROSS JOIN index_items i ON i.target = f.target AND i.item = f.item`,
    ).all<FoundFile>(JSON.stringify(items), this.target);
    return byKey(rows, items.length, ({ at }) => at, toFile);
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

/** A row, and the place of the key that it was found for. */
interface FoundFile extends IndexedFile {
  at: number;
}

function toFile({ item, section, path, size, durationMs }: FoundFile): IndexedFile {
  return { item, section, path, size, durationMs };
}

function sameRows(a: readonly IndexedFile[], b: readonly IndexedFile[]): boolean {
  if (a.length !== 1 || b.length !== 1) return areSameRows(a, b);
  const [one, other] = [a[0]!, b[0]!];
  return one.path === other.path && one.section === other.section && one.size === other.size &&
    wholeMs(one) === wholeMs(other);
}

function areSameRows(a: readonly IndexedFile[], b: readonly IndexedFile[]): boolean {
  const keys = (rows: readonly IndexedFile[]) =>
    JSON.stringify(
      [...new Map(rows.map((row) => [row.path, row])).values()]
        .map((row) => [row.path, row.section, row.size, wholeMs(row)]).sort(([a], [b]) =>
          String(a) < String(b) ? -1 : 1
        ),
    );
  return keys(a) === keys(b);
}

function distinctFiles(rows: readonly IndexedFile[]): IndexedFile[] {
  return [...new Map(rows.map((row) => [`${row.item}\0${row.path}`, row])).values()];
}
