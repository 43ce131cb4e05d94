import { type FieldName, fieldOf, valueKey } from "../core/sync/fields.ts";
import { type Entry, entryKey, nameOf, reverted } from "../core/journal/journal.ts";
import { type Database, transaction } from "./database.ts";
import { AS_SENT, parseEntries } from "./journal.ts";

interface Row {
  write_id: number;
  field: FieldName;
  at: number;
  item: string;
  before: string;
  sure: number;
  stood: string | null;
  sent: string;
  locked_before: number;
  origin: string | null;
  kept_at: number | null;
  undone_by: number | null;
}

/**
 * Makes the journal of a target shorter from its old end, in small steps. The value before our first
 * write of a field is kept as long as the item is: each row that is old takes the one before it in.
 */
export class JournalPruning {
  /** The write up to which all that is old was dealt with. */
  #upTo = 0;

  constructor(private readonly database: Database, private readonly target: string) {}

  /**
   * One step.
   * @param before Writes of before this time are old, epoch ms
   * @returns false when there was nothing left to do
   */
  step(before: number, limit: number): boolean {
    const old = this.database.prepare(
      `SELECT id FROM writes WHERE target = ? AND id > ? AND at < ? ORDER BY id LIMIT ?`,
    ).all<{ id: number }>(this.target, this.#upTo, before, limit).map(({ id }) => id);
    if (old.length === 0) return false;
    transaction(this.database, () => {
      for (const id of old) this.#takeIn(id);
      this.#dropEmpty(old.at(-1)!);
    });
    this.#upTo = old.at(-1)!;
    return true;
  }

  /** Bytes of all values. */
  size(): number {
    return this.database.prepare(
      `SELECT coalesce(sum(length(before) + length(sent) + coalesce(length(stood), 0) +
         coalesce(length(origin), 0) + 64), 0) AS bytes FROM journal`,
    ).get<{ bytes: number }>()!.bytes;
  }

  /** When the write in the middle of all was made, epoch ms; null without any. */
  middleAt(): number | null {
    return this.database.prepare(
      `SELECT at FROM writes WHERE target = ?1 ORDER BY id
       LIMIT 1 OFFSET (SELECT count(*) / 2 FROM writes WHERE target = ?1)`,
    ).get<{ at: number }>(this.target)?.at ?? null;
  }

  #takeIn(write: number): void {
    const rows = this.database.prepare(
      "SELECT field, undone_by, stood FROM journal WHERE write_id = ?",
    ).all<Pick<Row, "field" | "undone_by" | "stood">>(write);
    for (const { field, undone_by, stood } of rows) {
      // Nobody goes back by a row that was undone: the undo's own write takes all before it in. One
      // whose end nobody saw may never have come there: the next one tells.
      if (undone_by !== null || stood === null) continue;
      for (;;) {
        const row = this.#row(write, field);
        const older = this.#before(row);
        if (older === undefined) break;
        this.#merge(older, row);
      }
    }
  }

  #row(write: number, field: FieldName): Row {
    return this.database.prepare(
      `SELECT j.*, w.at, w.item FROM journal j JOIN writes w ON w.id = j.write_id
       WHERE w.id = ? AND j.field = ?`,
    ).get<Row>(write, field)!;
  }

  /** The row of the same field and item just before this one. */
  #before({ write_id, field, item }: Row): Row | undefined {
    return this.database.prepare(
      `SELECT j.*, w.at, w.item FROM writes w JOIN journal j ON j.write_id = w.id
       WHERE w.target = ? AND w.item = ? AND w.id < ? AND j.field = ? ORDER BY w.id DESC LIMIT 1`,
    ).get<Row>(this.target, item, write_id, field);
  }

  #merge(older: Row, row: Row): void {
    const taken = row.sure === 1 ? takenIn(older, row) : null;
    if (taken !== null) {
      this.database.prepare(
        `UPDATE journal SET before = ?, sure = ?, locked_before = ?, kept_at = ?,
           origin = coalesce(origin, ?) WHERE write_id = ? AND field = ?`,
      ).run(
        taken.before,
        older.sure,
        taken.lockedBefore,
        older.kept_at ?? older.at,
        older.origin,
        row.write_id,
        row.field,
      );
    }
    this.database.prepare("DELETE FROM journal WHERE write_id = ? AND field = ?")
      .run(older.write_id, older.field);
  }

  #dropEmpty(upTo: number): void {
    this.database.prepare(
      `DELETE FROM writes WHERE target = ? AND id <= ?
         AND NOT EXISTS (SELECT 1 FROM journal WHERE write_id = writes.id)`,
    ).run(this.target, upTo);
  }
}

/**
 * What stood before two writes together.
 * @returns null when something else stood there between them: a person's value, which is the one to
 *   go back to then
 */
function takenIn(older: Row, row: Row): { before: string; lockedBefore: number } | null {
  const left = older.stood === AS_SENT ? older.sent : older.stood;
  const isUnseen = left === null && (row.before === older.sent || row.before === older.before);
  if (left === row.before || isUnseen) {
    return { before: older.before, lockedBefore: older.locked_before };
  }
  if (fieldOf(row.field).kind !== "names") return null;
  const [now, before, sent] = [row.before, older.before, older.sent].map(parseEntries);
  if (!now || !before || !sent) return null;
  const mayBe = new Set([...before, ...sent].map((entry) => valueKey("names", nameOf(entry))));
  const stood = left === null
    ? now.filter((entry) => mayBe.has(valueKey("names", nameOf(entry))))
    : parseEntries(left);
  if (stood === null) return null;
  // A list belongs to several: only what was ours goes, and who changed it has it locked too.
  const lockedBefore = isSameList(now, stood) ? older.locked_before : row.locked_before;
  return { before: JSON.stringify(reverted(now, before, stood)), lockedBefore };
}

function isSameList(a: readonly Entry[], b: readonly Entry[]): boolean {
  return new Set(a.map(entryKey)).symmetricDifference(new Set(b.map(entryKey))).size === 0;
}
