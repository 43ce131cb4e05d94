import type { FieldName, ImageField } from "../../core/sync/fields.ts";
import { parseJson } from "../../core/text/json.ts";
import type {
  BegunField,
  BegunWrite,
  Entry,
  ItemOrigin,
  SeenField,
} from "../../core/journal/journal.ts";
import type { ItemFile } from "../../core/sync/item.ts";
import type { UndoRow } from "../../core/journal/undo_scope.ts";
import type { Database } from "../database/database.ts";
import { hasSteps, keptBy, type RunKept } from "../queue/runs.ts";

/** One field of one write, as it is kept. */
export interface JournalRow extends UndoRow {
  item: string;
  /** The item's files at that time. */
  files: readonly ItemFile[];
}

/** A run that wrote something. */
export interface JournalRun {
  run_id: number;
  /** Of its first write, epoch ms. */
  at: number;
  /** Its kind. */
  by: string;
  /** For people, such as the command that made it. */
  name: string;
  items: number;
  /** How much of it can be taken back by itself. */
  kept: RunKept;
}

/** What was written last to an image of an item. */
export interface LastImage {
  /** SHA-1 of its bytes; where an undo chose it the target's own key. */
  sent: string;
  /** The target's own key of what was shown before; none where nothing was, or it is not known. */
  before: readonly string[];
  /** It was seen to be shown. */
  isSeen: boolean;
}

/** An image that a target was sent and now shows. */
export interface ShownImage {
  item: string;
  field: FieldName;
  /** SHA-1 of its bytes. */
  digest: string;
  /** The target's own key of it. */
  key: string;
}

interface Row {
  write_id: number;
  at: number;
  run_id: number | null;
  cause: string;
  scene_id: string;
  item: string;
  files: string;
  field: FieldName;
  before: string;
  sure: number;
  sent: string;
  stood: string | null;
  locked_before: number;
  locked_after: number;
  origin: string | null;
  along: string | null;
  kept_at: number | null;
  kept_of: string | null;
  undone_by: number | null;
}

const SELECT = `SELECT j.*, w.at, w.run_id, w.cause, w.scene_id, w.item, w.files
  FROM writes w JOIN journal j ON j.write_id = w.id`;
/** Stood as it was sent: no text is kept twice. */
export const AS_SENT = "=";

/** In SQL, whether a row of the journal stands for writes of a scene too that is not its own. */
export function isKeptOf(row: string, scene: string): string {
  return `(${row}.kept_of IS NOT NULL
    AND EXISTS (SELECT 1 FROM json_each(${row}.kept_of) WHERE value = ${scene}))`;
}

/** What each write to the items of a target changed, field by field. */
export class Journal {
  constructor(private readonly database: Database, private readonly target: string) {}

  /**
   * Notes what is about to be written. For a caller that holds the transaction.
   * @param now Epoch ms
   * @returns the writes' ids, in the same order
   */
  begin(writes: readonly BegunWrite[], now: number): number[] {
    const head = this.database.prepare(
      `INSERT INTO writes (at, run_id, cause, scene_id, target, item, section, files)
       VALUES (?1, ?2, coalesce((SELECT kind FROM runs WHERE id = ?2), ''), ?3, ?4, ?5, ?6, ?7)`,
    );
    return writes.map(({ runId, sceneId, item, fields }) => {
      head.run(
        now,
        runId,
        sceneId,
        this.target,
        item.id,
        item.section,
        JSON.stringify(item.files.map(({ path, size, durationMs }) => [path, size, durationMs])),
      );
      const id = this.database.lastInsertId();
      this.#add(id, fields);
      return id;
    });
  }

