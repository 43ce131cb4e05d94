/** Performers, studios, tags and groups: made by name, renamed by id. */
import type { SQLInputValue } from "node:sqlite";
import type { Database, Row } from "./database.ts";

export type EntityKind = "performer" | "studio" | "tag" | "group";

/** Table of each kind. `groups` is a word of SQL, hence the quotes. */
export const ENTITY_TABLE: Record<EntityKind, string> = {
  performer: "performers",
  studio: "studios",
  tag: "tags",
  group: '"groups"',
};

/** Columns beside the name that may be given or changed. */
export type EntityColumns = Record<string, SQLInputValue | undefined>;

/** A request that Stash refuses; its message is what the client sees. */
export class StashError extends Error {
  override name = "StashError";
}

export class Entities {
  readonly #db: Database;
  // A library of 100,000 scenes asks for about a million names.
  readonly #idByKey = new Map<string, number>();

  constructor(db: Database) {
    this.#db = db;
  }

  get(kind: EntityKind, id: number): Row | undefined {
    return this.#db.get(`SELECT * FROM ${ENTITY_TABLE[kind]} WHERE id = ?`, id);
  }

  /** @returns id of the entity of that name, or undefined */
  find(kind: EntityKind, name: string, disambiguation = ""): number | undefined {
    return this.#idByKey.get(keyOf(kind, name, disambiguation));
  }

  /**
   * The entity of that name, made when there is none. `columns` count only
   * when it is made.
   * @param at text timestamp for a new row
   */
  ensure(kind: EntityKind, name: string, at: string, columns: EntityColumns = {}): number {
    const key = keyOf(kind, name, String(columns.disambiguation ?? ""));
    const known = this.#idByKey.get(key);
    if (known !== undefined) return known;
    const all: EntityColumns = { name, ...columns, created_at: at, updated_at: at };
    const names = Object.keys(all);
    const id = this.#db.run(
      `INSERT INTO ${ENTITY_TABLE[kind]} (${names.join(", ")}) VALUES (${names.map(() => "?")})`,
      ...names.map((column) => all[column] ?? null),
    );
    this.#idByKey.set(key, id);
    return id;
  }

  /**
   * Changes one entity and its `updated_at`; scenes keep theirs.
   * @throws {StashError} unknown id, or a name another one has
   */
  update(kind: EntityKind, id: number, columns: EntityColumns, at: string): void {
    const old = this.get(kind, id);
    if (old === undefined) throw new StashError(`${kind} with id ${id} not found`);
    const now: EntityColumns = { ...old, ...columns, updated_at: at };
    const oldKey = keyOf(kind, String(old.name), String(old.disambiguation ?? ""));
    const key = keyOf(kind, String(now.name), String(now.disambiguation ?? ""));
    const holder = this.#idByKey.get(key);
    if (holder !== undefined && holder !== id) {
      throw new StashError(`${kind} with name '${now.name}' already exists`);
    }
    const names = [...Object.keys(columns), "updated_at"];
    this.#db.run(
      `UPDATE ${ENTITY_TABLE[kind]} SET ${names.map((n) => `${n} = ?`).join(", ")} WHERE id = ?`,
      ...names.map((n) => now[n] ?? null),
      id,
    );
    this.#idByKey.delete(oldKey);
    this.#idByKey.set(key, id);
  }

  /** Reads the names again, after a transaction that made some was rolled back. */
  reload(): void {
    this.#idByKey.clear();
    for (const kind of Object.keys(ENTITY_TABLE) as EntityKind[]) {
      for (const row of this.#db.all(`SELECT * FROM ${ENTITY_TABLE[kind]}`)) {
        const key = keyOf(kind, String(row.name), String(row.disambiguation ?? ""));
        this.#idByKey.set(key, Number(row.id));
      }
    }
  }
}

/** Performers may share a name when told apart by a disambiguation; the others may not, in any case. */
function keyOf(kind: EntityKind, name: string, disambiguation: string): string {
  return kind === "performer"
    ? `${kind}\n${name}\n${disambiguation}`
    : `${kind}\n${name.toLowerCase()}`;
}
