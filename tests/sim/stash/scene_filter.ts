/** SceneFilterType as SQL over the table `scenes`. */
import {
  type Clause,
  type Combinable,
  combine,
  condition,
  type MultiCriterion,
  numberOrder,
  parseId,
  related,
  textMatch,
  textOrder,
  unsupported,
  type ValueCriterion,
  withSubFilters,
} from "./criteria.ts";
import type { Database } from "./database.ts";
import { StashError } from "./entities.ts";
import { entityClause, type EntityFilter } from "./entity_filter.ts";

type Text = ValueCriterion<string> | null;
type Whole = ValueCriterion<number> | null;

export interface SceneFilter extends Combinable<SceneFilter> {
  id?: Whole;
  title?: Text;
  code?: Text;
  details?: Text;
  director?: Text;
  path?: Text;
  file_count?: Whole;
  rating100?: Whole;
  organized?: boolean | null;
  is_missing?: string | null;
  studios?: (MultiCriterion & { depth?: number | null }) | null;
  tags?: MultiCriterion | null;
  tag_count?: Whole;
  performers?: MultiCriterion | null;
  performer_count?: Whole;
  stash_id_endpoint?:
    | { endpoint?: string | null; stash_id?: string | null; modifier: string }
    | null;
  date?: Text;
  created_at?: Text;
  updated_at?: Text;
  performers_filter?: EntityFilter | null;
  studios_filter?: EntityFilter | null;
  tags_filter?: EntityFilter | null;
  groups_filter?: EntityFilter | null;
  files_filter?: EntityFilter | null;
}

const TEXTS = ["title", "code", "details", "director"] as const;
const COUNTS = {
  file_count: "files",
  tag_count: "scenes_tags",
  performer_count: "performers_scenes",
} as const;

/** Related filters are inner joins in Stash, so several or OR-ed ones narrow each other (3.4). */
const RELATED = {
  performers_filter: {
    table: "performers",
    joins: [
      "JOIN performers_scenes ON performers_scenes.scene_id = scenes.id",
      "JOIN performers ON performers.id = performers_scenes.performer_id",
    ],
  },
  studios_filter: { table: "studios", joins: ["JOIN studios ON studios.id = scenes.studio_id"] },
  tags_filter: {
    table: "tags",
    joins: [
      "JOIN scenes_tags ON scenes_tags.scene_id = scenes.id",
      "JOIN tags ON tags.id = scenes_tags.tag_id",
    ],
  },
  groups_filter: {
    table: '"groups"',
    joins: [
      "JOIN groups_scenes ON groups_scenes.scene_id = scenes.id",
      'JOIN "groups" ON "groups".id = groups_scenes.group_id',
    ],
  },
  files_filter: { table: "files", joins: ["JOIN files ON files.scene_id = scenes.id"] },
} as const;

const MISSING: Record<string, string> = {
  cover: "scenes.cover = 'none'",
  studio: "scenes.studio_id IS NULL",
  performers: "NOT EXISTS (SELECT 1 FROM performers_scenes WHERE scene_id = scenes.id)",
  tags: "NOT EXISTS (SELECT 1 FROM scenes_tags WHERE scene_id = scenes.id)",
  stash_id: "NOT EXISTS (SELECT 1 FROM scene_stash_ids WHERE scene_id = scenes.id)",
  group: "NOT EXISTS (SELECT 1 FROM groups_scenes WHERE scene_id = scenes.id)",
  url: "scenes.urls = '[]'",
  phash: "NOT EXISTS (SELECT 1 FROM files WHERE scene_id = scenes.id)",
  ...Object.fromEntries(
    ["title", "code", "details", "director", "date"].map((column) => [
      column,
      `(scenes.${column} IS NULL OR TRIM(scenes.${column}) = '')`,
    ]),
  ),
};

/**
 * @param tomorrow text timestamp one day ahead
 * @throws {StashError} a criterion that Stash refuses
 */
