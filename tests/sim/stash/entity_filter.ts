/** Filters over performers, studios, tags, groups and files, alone or joined to scenes. */
import {
  type Clause,
  type Combinable,
  combine,
  textMatch,
  textOrder,
  type ValueCriterion,
  withSubFilters,
} from "./criteria.ts";

type Criterion = ValueCriterion<string>;

/** Members that these filter types have in common, by column name. */
export interface EntityFilter extends Combinable<EntityFilter> {
  name?: Criterion | null;
  disambiguation?: Criterion | null;
  sort_name?: Criterion | null;
  path?: Criterion | null;
  basename?: Criterion | null;
  mod_time?: Criterion | null;
  created_at?: Criterion | null;
  updated_at?: Criterion | null;
}

const MATCHED = ["name", "disambiguation", "sort_name", "path", "basename"] as const;
const ORDERED = ["mod_time", "created_at", "updated_at"] as const;

/**
 * @param table name or alias whose columns are meant
 * @param tomorrow text timestamp one day ahead
 */
export function entityClause(table: string, filter: EntityFilter, tomorrow: string): Clause {
  const parts: Clause[] = [];
  for (const key of MATCHED) {
    const criterion = filter[key];
    if (criterion != null) parts.push(textMatch(`${table}.${key}`, criterion));
  }
  for (const key of ORDERED) {
    const criterion = filter[key];
    if (criterion != null) parts.push(textOrder(`${table}.${key}`, criterion, tomorrow));
  }
  return withSubFilters(
    filter,
    combine("AND", parts),
    (sub) => entityClause(table, sub, tomorrow),
  );
}
