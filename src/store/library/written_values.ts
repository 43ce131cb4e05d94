import { IMAGE_FIELDS, type ImageField } from "../../core/sync/fields.ts";
import { isRecord, parseJson } from "../../core/text/json.ts";
import { EVIDENCE } from "../../core/match/match.ts";
import type { Memory } from "../../core/sync/memory.ts";
import { type Database, transaction } from "../database/database.ts";

/** A scene that was written, and one item that it was written to. */
export interface WrittenItem {
  scene_id: string;
  item: string;
}

/** An image of which only that it was sent is known. */
export interface UnseenImage {
  sceneId: string;
  item: string;
  field: ImageField;
  /** SHA-1 of its bytes, lower-case hex. */
  digest: string;
}

/** An image that the target was seen to show, and how it is known again. */
export interface MarkedImage extends UnseenImage {
  /** The target's own key of it; null where it tells none. */
  key: string | null;
  /** The item's mark of it, read before that; null where it could not be read. */
  mark: readonly string[] | null;
}

/** What is remembered of an item goes from one scene to another. */
export interface Move {
  from: string;
  to: string;
  item: string;
}

/** What is kept as JSON: the store itself goes by none of it. */
type Fields = Pick<Memory, "match" | "fields" | "begun" | "covers">;

interface Row extends WrittenItem {
  fields: string;
  scene_hash: string;
  written_at: number;
}

/** Rows of some batches. */
const MAX_READ = 500;

/** A row that was settled, of a scene that Stash still has. */
const LIVE = `written_at > 0 AND NOT EXISTS (
  SELECT 1 FROM scenes WHERE scene_id = written.scene_id AND gone_at IS NOT NULL)`;

/** Per scene and item of one target: what we last wrote, and what we began to write. */
export class WrittenValues {
  /** What was read last, by scene and item: a batch comes back to its rows more than once. */
  readonly #read = new Map<string, { json: string; fields: Fields | null }>();

  constructor(private readonly database: Database, private readonly target: string) {}

  /** What was written for a scene, the newest first; what only was begun comes last. */
  ofScene(sceneId: string): Memory[] {
    return this.ofScenes([sceneId]).get(sceneId) ?? [];
  }

