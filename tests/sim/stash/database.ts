/**
 * Tables of the simulated Stash. Real SQLite, because what clients trip over
 * is SQLite's own behaviour: text timestamps, LIKE, rows without an order.
 */
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

/** Values as they come out of a row. */
export type Row = Record<string, SQLInputValue>;

const ENTITY = "created_at TEXT NOT NULL, updated_at TEXT NOT NULL";

const TABLES = `
CREATE TABLE studios (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, parent_id INTEGER, details TEXT,
  favorite INTEGER NOT NULL DEFAULT 0, ${ENTITY});
CREATE TABLE performers (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, disambiguation TEXT, gender TEXT,
  details TEXT, favorite INTEGER NOT NULL DEFAULT 0, ${ENTITY});
CREATE TABLE tags (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, sort_name TEXT, description TEXT,
  favorite INTEGER NOT NULL DEFAULT 0, ${ENTITY});
CREATE TABLE "groups" (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, ${ENTITY});
CREATE TABLE scenes (
  id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, code TEXT, details TEXT, director TEXT,
  urls TEXT NOT NULL DEFAULT '[]', date TEXT, rating INTEGER, organized INTEGER NOT NULL DEFAULT 0,
  studio_id INTEGER, custom_fields TEXT NOT NULL DEFAULT '{}',
  cover TEXT NOT NULL DEFAULT 'none' CHECK (cover IN ('none', 'generated', 'stored')), ${ENTITY});
CREATE TABLE scene_covers (scene_id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE files (
  id INTEGER PRIMARY KEY AUTOINCREMENT, scene_id INTEGER NOT NULL, position INTEGER NOT NULL,
  path TEXT NOT NULL, basename TEXT NOT NULL, size INTEGER NOT NULL, duration REAL NOT NULL,
  mod_time TEXT NOT NULL, ${ENTITY});
CREATE TABLE performers_scenes (
  scene_id INTEGER NOT NULL, performer_id INTEGER NOT NULL,
  PRIMARY KEY (scene_id, performer_id)) WITHOUT ROWID;
CREATE TABLE scenes_tags (
  scene_id INTEGER NOT NULL, tag_id INTEGER NOT NULL, PRIMARY KEY (scene_id, tag_id)) WITHOUT ROWID;
CREATE TABLE groups_scenes (
  scene_id INTEGER NOT NULL, group_id INTEGER NOT NULL, scene_index INTEGER,
  PRIMARY KEY (scene_id, group_id)) WITHOUT ROWID;
CREATE TABLE scene_stash_ids (
  scene_id INTEGER NOT NULL, endpoint TEXT NOT NULL, stash_id TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE TABLE scene_markers (
  id INTEGER PRIMARY KEY AUTOINCREMENT, scene_id INTEGER NOT NULL, title TEXT NOT NULL,
  seconds REAL NOT NULL, end_seconds REAL, primary_tag_id INTEGER NOT NULL,
  tag_ids TEXT NOT NULL DEFAULT '[]', ${ENTITY});
CREATE INDEX files_scene ON files (scene_id, position);
CREATE INDEX files_path ON files (path);
CREATE INDEX scenes_studio ON scenes (studio_id);
CREATE INDEX performers_scenes_performer ON performers_scenes (performer_id);
CREATE INDEX scenes_tags_tag ON scenes_tags (tag_id);
CREATE INDEX stash_ids_scene ON scene_stash_ids (scene_id);
CREATE INDEX markers_scene ON scene_markers (scene_id);
`;

/** Prepared statements by their text, over one database in memory. */
export class Database {
  readonly #db = new DatabaseSync(":memory:");
  readonly #prepared = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

  constructor() {
    this.#db.exec(TABLES);
    this.#db.function("regexp", { deterministic: true }, matches);
  }

  all(sql: string, ...args: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...args) as Row[];
  }

  get(sql: string, ...args: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...args) as Row | undefined;
  }

  /** @returns id of the last row inserted on this connection */
  run(sql: string, ...args: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...args).lastInsertRowid);
  }

  /** All or nothing: what `work` throws rolls everything back and is thrown on. */
  transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (cause) {
      this.#db.exec("ROLLBACK");
      throw cause;
    }
  }

  /** Takes out every row, and the memory of the ids that were used. */
  empty(): void {
    const tables = this.all("SELECT name FROM sqlite_schema WHERE type = 'table'");
    for (const { name } of tables) this.#db.exec(`DELETE FROM "${name}"`);
  }

  close(): void {
    this.#prepared.clear();
    this.#db.close();
  }

  #statement(sql: string): ReturnType<DatabaseSync["prepare"]> {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}

const patterns = new Map<string, RegExp>();

/** SQL `text REGEXP pattern`, written in Go's syntax as far as the two agree. */
function matches(pattern: SQLInputValue, text: SQLInputValue): number {
  return typeof text === "string" && compileGoRegex(String(pattern)).test(text) ? 1 : 0;
}

/**
 * @throws {SyntaxError} the pattern is no regular expression
 */
export function compileGoRegex(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    const ignoreCase = pattern.startsWith("(?i)");
    compiled = new RegExp(ignoreCase ? pattern.slice(4) : pattern, ignoreCase ? "iu" : "u");
    patterns.set(pattern, compiled);
  }
  return compiled;
}