export function sceneClause(db: Database, filter: SceneFilter, tomorrow: string): Clause {
  const parts: Clause[] = [];
  if (filter.id != null) parts.push(numberOrder("scenes.id", filter.id));
  if (filter.rating100 != null) parts.push(numberOrder("scenes.rating", filter.rating100));
  if (filter.organized != null) {
    parts.push(condition("scenes.organized = ?", filter.organized ? 1 : 0));
  }
  for (const key of TEXTS) {
    const criterion = filter[key];
    if (criterion != null) parts.push(textMatch(`scenes.${key}`, criterion));
  }
  for (const key of ["date", "created_at", "updated_at"] as const) {
    const criterion = filter[key];
    if (criterion != null) parts.push(textOrder(`scenes.${key}`, criterion, tomorrow));
  }
  for (const [key, table] of Object.entries(COUNTS) as [keyof typeof COUNTS, string][]) {
    const count = `(SELECT count(*) FROM ${table} WHERE scene_id = scenes.id)`;
    const criterion = filter[key];
    if (criterion != null) parts.push(numberOrder(count, criterion));
  }
  if (filter.path != null) parts.push(anyFile(filter.path));
  if (filter.is_missing != null) parts.push(missing(filter.is_missing));
  if (filter.tags != null) parts.push(related("scenes_tags", "tag_id", filter.tags));
  if (filter.performers != null) {
    parts.push(related("performers_scenes", "performer_id", filter.performers));
  }
  if (filter.studios != null) parts.push(ofStudios(db, filter.studios));
  if (filter.stash_id_endpoint != null) parts.push(stashId(filter.stash_id_endpoint));
  for (const [key, { table, joins }] of Object.entries(RELATED)) {
    const sub = filter[key as keyof typeof RELATED];
    if (sub != null) parts.push({ ...entityClause(table, sub, tomorrow), joins: [...joins] });
  }
  return withSubFilters(filter, combine("AND", parts), (sub) => sceneClause(db, sub, tomorrow));
}

/** Any file counts, not only the primary one; a scene without files has no path. */
function anyFile(criterion: ValueCriterion<string>): Clause {
  if (criterion.modifier === "IS_NULL") {
    return condition("NOT EXISTS (SELECT 1 FROM files WHERE scene_id = scenes.id)");
  }
  const { where, args } = textMatch("files.path", criterion);
  return condition(
    `EXISTS (SELECT 1 FROM files WHERE scene_id = scenes.id AND (${where}))`,
    ...args,
  );
}

function missing(what: string): Clause {
  const where = MISSING[what];
  if (where === undefined) throw new StashError(`no such column: scenes.${what}`);
  return condition(where);
}

function ofStudios(db: Database, criterion: MultiCriterion & { depth?: number | null }): Clause {
  if (criterion.modifier === "IS_NULL") return condition("scenes.studio_id IS NULL");
  if (criterion.modifier === "NOT_NULL") return condition("scenes.studio_id IS NOT NULL");
  const depth = criterion.depth ?? 0;
  const family = (ids: string[]) => JSON.stringify(withChildren(db, ids.map(parseId), depth));
  const among = "scenes.studio_id IN (SELECT value FROM json_each(?))";
  const not = `(scenes.studio_id IS NULL OR NOT ${among})`;
  const parts: Clause[] = [];
  if (criterion.excludes?.length) parts.push(condition(not, family(criterion.excludes)));
  if (criterion.value?.length) {
    const ids = family(criterion.value);
    if (criterion.modifier === "EXCLUDES") parts.push(condition(not, ids));
    else if (["INCLUDES", "INCLUDES_ALL", "EQUALS"].includes(criterion.modifier)) {
      parts.push(condition(among, ids));
    } else throw unsupported(criterion.modifier);
  }
  return combine("AND", parts);
}

/** @param depth levels of child studios to add; -1 for all */
function withChildren(db: Database, ids: number[], depth: number): number[] {
  const all = new Set(ids);
  let level = ids;
  for (let left = depth; left !== 0 && level.length > 0; left--) {
    level = level.flatMap((id) =>
      db.all("SELECT id FROM studios WHERE parent_id = ?", id).map((row) => Number(row.id))
    ).filter((id) => !all.has(id));
    for (const id of level) all.add(id);
  }
  return [...all];
}

function stashId(criterion: NonNullable<SceneFilter["stash_id_endpoint"]>): Clause {
  const { endpoint, stash_id, modifier } = criterion;
  const base = "SELECT 1 FROM scene_stash_ids WHERE scene_id = scenes.id";
  const where = endpoint ? `${base} AND endpoint = ?` : base;
  const args = endpoint ? [endpoint] : [];
  switch (modifier) {
    case "IS_NULL":
      return condition(`NOT EXISTS (${where})`, ...args);
    case "NOT_NULL":
      return condition(`EXISTS (${where})`, ...args);
    case "EQUALS":
      return condition(`EXISTS (${where} AND stash_id = ?)`, ...args, stash_id ?? "");
    case "NOT_EQUALS":
      return condition(`NOT EXISTS (${where} AND stash_id = ?)`, ...args, stash_id ?? "");
    default:
      throw unsupported(modifier);
  }
}
