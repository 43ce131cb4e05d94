import { type FieldName, fieldOf, valueKey } from "../../core/sync/fields.ts";
import { type Entry, entryKey, nameOf, reverted } from "../../core/journal/journal.ts";
import { type Database, transaction } from "../database/database.ts";
import { AS_SENT, parseEntries } from "./journal.ts";

interface Row {
  write_id: number;
  field: FieldName;
  at: number;
  item: string;
  run_id: number | null;
  before: string;
  sure: number;
  stood: string | null;
  sent: string;
  locked_before: number;
  origin: string | null;
  kept_at: number | null;
  kept_of: string | null;
  scene_id: string;
  undone_by: number | null;
}

/**
 * How many ids of writes are looked at in one step, for old ones among them. Looked for among all, at
 * each step all that are kept were read and sorted: 59 ms for a step over 200,000.
 */
const LOOKED_AT = 2_000;

/** How far the journal was gone through. */
interface Way {
  /** The write up to which all are old, and were dealt with. */
  upTo: number;
  /** The last one that this round has looked at. */
  at: number;
}

/** What `Row` is read from, of the journal as `j` and its writes as `w`. */
const COLUMNS = "j.*, w.at, w.item, w.run_id, w.scene_id";

/** Some writes, one behind the other. */
export interface JournalPart {
  /** Id of the last of them. */
  upTo: number;
  /** How many of them are of the target. */
  writes: number;
  /** Of all their values. */
  bytes: number;
}

/**
 * Makes the journal of a target shorter from its old end, in small steps. The value before our first
 * write of a field is kept as long as the item is: each row that is old takes the one before it in.
 * An undo and what it took back go together: either alone says what never was.
 */
