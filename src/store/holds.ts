import type { FieldName } from "../core/sync/fields.ts";
import { type Hold, type Holds, NO_HOLDS, shareFile } from "../core/journal/holds.ts";
import type { Item, ItemFile } from "../core/sync/item.ts";
import { isRecord, parseJson } from "../core/text/json.ts";
import type { Database } from "./database.ts";

interface Row {
  field: FieldName;
  hold: string;
  files: string;
}

/** What was undone on the items of a target, and stays so. */
export class HoldStore {
  constructor(private readonly database: Database, private readonly target: string) {}

  /** What is held on an item; nothing of one that has other files now. */
  of(item: Pick<Item, "id" | "files">): Holds {
    const rows = this.database.prepare(
      "SELECT field, hold, files FROM holds WHERE target = ? AND item = ?",
    ).all<Row>(this.target, item.id);
    if (rows.length === 0) return NO_HOLDS;
    return new Map(
      rows.filter(({ files }) => shareFile(readFiles(files), item.files))
        .flatMap(({ field, hold }) => {
          const read = readHold(field, hold);
          return read === null ? [] : [[field, read] as const];
        }),
    );
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
    for (const [field, hold] of changes) {
      if (hold === null) {
        this.database.prepare("DELETE FROM holds WHERE target = ? AND item = ? AND field = ?")
          .run(this.target, item.id, field);
        continue;
      }
      this.database.prepare(
        `INSERT OR REPLACE INTO holds (target, item, field, scene_id, hold, files, made_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        this.target,
        item.id,
        field,
        sceneId,
        JSON.stringify({ origin: hold.origin, off: hold.off, on: hold.on }),
        JSON.stringify(item.files),
        now,
      );
    }
  }

  /**
   * Lifts all that is held on the items of these scenes.
   * @returns how many fields that were
   */
  lift(sceneIds: readonly string[]): number {
    return this.database.prepare(
      `DELETE FROM holds WHERE target = ?1 AND (
         scene_id IN (SELECT value FROM json_each(?2)) OR item IN (
           SELECT item FROM written
           WHERE target = ?1 AND scene_id IN (SELECT value FROM json_each(?2))))`,
    ).run(this.target, JSON.stringify(sceneIds));
  }

  /** Ids of items mean nothing on another server. For a caller that holds the transaction. */
  clear(): void {
    this.database.prepare("DELETE FROM holds WHERE target = ?").run(this.target);
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
