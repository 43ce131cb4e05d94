import type { ErrorType } from "../../core/failures/error_types.ts";
import type { SqlValue } from "../database/database.ts";

/** Which dead letters are meant: those that fit all that is given; {} is all of them. */
export interface DeadFilter {
  ids?: readonly number[];
  types?: readonly ErrorType[] | undefined;
  sceneIds?: readonly string[] | undefined;
  targets?: readonly string[] | undefined;
  /** What made their jobs: see `runs.ts`. */
  runs?: readonly number[] | undefined;
  /** Failed at or after, epoch ms. */
  sinceAt?: number | undefined;
  /** Failed before, epoch ms. */
  beforeAt?: number | undefined;
  /** Stands somewhere in message or path; letter case of ASCII does not matter. */
  text?: string | undefined;
  /** What stands behind this one, where the newest is first. */
  behind?: { failedAt: number; id: number } | undefined;
  /** Highest id: ids only rise, so what fails later than a look at them is not meant. */
  upToId?: number;
}

/** The filter as the condition of a WHERE, and what it binds. */
export function deadCondition(filter: DeadFilter): { sql: string; values: SqlValue[] } {
  const terms: string[] = [];
  const values: SqlValue[] = [];
  const add = (term: string, ...bound: SqlValue[]) => {
    terms.push(term);
    values.push(...bound);
  };
  // Lists travel as one value: the number of bound values has a limit, that of ids has none.
  const within = (column: string, list: readonly (string | number)[] | undefined) => {
    if (list === undefined) return;
    const [only] = list;
    // Of one type an index gives the newest first; of a list all would be sorted.
    if (list.length === 1) add(`${column} = ?`, only!);
    else add(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(list));
  };
  within("id", filter.ids);
  within("error_type", filter.types);
  within("scene_id", filter.sceneIds);
  within("target", filter.targets);
  within("run_id", filter.runs);
  if (filter.sinceAt !== undefined) add("failed_at >= ?", filter.sinceAt);
  if (filter.beforeAt !== undefined) add("failed_at < ?", filter.beforeAt);
  if (filter.text !== undefined) {
    const pattern = `%${filter.text.replace(/[\\%_]/g, "\\$&")}%`;
    add("(error_message LIKE ? ESCAPE '\\' OR path LIKE ? ESCAPE '\\')", pattern, pattern);
  }
  if (filter.behind !== undefined) {
    add("(failed_at, id) < (?, ?)", filter.behind.failedAt, filter.behind.id);
  }
  if (filter.upToId !== undefined) add("id <= ?", filter.upToId);
  return { sql: terms.length === 0 ? "1" : terms.join(" AND "), values };
}
