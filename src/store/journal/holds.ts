import type { FieldName } from "../../core/sync/fields.ts";
import { type Hold, type Holds, NO_HOLDS } from "../../core/journal/holds.ts";
import { hasFileOf, shareFile } from "../../core/journal/item_files.ts";
import { nameKey } from "../../core/match/path.ts";
import type { Item, ItemFile } from "../../core/sync/item.ts";
import { isRecord, parseJson } from "../../core/text/json.ts";
import type { Database } from "../database/database.ts";
import type { ItemIndex } from "../library/item_index.ts";

interface Row {
  field: FieldName;
  hold: string;
  scene_id: string;
  /** Of the item, as they were then. */
  files: string;
  made_at: number;
}

const OF_SCENES = `target = ?1 AND (
  scene_id IN (SELECT value FROM json_each(?2)) OR item IN (
    SELECT item FROM written
    WHERE target = ?1 AND scene_id IN (SELECT value FROM json_each(?2))))`;

/** What was undone on the items of a target, and stays so. */
export class HoldStore {
  constructor(
    private readonly database: Database,
    private readonly target: string,
    private readonly index: Pick<ItemIndex, "ofItem">,
  ) {}

  /**
   * What is held on an item; nothing of one that has other files now. Of one that the target made
   * anew, with a new id, it is what was held on the one that had its file.
   */
  of(item: Pick<Item, "id" | "files">): Holds {
    const holds = this.#rows(item).flatMap(({ field, hold }) => {
      const read = readHold(field, hold);
      return read === null ? [] : [[field, read] as const];
    });
    return holds.length === 0 ? NO_HOLDS : new Map(holds);
  }

  /** As `of`, by item; one of which nothing is held is absent. Most are so, and are not asked for. */
  ofAll(items: readonly Pick<Item, "id" | "files">[]): Map<string, Holds> {
    const concerned = this.#concerned(items);
    return new Map(
      items.filter(({ id }) => concerned.has(id)).map((item) => [item.id, this.of(item)]),
    );
  }

  /** Items of which something is held, or whose files have a name of which something once was. */
  #concerned(items: readonly Pick<Item, "id" | "files">[]): Set<string> {
    const named = items.flatMap(({ id, files }) => files.map(({ path }) => [id, nameKey(path)]));
    const rows = this.database.prepare(
      `SELECT value AS item FROM json_each(?2)
         WHERE EXISTS (SELECT 1 FROM holds WHERE target = ?1 AND item = value)
       UNION ALL SELECT value->>0 FROM json_each(?3)
         WHERE EXISTS (SELECT 1 FROM hold_names WHERE target = ?1 AND name_key = value->>1)`,
    ).all<{ item: string }>(
      this.target,
      JSON.stringify(items.map(({ id }) => id)),
      JSON.stringify(named),
    );
    return new Set(rows.map(({ item }) => item));
  }

  /** Those of an item, the oldest first. */
  #rows(item: Pick<Item, "id" | "files">): Row[] {
    const own = this.#rowsOf(item.id);
    return own.length > 0
      ? own.filter(({ files }) => shareFile(readFiles(files), item.files))
      : this.#inherited(item);
  }

  #rowsOf(id: string): Row[] {
    return this.database.prepare(
      `SELECT field, hold, scene_id, files, made_at FROM holds
       WHERE target = ? AND item = ? ORDER BY made_at`,
    ).all<Row>(this.target, id);
  }

  /** Of items that are no longer there, as a pin goes with its item's file. */
  #inherited({ id, files }: Pick<Item, "id" | "files">): Row[] {
    const names = JSON.stringify(files.map(({ path }) => nameKey(path)));
    const known = this.database.prepare(
      `SELECT DISTINCT item FROM hold_names
       WHERE target = ? AND name_key IN (SELECT value FROM json_each(?))`,
    ).all<{ item: string }>(this.target, names).map(({ item }) => item);
    // Of one that has had its own nothing is left.
    if (known.includes(id)) return [];
    return known.flatMap((item) => {
      const there = this.index.ofItem(item);
      return this.#rowsOf(item).filter((row) => {
        const then = readFiles(row.files);
        return !shareFile(then, there) && hasFileOf(then, files);
      });
    }).sort((a, b) => a.made_at - b.made_at);
  }

  /**
   * Changes the holds of an item; null ends one. For a caller that may hold the transaction.
   * @param now Epoch ms
   */
  change(
    item: Pick<Item, "id" | "files">,
    sceneId: string,
    changes: ReadonlyMap<FieldName, Hold | null>,
    now: number,
  ): void {
    if (changes.size === 0) return;
    // From here on it has its own: the old item may come back, with what is held on that.
    const inherited = this.#rowsOf(item.id).length === 0 ? this.#inherited(item) : [];
    for (const row of inherited) this.#put(item, row);
    for (const [field, hold] of changes) {
      if (hold === null) {
        this.database.prepare("DELETE FROM holds WHERE target = ? AND item = ? AND field = ?")
          .run(this.target, item.id, field);
        continue;
      }
      const { origin, off, on } = hold;
      const json = JSON.stringify({ origin, off, on });
      this.#put(item, { field, hold: json, scene_id: sceneId, made_at: now });
    }
    const note = this.database.prepare(
      "INSERT OR IGNORE INTO hold_names (target, name_key, item) VALUES (?, ?, ?)",
    );
    for (const { path } of item.files) note.run(this.target, nameKey(path), item.id);
  }

  #put(
    item: Pick<Item, "id" | "files">,
    { field, hold, scene_id, made_at }: Omit<Row, "files">,
  ): void {
    this.database.prepare(
      `INSERT OR REPLACE INTO holds (target, item, field, scene_id, hold, files, made_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(this.target, item.id, field, scene_id, hold, JSON.stringify(item.files), made_at);
  }

  /**
   * Lifts all that is held on the items of these scenes.
   * @returns how many fields that were
   */
  lift(sceneIds: readonly string[]): number {
    return this.database.prepare(`DELETE FROM holds WHERE ${OF_SCENES}`)
      .run(this.target, JSON.stringify(sceneIds));
  }

  /** Fields of which something is held on the items of a scene. */
  fieldsOf(sceneId: string): FieldName[] {
    return this.database.prepare(`SELECT DISTINCT field FROM holds WHERE ${OF_SCENES}`)
      .all<{ field: FieldName }>(this.target, JSON.stringify([sceneId])).map(({ field }) => field);
  }

  /** Ids of items mean nothing on another server. For a caller that holds the transaction. */
  clear(): void {
    for (const table of ["holds", "hold_names"]) {
      this.database.prepare(`DELETE FROM ${table} WHERE target = ?`).run(this.target);
    }
  }
}

function readHold(field: FieldName, json: string): Hold | null {
  const value = parseJson(json);
  if (!isRecord(value)) return null;
  const { origin, off, on } = value;
  return isTexts(origin) && isTexts(off) && isTexts(on) ? { field, origin, off, on } : null;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function readFiles(json: string): ItemFile[] {
  const value = parseJson(json);
  return Array.isArray(value) ? value.filter(isRecord) as unknown as ItemFile[] : [];
}