export class JournalPruning {
  /** Runs of which a step has lost something. */
  readonly #pruned = new Set<number>();
  /** Writes of which the step has taken fields: they may have none left. */
  readonly #thinned = new Set<number>();
  readonly #ways: Record<"roomy" | "full", Way> = {
    roomy: { upTo: 0, at: 0 },
    full: { upTo: 0, at: 0 },
  };

  constructor(private readonly database: Database, private readonly target: string) {}

  /**
   * One step of a round over all writes, from the oldest that is not dealt with.
   * @param before Writes of before this time are old, epoch ms
   * @param isFull There is no room: with what is old goes what a younger undo may have taken back of
   *   it, and the undo itself. Else all of it waits until the undo is old too
   * @param limit Old writes that are dealt with at most
   * @returns false at the end of the round: the next step begins another one
   */
  step(before: number, limit: number, isFull = false): boolean {
    const way = this.#ways[isFull ? "full" : "roomy"];
    const first = this.#firstBehind(way.at);
    if (first === null) {
      way.at = way.upTo;
      return false;
    }
    const end = first + LOOKED_AT - 1;
    const old = this.database.prepare(
      `SELECT id FROM writes WHERE id > ? AND id <= ? AND +target = ? AND at < ?
       ORDER BY id LIMIT ?`,
    ).all<{ id: number }>(way.at, end, this.target, before, limit).map(({ id }) => id);
    const to = old.length < limit ? end : old.at(-1)!;
    // A clock that was ahead, or set back, mixes young ones with old ones.
    const young = this.#firstYoung(way.at, to, before);
    if (old.length > 0) this.#dealWith(old, isFull);
    if (way.upTo === way.at) way.upTo = young === null ? to : young - 1;
    way.at = to;
    return true;
  }

  #firstBehind(id: number): number | null {
    return this.database.prepare("SELECT min(id) AS id FROM writes WHERE id > ?")
      .get<{ id: number | null }>(id)!.id;
  }

  #firstYoung(after: number, upTo: number, before: number): number | null {
    return this.database.prepare(
      `SELECT id FROM writes WHERE id > ? AND id <= ? AND +target = ? AND at >= ?
       ORDER BY id LIMIT 1`,
    ).get<{ id: number }>(after, upTo, this.target, before)?.id ?? null;
  }

  #dealWith(old: readonly number[], isFull: boolean): void {
    transaction(this.database, () => {
      this.#pruned.clear();
      this.#thinned.clear();
      const asked = this.#askedFor();
      for (const id of old) {
        this.#thinned.add(id);
        this.#takeIn(id, asked, isFull);
      }
      this.#noteRuns();
      this.#dropEmpty(old.at(-1)!);
    });
  }

  /**
   * What some writes take, in the order in which they were made.
   * @param after Id of the write before them, 0 for none
   * @returns null when there are no more
   */
  part(after: number, limit: number): JournalPart | null {
    const { upTo, ...part } = this.database.prepare(
      `WITH part AS (SELECT id, target FROM writes WHERE id > ?1 ORDER BY id LIMIT ?2)
       SELECT (SELECT max(id) FROM part) AS upTo,
         (SELECT count(*) FROM part WHERE target = ?3) AS writes,
         (SELECT coalesce(sum(length(before) + length(sent) + coalesce(length(stood), 0) +
            coalesce(length(origin), 0) + 64), 0)
          FROM journal WHERE write_id IN (SELECT id FROM part)) AS bytes`,
    ).get<JournalPart & { upTo: number | null }>(after, limit, this.target)!;
    return upTo === null ? null : { ...part, upTo };
  }

  /** When the nth write behind one was made, counted from 0, epoch ms; null without it. */
  writtenAt(after: number, nth: number): number | null {
    return this.database.prepare(
      "SELECT at FROM writes WHERE +target = ? AND id > ? ORDER BY id LIMIT 1 OFFSET ?",
    ).get<{ at: number }>(this.target, after, nth)?.at ?? null;
  }

  /** Items that somebody waits for an undo of: it finds what there was when it was asked for. */
  #askedFor(): ReadonlySet<string> {
    const open = this.database.prepare(
      "SELECT item FROM undo_requests WHERE target = ? AND ended_at IS NULL",
    ).all<{ item: string }>(this.target);
    return new Set(open.map(({ item }) => item));
  }

  #takeIn(write: number, asked: ReadonlySet<string>, isFull: boolean): void {
    const rows = this.database.prepare(
      `SELECT ${COLUMNS} FROM journal j JOIN writes w ON w.id = j.write_id
       WHERE w.id = ?`,
    ).all<Row>(write);
    for (const old of rows) {
      const undo = this.#undoAfter(old);
      if (asked.has(old.item) || (undo !== undefined && !isFull)) continue;
      const row = undo ?? old;
      // Nobody goes back by a row that was undone: the undo's own write takes all before it in. One
      // whose end nobody saw may never have come there: the next one tells.
      if (row.undone_by !== null || row.stood === null) continue;
      for (;;) {
        const now = this.#row(row.write_id, row.field);
        const older = this.#before(now);
        // By what is not known nobody goes back: what is known before it stays as it is.
        if (older === undefined || now.sure === 0 || isUntold(older, now)) break;
        this.#merge(older, now);
      }
      this.#dropVain(row);
    }
  }

  /** The last undo, or undo of an undo, of a field after one of its rows. */
  #undoAfter({ write_id, field, item }: Row): Row | undefined {
    return this.database.prepare(
      `SELECT ${COLUMNS} FROM writes w JOIN journal j ON j.write_id = w.id
       WHERE w.target = ? AND w.item = ? AND w.id > ? AND j.field = ?
         AND w.cause IN ('undo', 'redo') AND j.kept_at IS NULL ORDER BY w.id DESC LIMIT 1`,
    ).get<Row>(this.target, item, write_id, field);
  }

  #row(write: number, field: FieldName): Row {
    return this.database.prepare(
      `SELECT ${COLUMNS} FROM journal j JOIN writes w ON w.id = j.write_id
       WHERE w.id = ? AND j.field = ?`,
    ).get<Row>(write, field)!;
  }

  /** The row of the same field and item just before this one. */
  #before({ write_id, field, item }: Row): Row | undefined {
    return this.database.prepare(
      `SELECT ${COLUMNS} FROM writes w JOIN journal j ON j.write_id = w.id
       WHERE w.target = ? AND w.item = ? AND w.id < ? AND j.field = ? ORDER BY w.id DESC LIMIT 1`,
    ).get<Row>(this.target, item, write_id, field);
  }

  #merge(older: Row, row: Row): void {
    const taken = takenIn(older, row);
    for (const { run_id } of taken === null ? [older] : [older, row]) {
      if (run_id !== null) this.#pruned.add(run_id);
    }
    if (taken !== null) {
      this.database.prepare(
        `UPDATE journal SET before = ?, sure = ?, locked_before = ?, kept_at = ?, kept_of = ?,
           origin = coalesce(origin, ?) WHERE write_id = ? AND field = ?`,
      ).run(
        taken.before,
        older.sure,
        taken.lockedBefore,
        older.kept_at ?? older.at,
        scenesOf(older, row),
        older.origin,
        row.write_id,
        row.field,
      );
    }
    this.database.prepare("DELETE FROM journal WHERE write_id = ? AND field = ?")
      .run(older.write_id, older.field);
    this.#thinned.add(older.write_id);
  }

  /** What stands for several writes that came to nothing leads nowhere. */
  #dropVain({ write_id, field }: Row): void {
    this.database.prepare(
      `DELETE FROM journal WHERE write_id = ? AND field = ? AND kept_at IS NOT NULL AND sure = 1
         AND before = iif(stood = '${AS_SENT}', sent, stood) AND locked_before = locked_after`,
    ).run(write_id, field);
  }

  #noteRuns(): void {
    this.database.prepare(
      "UPDATE runs SET pruned = 1 WHERE id IN (SELECT value FROM json_each(?)) AND pruned = 0",
    ).run(JSON.stringify([...this.#pruned]));
  }

  /** Only of those that may be: to look through all that are kept would take longer each step. */
  #dropEmpty(upTo: number): void {
    this.database.prepare(
      `DELETE FROM writes WHERE id IN (SELECT value FROM json_each(?)) AND id <= ?
         AND NOT EXISTS (SELECT 1 FROM journal WHERE write_id = writes.id)`,
    ).run(JSON.stringify([...this.#thinned]), upTo);
  }
}

/**
 * Whether an image was sent, and nothing tells whether it is what stood before the next write: the
 * target has a key of its own for it. The undo asks which one that is.
 */
function isUntold(older: Row, row: Row): boolean {
  return fieldOf(row.field).kind === "image" && older.stood === null &&
    row.before !== older.before && row.before !== older.sent;
}

/** The scenes of two rows but the newer's own, as JSON; null for none. */
function scenesOf(older: Row, row: Row): string | null {
  const before = [older.kept_of, row.kept_of].flatMap((json) => parseEntries(json) ?? []);
  const others = new Set([older.scene_id, ...before.map(String)]);
  others.delete(row.scene_id);
  return others.size === 0 ? null : JSON.stringify([...others]);
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