  #add(write: number, fields: readonly BegunField[]): void {
    this.database.prepare(
      `INSERT INTO journal (write_id, field, before, sure, sent, locked_before, locked_after,
         origin, along)
       SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6,
         value->>7 FROM json_each(?2)`,
    ).run(
      write,
      JSON.stringify(fields.map((each) => [
        each.field,
        JSON.stringify(each.before),
        Number(each.sure),
        JSON.stringify(each.sent),
        Number(each.lockedBefore),
        Number(each.lockedAfter),
        each.origin === null ? null : JSON.stringify(each.origin),
        each.along,
      ])),
    );
  }

  /** Notes what stood after writes. For a caller that holds the transaction. */
  seen(entries: readonly SeenField[]): void {
    if (entries.length === 0) return;
    this.database.prepare(
      `UPDATE journal SET stood = iif(sent = seen.stood, '${AS_SENT}', seen.stood),
         locked_after = seen.locked
       FROM (SELECT value->>0 AS write_id, value->>1 AS field, value->>2 AS stood,
           value->>3 AS locked FROM json_each(?)) AS seen
       WHERE journal.write_id = seen.write_id AND journal.field = seen.field`,
    ).run(
      JSON.stringify(entries.map(({ write, field, stood, locked }) => [
        write,
        field,
        JSON.stringify(stood),
        Number(locked),
      ])),
    );
  }

  /**
   * Stash has something else now for what was written last, and it was not written. For a caller that
   * holds the transaction.
   */
  originated(origins: readonly ItemOrigin[]): void {
    if (origins.length === 0) return;
    const note = this.database.prepare(
      `UPDATE journal SET origin = ?1 WHERE field = ?2 AND origin <> ?1
         AND write_id = (SELECT max(w.id) FROM writes w JOIN journal j ON j.write_id = w.id
           WHERE w.target = ?3 AND w.item = ?4 AND j.field = ?2 AND j.origin IS NOT NULL)`,
    );
    for (const { item, field, origin } of origins) {
      note.run(JSON.stringify(origin), field, this.target, item);
    }
  }

  /**
   * Images that were sent, and are now shown. What an older write of the same image left was changed
   * by the newer. For a caller that holds the transaction.
   */
  shown(images: readonly ShownImage[]): void {
    const note = this.database.prepare(
      `UPDATE journal SET stood = ?1 WHERE field = ?2 AND sent = ?3 AND stood IS NULL
         AND write_id = (SELECT max(w.id) FROM writes w JOIN journal j ON j.write_id = w.id
           WHERE w.target = ?4 AND w.item = ?5 AND j.field = ?2)`,
    );
    for (const { item, field, digest, key } of images) {
      note.run(JSON.stringify([key]), field, JSON.stringify([digest]), this.target, item);
    }
  }

  /** All that is known of these items, the oldest first. */
  ofItems(items: readonly string[]): Map<string, JournalRow[]> {
    const rows = this.database.prepare(
      `${SELECT} WHERE w.target = ? AND w.item IN (SELECT value FROM json_each(?))`,
    ).all<Row>(this.target, JSON.stringify(items)).flatMap(fromRow).sort(byAge);
    return Map.groupBy(rows, ({ item }) => item);
  }

  /**
   * Writes to an item whose end nobody saw and that no other write came after, field by field: what
   * an older one left is told by what stood before the next.
   * @param current The write that is under way, or none
   */
  unseenOf(item: string, current: number | null): JournalRow[] {
    return this.database.prepare(
      `${SELECT} WHERE w.target = ?1 AND w.item = ?2 AND j.stood IS NULL AND w.id <> ?3
         AND NOT EXISTS (SELECT 1 FROM writes n JOIN journal m ON m.write_id = n.id
           WHERE n.target = ?1 AND n.item = ?2 AND n.id > w.id AND n.id <> ?3
             AND m.field = j.field)`,
    ).all<Row>(this.target, item, current ?? -1).flatMap(fromRow).sort(byAge);
  }

  /** The last write of an image, whether anybody saw it end or not. */
  lastImage(item: string, field: ImageField): LastImage | null {
    const row = this.database.prepare(
      `SELECT j.sent, j.before, j.stood FROM writes w JOIN journal j ON j.write_id = w.id
       WHERE w.target = ? AND w.item = ? AND j.field = ? ORDER BY w.id DESC LIMIT 1`,
    ).get<Pick<Row, "sent" | "before" | "stood">>(this.target, item, field);
    const [sent] = parseEntries(row?.sent ?? null) ?? [];
    if (row === undefined || typeof sent !== "string") return null;
    const before = (parseEntries(row.before) ?? []).map(String);
    return { sent, before, isSeen: row.stood !== null };
  }

  /** Whether a write of ours to a field holds which locked it: its undo opens the lock again. */
  hasLocked(item: string, field: FieldName): boolean {
    return this.database.prepare(
      `SELECT 1 FROM writes w JOIN journal j ON j.write_id = w.id
       WHERE w.target = ? AND w.item = ? AND j.field = ? AND j.undone_by IS NULL
         AND j.locked_before = 0 AND j.locked_after = 1 LIMIT 1`,
    ).get(this.target, item, field) !== undefined;
  }

  /** What was written for a scene, and to its items, the newest first. */
  ofScene(sceneId: string, limit: number): JournalRow[] {
    return this.database.prepare(
      `${SELECT} WHERE w.target = ?1 AND (w.scene_id = ?2 OR w.item IN (
         SELECT item FROM writes WHERE target = ?1 AND scene_id = ?2
         UNION SELECT h.item FROM journal k JOIN writes h ON h.id = k.write_id
         WHERE ${isKeptOf("k", "?2")} AND h.target = ?1))
       ORDER BY w.id DESC, j.field LIMIT ?3`,
    ).all<Row>(this.target, sceneId, limit).flatMap(fromRow);
  }

  /** The last runs that wrote something, the newest first. */
  runs(limit: number): JournalRun[] {
    return this.database.prepare(
      `SELECT w.run_id, min(w.at) AS at, w.cause AS "by", coalesce(r.name, w.cause) AS name,
         count(DISTINCT w.item) AS items, coalesce(r.pruned, 0) AS pruned,
         ${hasSteps("w.run_id")} AS has_steps
       FROM writes w LEFT JOIN runs r ON r.id = w.run_id
       WHERE w.target = ? AND w.run_id IS NOT NULL
       GROUP BY w.run_id ORDER BY w.run_id DESC LIMIT ?`,
    ).all<Omit<JournalRun, "kept"> & Parameters<typeof keptBy>[0]>(this.target, limit)
      .map(({ pruned, has_steps, ...run }) => ({ ...run, kept: keptBy({ pruned, has_steps }) }));
  }

  /**
   * Marks fields of writes to an item as taken back by a run. For a caller that holds the
   * transaction.
   */
  undone(fields: readonly { field: FieldName; writes: readonly number[] }[], runId: number): void {
    const mark = this.database.prepare(
      `UPDATE journal SET undone_by = ?
       WHERE field = ? AND write_id IN (SELECT value FROM json_each(?))`,
    );
    for (const { field, writes } of fields) mark.run(runId, field, JSON.stringify(writes));
  }

  /** What a run took back on an item holds again. For a caller that holds the transaction. */
  redone(item: string, fields: readonly FieldName[], runId: number): void {
    this.database.prepare(
      `UPDATE journal SET undone_by = NULL
       WHERE undone_by = ? AND field IN (SELECT value FROM json_each(?))
         AND write_id IN (SELECT id FROM writes WHERE target = ? AND item = ?)`,
    ).run(runId, JSON.stringify(fields), this.target, item);
  }

  /** Ids of items mean nothing on another server. For a caller that holds the transaction. */
  clear(): void {
    this.database.prepare("DELETE FROM writes WHERE target = ?").run(this.target);
  }
}