  /** As `ofScene`, of many scenes at once; one without any is absent. */
  ofScenes(sceneIds: readonly string[]): Map<string, Memory[]> {
    const rows = this.database.prepare(
      `SELECT scene_id, item, fields, scene_hash, written_at FROM written
       WHERE scene_id IN (SELECT value FROM json_each(?)) AND target = ?`,
    ).all<Row>(JSON.stringify(sceneIds), this.target).sort((a, b) => b.written_at - a.written_at);
    return Map.groupBy(this.#fromRows(rows), ({ sceneId }) => sceneId);
  }

  /** Items that were written last, the newest first. */
  latest(limit: number): string[] {
    return this.database.prepare(
      `SELECT item FROM written WHERE target = ? AND ${LIVE}
       GROUP BY item ORDER BY max(written_at) DESC LIMIT ?`,
    ).all<{ item: string }>(this.target, limit).map(({ item }) => item);
  }

  /** What was written on these items for any scene, one that is gone included, the newest first. */
  onItems(items: readonly string[]): Map<string, Memory[]> {
    const rows = this.database.prepare(
      `SELECT scene_id, item, fields, scene_hash, written_at FROM written
       WHERE target = ? AND item IN (SELECT value FROM json_each(?))`,
    ).all<Row>(this.target, JSON.stringify(items)).sort((a, b) => b.written_at - a.written_at);
    return Map.groupBy(this.#fromRows(rows), ({ item }) => item);
  }

  /**
   * What was put for these stands on their items: what other scenes wrote there is no longer
   * theirs. Of two on one item the last owns it. For a caller that holds the transaction.
   */
  takeOver(memories: readonly Pick<Memory, "sceneId" | "item">[]): void {
    if (memories.length === 0) return;
    const owners = new Map(memories.map(({ item, sceneId }) => [item, sceneId]));
    const taken = this.database.prepare(
      `DELETE FROM written WHERE rowid IN (
         SELECT w.rowid FROM json_each(?) own
           CROSS JOIN written w ON w.target = ? AND w.item = own.value->>0
         WHERE w.scene_id <> own.value->>1)`,
    ).run(JSON.stringify([...owners]), this.target);
    if (taken > 0) this.#forgetUnwritten();
  }

  /** Images that were sent and not seen to be shown. */
  unseenImages(): UnseenImage[] {
    return this.database.prepare(
      `SELECT scene_id, item, fields, scene_hash, written_at FROM written
       WHERE target = ? AND fields LIKE '%"shown":false%'`,
    ).all<Row>(this.target).flatMap((row) => fromRow(row, parsed(row))).flatMap((
      { sceneId, item, covers },
    ) =>
      IMAGE_FIELDS.flatMap((field) => {
        const look = covers[field];
        return look === undefined || look.shown
          ? []
          : [{ sceneId, item, field, digest: look.digest }];
      })
    );
  }

  /** Notes that these are shown, and by which mark. Of another image that was sent meanwhile that says nothing. */
  shown(images: readonly MarkedImage[]): void {
    const note = this.database.prepare(
      `UPDATE written
       SET fields = json_set(
         CASE WHEN ?8 IS NOT NULL AND json_extract(fields, ?7 || '.sent[0]') = ?5
           THEN json_replace(fields, ?7 || '.stood', json(?8)) ELSE fields END,
         ?1 || '.shown', json('true'), ?1 || '.key', ?6)
       WHERE scene_id = ?2 AND target = ?3 AND item = ?4
         AND CASE WHEN json_valid(fields) THEN json_extract(fields, ?1 || '.digest') END = ?5`,
    );
    for (const { sceneId, item, field, digest, key, mark } of images) {
      const [cover, value] = [`$.covers.${field}`, `$.fields.${field}`];
      const stood = mark === null ? null : JSON.stringify(mark);
      note.run(cover, sceneId, this.target, item, digest, key, value, stood);
    }
  }

  /** For a caller that holds the transaction. */
  put(memory: Memory): void {
    this.database.prepare(
      `INSERT INTO written (scene_id, target, item, fields, scene_hash, written_at)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (scene_id, target, item) DO UPDATE SET fields = excluded.fields,
         scene_hash = excluded.scene_hash, written_at = excluded.written_at`,
    ).run(
      memory.sceneId,
      this.target,
      memory.item,
      toJson(memory),
      memory.sceneHash,
      memory.writtenAt,
    );
  }

  /**
   * Notes that the item has another mark of an image that it shows as before.
   * @param digest Of that image; where another was sent meanwhile, nothing is noted
   */
  renewMark(
    { sceneId, item }: Pick<Memory, "sceneId" | "item">,
    field: ImageField,
    digest: string,
    mark: readonly string[],
  ): void {
    transaction(this.database, () => {
      const memory = this.ofScene(sceneId).find((each) => each.item === item);
      const known = memory?.fields[field];
      if (memory === undefined || known?.sent[0] !== digest) return;
      this.put({ ...memory, fields: { ...memory.fields, [field]: { ...known, stood: mark } } });
    });
  }

  /** Forgets all of it, and the scenes that are gone with it. For a caller as above. */
  clear(): void {
    this.database.prepare("DELETE FROM written WHERE target = ?").run(this.target);
    this.#forgetUnwritten();
  }

  /**
   * The digest that each scene within a range of ids had when it was last written.
   * @param after Greater than this id
   * @param upTo Not greater than this one
   */
  hashes(after: number, upTo: number): Map<string, string> {
    const rows = this.database.prepare(
      `SELECT scene_id, scene_hash, written_at FROM written
       WHERE target = ? AND CAST(scene_id AS INTEGER) > ? AND CAST(scene_id AS INTEGER) <= ?
         AND ${LIVE}`,
    ).all<Pick<Row, "scene_id" | "scene_hash" | "written_at">>(this.target, after, upTo);
    const newest = new Map<string, (typeof rows)[number]>();
    for (const row of rows) {
      const known = newest.get(row.scene_id);
      if (known === undefined || row.written_at > known.written_at) newest.set(row.scene_id, row);
    }
    return new Map([...newest].map(([id, { scene_hash }]) => [id, scene_hash]));
  }

  /**
   * Written scenes in the order of their ids, each with all of its items.
   * @param after Greater than this id
   * @param upTo Not greater than this one; null for no bound
   * @param limit Number of scenes
   */
  inRange(
    after: number,
    upTo: number | null,
    limit: number,
  ): WrittenItem[] {
    return this.database.prepare(
      `SELECT scene_id, item FROM written
       WHERE target = ?1 AND ${LIVE} AND CAST(scene_id AS INTEGER) IN (
         SELECT DISTINCT CAST(scene_id AS INTEGER) FROM written
         WHERE target = ?1 AND ${LIVE}
           AND CAST(scene_id AS INTEGER) > ?2 AND CAST(scene_id AS INTEGER) <= ?3
         ORDER BY CAST(scene_id AS INTEGER) LIMIT ?4
       ) ORDER BY CAST(scene_id AS INTEGER)`,
    ).all<WrittenItem>(this.target, after, upTo ?? Number.MAX_SAFE_INTEGER, limit);
  }

  /** By item, the scenes for which anything was written there, those that are gone included. */
  writersOf(items: readonly string[]): Map<string, string[]> {
    const rows = this.database.prepare(
      `SELECT scene_id, item FROM written
       WHERE target = ? AND item IN (SELECT value FROM json_each(?))`,
    ).all<WrittenItem>(this.target, JSON.stringify(items));
    const writers = new Map<string, string[]>();
    for (const { scene_id, item } of rows) {
      const known = writers.get(item);
      if (known === undefined) writers.set(item, [scene_id]);
      else known.push(scene_id);
    }
    return writers;
  }

  /** All living scenes that were written to these items. */
  ofItems(items: readonly string[]): WrittenItem[] {
    return this.database.prepare(
      `SELECT scene_id, item FROM written
       WHERE target = ? AND item IN (SELECT value FROM json_each(?)) AND ${LIVE}`,
    ).all<WrittenItem>(this.target, JSON.stringify(items));
  }

  /**
   * Scenes that are gone, in the order of their ids as text, each with all of its items.
   * @param after Greater than this id
   * @param limit Number of scenes
   */
  gone(after: string, limit: number): WrittenItem[] {
    return this.database.prepare(
      `SELECT scene_id, item FROM written WHERE target = ?1 AND written_at > 0 AND scene_id IN (
         SELECT scene_id FROM scenes
         WHERE gone_at IS NOT NULL AND scene_id > ?2 AND EXISTS (
           SELECT 1 FROM written
           WHERE scene_id = scenes.scene_id AND target = ?1 AND written_at > 0)
         ORDER BY scene_id LIMIT ?3
       ) ORDER BY scene_id`,
    ).all<WrittenItem>(this.target, after, limit);
  }

  /** These items of scenes that are gone are no longer there, or belong to other scenes. */
  forgetGone(rows: readonly WrittenItem[]): void {
    if (rows.length === 0) return;
    const written = rows.map(({ scene_id, item }) => ({ sceneId: scene_id, item }));
    transaction(this.database, () => this.forget(written));
  }

  /** In one transaction. What the new scene itself knows of an item stays. */
  passOn(moves: readonly Move[]): void {
    if (moves.length === 0) return;
    const pass = this.database.prepare(
      "UPDATE OR IGNORE written SET scene_id = ? WHERE scene_id = ? AND target = ? AND item = ?",
    );
    transaction(this.database, () => {
      for (const { from, to, item } of moves) pass.run(to, from, this.target, item);
      this.#forgetUnwritten();
    });
  }

  /** Nothing is left there of what was written. For a caller that holds the transaction. */
  forget(written: readonly Pick<Memory, "sceneId" | "item">[]): void {
    if (written.length === 0) return;
    const forget = this.database.prepare(
      "DELETE FROM written WHERE scene_id = ? AND target = ? AND item = ?",
    );
    for (const { sceneId, item } of written) forget.run(sceneId, this.target, item);
    this.#forgetUnwritten();
  }

  /** Without those that are damaged. */
  #fromRows(rows: readonly Row[]): Memory[] {
    return rows.flatMap((row) => {
      const key = `${row.scene_id}\0${row.item}`;
      const known = this.#read.get(key);
      if (known?.json === row.fields) return fromRow(row, known.fields);
      if (this.#read.size >= MAX_READ) this.#read.clear();
      const fields = parsed(row);
      this.#read.set(key, { json: row.fields, fields });
      return fromRow(row, fields);
    });
  }

  /** A scene that is gone is known only for what was written for it. */
  #forgetUnwritten(): void {
    this.database.exec(
      `DELETE FROM scenes WHERE gone_at IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM written WHERE scene_id = scenes.scene_id)`,
    );
  }
}

function toJson({ match, fields, begun, covers }: Fields): string {
  return JSON.stringify({ match, fields, begun, covers });
}

/** None for a row that is damaged: what it says we wrote is not to be taken back. */
function fromRow({ scene_id, item, scene_hash, written_at }: Row, read: Fields | null): Memory[] {
  if (read === null) return [];
  return [{ sceneId: scene_id, item, ...read, sceneHash: scene_hash, writtenAt: written_at }];
}

function parsed({ fields }: Row): Fields | null {
  return readFields(parseJson(fields));
}

function readFields(value: unknown): Fields | null {
  if (!isRecord(value)) return null;
  const { match, fields, begun, covers } = value;
  const fits = isMatch(match) && isRecord(fields) && isRecord(begun) && isRecord(covers) &&
    Object.values(fields).every(isFieldMemory) && Object.values(begun).every(Array.isArray);
  return fits ? value as unknown as Fields : null;
}

function isMatch(value: unknown): boolean {
  if (value === null) return true;
  if (!isRecord(value) || !Array.isArray(value.files)) return false;
  const { evidence, confidence, stashPath, path, files } = value;
  return (EVIDENCE as readonly unknown[]).includes(evidence) &&
    (confidence === "high" || confidence === "low") &&
    typeof stashPath === "string" && typeof path === "string" && files.every(isRecord);
}

function isFieldMemory(value: unknown): boolean {
  return isRecord(value) && [value.sent, value.stood, value.ours].every(Array.isArray);
}
