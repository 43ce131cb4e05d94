/** Criterion inputs of Stash's filters as SQL. */
import type { SQLInputValue } from "node:sqlite";
import { compileGoRegex } from "./database.ts";
import { StashError } from "./entities.ts";

/** A condition, the inner joins it brings in, and the values it binds. */
export interface Clause {
  joins: string[];
  where: string;
  args: SQLInputValue[];
}

export interface ValueCriterion<T> {
  value: T;
  value2?: T | null;
  modifier: string;
}
export interface MultiCriterion {
  value?: string[] | null;
  excludes?: string[] | null;
  modifier: string;
}

export const EVERYTHING: Clause = { joins: [], where: "1", args: [] };

export function condition(where: string, ...args: SQLInputValue[]): Clause {
  return { joins: [], where, args };
}

/** Joins of every part apply to the whole, whatever the operator: so it is in Stash. */
export function combine(operator: "AND" | "OR" | "AND NOT", parts: Clause[]): Clause {
  if (parts.length === 0) return EVERYTHING;
  return {
    joins: [...new Set(parts.flatMap((part) => part.joins))],
    where: parts.map((part) => `(${part.where})`).join(` ${operator} `),
    args: parts.flatMap((part) => part.args),
  };
}

/** A sub-filter with members AND, OR and NOT. */
export interface Combinable<T> {
  AND?: T | null;
  OR?: T | null;
  NOT?: T | null;
}

/** @throws {StashError} more than one of AND, OR and NOT on one level */
export function withSubFilters<T extends Combinable<T>>(
  filter: T,
  own: Clause,
  build: (sub: T) => Clause,
): Clause {
  const { AND, OR, NOT } = filter;
  if ([AND, OR, NOT].filter((sub) => sub != null).length > 1) {
    throw new StashError("cannot specify more than one of AND, OR and NOT in a filter");
  }
  if (AND != null) return combine("AND", [own, build(AND)]);
  if (OR != null) return combine("OR", [own, build(OR)]);
  if (NOT != null) return combine("AND NOT", [own, build(NOT)]);
  return own;
}

/**
 * Compares text, as Stash does: a value in another zone is silently wrong.
 * @param tomorrow upper bound of BETWEEN when `value2` is missing: now + 1 day
 */
export function textOrder(
  column: string,
  criterion: ValueCriterion<string>,
  tomorrow: string,
): Clause {
  return ordered(column, criterion.modifier, criterion.value, criterion.value2 ?? tomorrow);
}

export function numberOrder(column: string, criterion: ValueCriterion<number>): Clause {
  return ordered(column, criterion.modifier, criterion.value, criterion.value2 ?? 0);
}

function ordered(
  column: string,
  modifier: string,
  low: SQLInputValue,
  high: SQLInputValue,
): Clause {
  switch (modifier) {
    case "EQUALS":
      return condition(`${column} = ?`, low);
    case "NOT_EQUALS":
      return condition(`${column} != ?`, low);
    case "GREATER_THAN":
      return condition(`${column} > ?`, low);
    case "LESS_THAN":
      return condition(`${column} < ?`, low);
    case "BETWEEN":
      return condition(`${column} BETWEEN ? AND ?`, low, high);
    case "NOT_BETWEEN":
      return condition(`${column} NOT BETWEEN ? AND ?`, low, high);
    case "IS_NULL":
      return condition(`(${column} IS NULL OR ${column} = '')`);
    case "NOT_NULL":
      return condition(`(${column} IS NOT NULL AND ${column} != '')`);
    default:
      throw unsupported(modifier);
  }
}

/** EQUALS and INCLUDES are LIKE: `%` and `_` are wild and ASCII case is ignored. */
export function textMatch(column: string, criterion: ValueCriterion<string>): Clause {
  const { modifier, value } = criterion;
  switch (modifier) {
    case "EQUALS":
      return condition(`${column} LIKE ?`, value);
    case "NOT_EQUALS":
      return condition(`${column} NOT LIKE ?`, value);
    case "INCLUDES":
      return combine("OR", words(value).map((word) => condition(`${column} LIKE ?`, `%${word}%`)));
    case "EXCLUDES":
      return combine(
        "AND",
        words(value).map((word) => condition(`${column} NOT LIKE ?`, `%${word}%`)),
      );
    case "MATCHES_REGEX":
    case "NOT_MATCHES_REGEX":
      try {
        compileGoRegex(value);
      } catch (cause) {
        throw new StashError(`error parsing regexp: ${(cause as Error).message}`);
      }
      return condition(
        `(${column} IS NOT NULL AND ${
          modifier === "MATCHES_REGEX" ? "" : "NOT "
        }${column} REGEXP ?)`,
        value,
      );
    case "IS_NULL":
      return condition(`(${column} IS NULL OR TRIM(${column}) = '')`);
    case "NOT_NULL":
      return condition(`(${column} IS NOT NULL AND TRIM(${column}) != '')`);
    default:
      throw unsupported(modifier);
  }
}

/** Splits on spaces unless the whole is quoted. */
export function words(value: string): string[] {
  const trimmed = value.trim();
  const bare = trimmed.replace(/^"+|"+$/g, "");
  return bare === trimmed ? trimmed.split(/\s+/) : [bare];
}

/** Which rows of a relation table count: `SELECT 1 FROM table WHERE scene_id = scenes.id`. */
export function related(table: string, column: string, criterion: MultiCriterion): Clause {
  const base = `SELECT 1 FROM ${table} WHERE scene_id = scenes.id`;
  if (criterion.modifier === "IS_NULL") return condition(`NOT EXISTS (${base})`);
  if (criterion.modifier === "NOT_NULL") return condition(`EXISTS (${base})`);
  const has = (id: number) => condition(`EXISTS (${base} AND ${column} = ?)`, id);
  const hasNot = (id: number) => condition(`NOT EXISTS (${base} AND ${column} = ?)`, id);
  const wanted = (criterion.value ?? []).map(parseId);
  const parts = (criterion.excludes ?? []).map((id) => hasNot(parseId(id)));
  switch (criterion.modifier) {
    case "INCLUDES":
      if (wanted.length > 0) parts.push(combine("OR", wanted.map(has)));
      break;
    case "INCLUDES_ALL":
      parts.push(...wanted.map(has));
      break;
    case "EXCLUDES":
      parts.push(...wanted.map(hasNot));
      break;
    case "EQUALS":
      parts.push(...wanted.map(has));
      parts.push(condition(`(${base.replace("1", "count(*)")}) = ?`, wanted.length));
      break;
    default:
      throw unsupported(criterion.modifier);
  }
  return combine("AND", parts);
}

/** @throws {StashError} not a number, in Go's words */
export function parseId(text: string): number {
  if (!/^-?\d+$/.test(text)) {
    throw new StashError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

export function unsupported(modifier: string): StashError {
  return new StashError(`unsupported modifier: ${modifier}`);
}
