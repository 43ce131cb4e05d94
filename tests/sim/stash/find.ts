/** Runs find queries: filter, sort, page, and reading by ids. */
import type { SQLInputValue } from "node:sqlite";
import { type Clause, combine, condition, parseId, words } from "./criteria.ts";
import type { Database, Row } from "./database.ts";
import { StashError } from "./entities.ts";

export interface FindFilter {
  q?: string | null;
  page?: number | null;
  per_page?: number | null;
  sort?: string | null;
  direction?: "ASC" | "DESC" | null;
}

/** One kind of thing that can be looked for. */
export interface Findable {
  table: string;
  /** What it is called in errors. */
  noun: string;
  /** SQL by name of sort. */
  sorts: Record<string, string>;
  /** Without it and without a `sort` the rows have no order. */
  defaultSort?: string;
  /** Last tie-break, ascending in any case. */
  tieBreak: string;
  /** Columns or subqueries that `q` is looked for in. */
  searched: string[];
}

const PRIMARY = "FROM files WHERE scene_id = scenes.id ORDER BY position LIMIT 1";
const many = (table: string, what = "count(*)") =>
  `(SELECT ${what} FROM ${table} WHERE scene_id = scenes.id)`;
const own = (table: string, ...columns: string[]) =>
  Object.fromEntries(columns.map((column) => [column, `${table}.${column}`]));

export const SCENES: Findable = {
  table: "scenes",
  noun: "scene",
  sorts: {
    ...own("scenes", "id", "code", "date", "organized", "created_at", "updated_at"),
    rating: "scenes.rating",
    title: `COALESCE(scenes.title, (SELECT basename ${PRIMARY})) COLLATE NOCASE`,
    path: `(SELECT path ${PRIMARY}) COLLATE NOCASE`,
    file_mod_time: `(SELECT mod_time ${PRIMARY})`,
    duration: many("files", "max(duration)"),
    filesize: many("files", "sum(size)"),
    file_count: many("files"),
    tag_count: many("scenes_tags"),
    performer_count: many("performers_scenes"),
  },
  tieBreak: "COALESCE(scenes.title, scenes.id)",
  searched: ["scenes.title", "scenes.details", `(SELECT path ${PRIMARY})`],
};

const entity = (table: string, noun: string): Findable => ({
  table,
  noun,
  sorts: {
    ...own(table, "id", "created_at", "updated_at"),
    name: `${table}.name COLLATE NOCASE`,
  },
  defaultSort: "name",
  tieBreak: `COALESCE(${table}.name, ${table}.id)`,
  searched: [`${table}.name`],
});

export const PERFORMERS = entity("performers", "performer");
export const STUDIOS = entity("studios", "studio");
export const TAGS = entity("tags", "tag");

const DEFAULT_PAGE_SIZE = 25;

/** The rows of one page; the totals over all pages are worked out only when asked for. */
export interface Found {
  rows: Row[];
  count(): number;
  /** Sum over the files of the scenes found. */
  sum(column: "duration" | "size"): number;
}

/** @throws {StashError} unknown sort */
export function find(db: Database, what: Findable, clause: Clause, filter: FindFilter): Found {
  const whole = combine("AND", [clause, search(what, filter.q ?? "")]);
  const from = `FROM ${what.table} ${whole.joins.join(" ")} WHERE ${whole.where}`;
  const select = `SELECT DISTINCT ${what.table}.id ${from}`;
  const perPage = filter.per_page ?? DEFAULT_PAGE_SIZE;
  const page = Math.max(1, filter.page ?? 1);
  const limit = perPage < 0 ? "" : ` LIMIT ${perPage} OFFSET ${(page - 1) * perPage}`;
  const ids = db.all(select + order(what, filter) + limit, ...whole.args);
  return {
    rows: ids.map(({ id }) => read(db, what, Number(id))).filter((row) => row !== undefined),
    count: () => Number(db.get(`SELECT count(*) AS n FROM (${select})`, ...whole.args)?.n),
    sum: (column) => sumOfFiles(db, column, select, whole.args),
  };
}

/**
 * Rows in the order asked for.
 * @param refuseTwice whether an id given twice is an error (since v0.30)
 * @throws {StashError} any id that is unknown: the query fails as a whole
 */
export function findByIds(
  db: Database,
  what: Findable,
  ids: (string | number)[],
  refuseTwice: boolean,
): Found {
  const seen = new Set<number>();
  const rows = ids.map((text) => {
    const id = parseId(String(text));
    if (refuseTwice && seen.has(id)) throw new StashError(`duplicate id: ${id}`);
    seen.add(id);
    const row = read(db, what, id);
    if (row === undefined) throw new StashError(`${what.noun} with id ${id} not found`);
    return row;
  });
  const select = "SELECT value FROM json_each(?)";
  return {
    rows,
    count: () => rows.length,
    sum: (column) => sumOfFiles(db, column, select, [JSON.stringify([...seen])]),
  };
}

function read(db: Database, what: Findable, id: number): Row | undefined {
  return db.get(`SELECT * FROM ${what.table} WHERE id = ?`, id);
}

function order(what: Findable, filter: FindFilter): string {
  const sort = filter.sort || what.defaultSort;
  if (sort === undefined) return "";
  const expression = Object.hasOwn(what.sorts, sort) ? what.sorts[sort] : undefined;
  if (expression === undefined) throw new StashError(`invalid sort: ${sort}`);
  return ` ORDER BY ${expression} ${filter.direction ?? "ASC"}, ${what.tieBreak} ASC`;
}

function search(what: Findable, q: string): Clause {
  if (q.trim() === "") return combine("AND", []);
  return combine(
    "AND",
    words(q).map((word) =>
      combine(
        "OR",
        what.searched.map((column) => condition(`${column} LIKE ?`, `%${word}%`)),
      )
    ),
  );
}

function sumOfFiles(
  db: Database,
  column: "duration" | "size",
  select: string,
  args: SQLInputValue[],
): number {
  const row = db.get(
    `SELECT sum(${column}) AS n FROM files WHERE scene_id IN (${select})`,
    ...args,
  );
  return Number(row?.n ?? 0);
}
