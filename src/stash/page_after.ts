import { PlexsyncError } from "../core/failures/errors.ts";
import { text } from "../core/text/json.ts";
import { findScenes, findSpared } from "./find_scenes.ts";
import type { StashHttp, StashRequest } from "./http.ts";
import { inOrder, isId, type Row } from "./id_walk.ts";
import { type Fields, fields } from "./read_scene.ts";
import { isNameless, type ListSource } from "./spared_page.ts";

/** So many pages of scenes that nobody can place are passed over. */
const MAX_PASSED = 3;
/** So many of the last scenes show where the end is. */
const LOOKED_AT = 10;

/** A list of scenes that is read page by page, in the order of their ids. */
export interface Paged<R extends Row> {
  source: ListSource;
  request: StashRequest;
  filter: Fields;
  wanted: string;
  /** null for what is none. */
  read(row: unknown): R | null;
  /** Told when a row was met of which nothing is known. */
  metNameless?(): void;
}

/**
 * A page of rows that stand in their place. One row more than wanted is asked for, since what
 * follows on a row shows that its id is its own; where none follows, Stash is asked whether it
 * knows the id. By a foreign one the walk would pass over all that is less.
 * @throws {PlexsyncError} StashUnavailable when page after page holds nothing that can be placed, or
 * an empty one is not the end: such a walk must not end as if it had seen all
 */
export async function pageAfter<R extends Row>(
  paged: Paged<R>,
  after: number,
  pageSize: number,
): Promise<R[]> {
  const { source, request, filter, wanted, read } = paged;
  for (let page = 1; page <= MAX_PASSED; page++) {
    const scenes = await findSpared(source, request, {
      page,
      size: pageSize + 1,
      order: { sort: "id", direction: "ASC" },
      scenes: { id: { value: after, modifier: "GREATER_THAN" }, ...filter },
    }, wanted);
    const named = scenes.filter((row) => !isNameless(row)).map((row) => read(row) ?? NO_ROW);
    if (named.length < scenes.length) paged.metNameless?.();
    const { ordered, odd: strange } = inOrder(named, after);
    source.odd.add("scene", strange);
    const placed = ordered.filter((row): row is R => row !== NO_ROW);
    if (scenes.length > pageSize && placed.length > 1) return placed.slice(0, -1);
    const known = await knownOf(paged, placed);
    if (known.length > 0) return known;
    if (scenes.length === 0 ? await isEnd(paged, after) : scenes.length <= pageSize) return [];
  }
  throw new PlexsyncError(
    "StashUnavailable",
    `Cannot ${request.action}: nothing of what Stash lists comes after scene ${after}`,
  );
}

/** Stands for a row that is none: no id, no place. */
const NO_ROW: Row = { id: "" };

/** Whether nothing comes after a scene: an answer can be empty for other reasons. A count can lie. */
async function isEnd(
  { source, request, filter }: Pick<Paged<Row>, "source" | "request" | "filter">,
  after: number,
): Promise<boolean> {
  const { http } = source;
  const last = async (scenes: Fields) => {
    const place = { page: 1, size: LOOKED_AT, order: { sort: "id", direction: "DESC" }, scenes };
    const found = await findSpared(source, request, place, "id");
    return found.map((scene) => ({ id: text(fields(scene)?.id) }))
      .filter(({ id }) => isId(id));
  };
  const found = await last(filter);
  if (found.length > 0) {
    const later = found.filter(({ id }) => Number(id) > after);
    return (await unknownAmong(http, later, request)).size === later.length;
  }
  if (Object.keys(filter).length > 0 && (await last({})).length > 0) return true;
  const { count } = await findScenes(http, request, { filter: { per_page: 0 } }, { counted: true });
  return count === 0;
}

/** The rows without those whose ids Stash does not know: all of them are, if the last one is. */
async function knownOf<R extends Row>(
  { source: { http, odd }, request }: Pick<Paged<R>, "source" | "request">,
  rows: R[],
): Promise<R[]> {
  if ((await unknownAmong(http, rows.slice(-1), request)).size === 0) return rows;
  const unknown = await unknownAmong(http, rows, request);
  odd.addUnknown([...unknown]);
  return rows.filter(({ id }) => !unknown.has(id));
}

async function unknownAmong(
  http: StashHttp,
  rows: readonly Row[],
  { action, signal }: StashRequest,
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const ids = rows.map(({ id }) => id);
  const parameters = ids.map((_, at) => `$i${at}: ID!`).join(", ");
  const aliases = ids.map((_, at) => `s${at}: findScene(id: $i${at}) { id }`).join("\n");
  const { data, errors } = await http.query(
    { action, signal },
    `query (${parameters}) {\n${aliases}\n}`,
    Object.fromEntries(ids.map((id, at) => [`i${at}`, id])),
  );
  // Beside an error null says nothing.
  return new Set(errors.length > 0 ? [] : ids.filter((_, at) => data[`s${at}`] === null));
}