function byAge(a: JournalRow, b: JournalRow): number {
  return a.write - b.write || (a.field < b.field ? -1 : 1);
}

/** None for a row that is damaged: nothing is put back by it. */
function fromRow(row: Row): JournalRow[] {
  const sent = parseEntries(row.sent);
  const before = parseEntries(row.before);
  const stood = row.stood === AS_SENT ? sent : parseEntries(row.stood);
  if (sent === null || before === null || (row.stood !== null && stood === null)) return [];
  return [{
    write: row.write_id,
    at: row.at,
    runId: row.run_id,
    cause: row.cause,
    sceneId: row.scene_id,
    item: row.item,
    files: parseFiles(row.files),
    field: row.field,
    before,
    sure: row.sure === 1,
    sent,
    stood,
    lockedBefore: row.locked_before === 1,
    lockedAfter: row.locked_after === 1,
    origin: parseEntries(row.origin) as string[] | null,
    along: row.along,
    keptAt: row.kept_at,
    keptOf: (parseEntries(row.kept_of) ?? []).map(String),
    undoneBy: row.undone_by,
  }];
}

export function parseEntries(json: string | null): Entry[] | null {
  if (json === null) return null;
  const value = parseJson(json);
  return Array.isArray(value) && value.every(isEntry) ? value : null;
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "string" ||
    (Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "string"));
}

function parseFiles(json: string): ItemFile[] {
  const value = parseJson(json);
  if (!Array.isArray(value)) return [];
  return value.filter(Array.isArray).map(([path, size, durationMs]) => ({
    path: String(path),
    size: Number(size),
    durationMs: typeof durationMs === "number" ? durationMs : null,
  }));
}
