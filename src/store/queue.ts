import type { Job, JobState } from "../core/jobs/job.ts";
import type { Database, SqlValue } from "./database.ts";

/** Which jobs are meant: those that fit all that is given. */
export interface QueueFilter {
  states?: readonly JobState[] | undefined;
  sceneIds?: readonly string[] | undefined;
  targets?: readonly string[] | undefined;
  /** What stands behind this one, in the order of the claim; only for jobs of one state. */
  behind?: Pick<Job, "priority" | "enqueued_at" | "id"> | undefined;
  /** Highest id: ids only rise, so what is queued later than a look at them is not meant. */
  upToId?: number;
}

/** The queue as a person looks at it and clears it. */
export class Queue {
  constructor(private readonly database: Database) {}

  /** What runs first, then in the order of the claim. */
  list(limit: number, filter: QueueFilter = {}): Job[] {
    const { sql, values } = condition(filter);
    // Of one state and one target the index has this very order.
    const first = filter.states?.length === 1
      ? ""
      : "CASE state WHEN 'running' THEN 0 WHEN 'ready' THEN 1 ELSE 2 END,";
    return this.database.prepare(
      `SELECT * FROM jobs WHERE ${sql} ORDER BY ${first} priority DESC, enqueued_at, id LIMIT ?`,
    ).all<Job>(...values, limit);
  }

  /** How many fit, and the highest id among them (0 for none): the bound of what was counted. */
  extent(filter: QueueFilter): { count: number; maxId: number } {
    const { sql, values } = condition(filter);
    return this.database.prepare(
      `SELECT count(*) AS count, coalesce(max(id), 0) AS maxId FROM jobs WHERE ${sql}`,
    ).get<{ count: number; maxId: number }>(...values)!;
  }

  /**
   * Removes all that fit.
   * @returns how many there were
   */
  clear(filter: QueueFilter): number {
    const { sql, values } = condition(filter);
    return this.database.prepare(`DELETE FROM jobs WHERE ${sql}`).run(...values);
  }

  /**
   * Jobs that wait for Plex, those that are looked at soonest first.
   * @param behind The last of the page before
   */
  waiting(limit: number, behind: Pick<Job, "next_retry_at" | "id"> | null = null): Job[] {
    return this.database.prepare(
      `SELECT * FROM jobs WHERE state = 'waiting' AND (next_retry_at, id) > (?, ?)
       ORDER BY next_retry_at, id LIMIT ?`,
    ).all<Job>(behind?.next_retry_at ?? 0, behind?.id ?? 0, limit);
  }
}

function condition({ states, sceneIds, targets, behind, upToId }: QueueFilter): {
  sql: string;
  values: SqlValue[];
} {
  const terms: string[] = [];
  const values: SqlValue[] = [];
  const within = (column: string, list: readonly string[] | undefined) => {
    if (list === undefined) return;
    const [only] = list;
    if (list.length === 1) terms.push(`${column} = ?`);
    else terms.push(`${column} IN (SELECT value FROM json_each(?))`);
    values.push(list.length === 1 ? only! : JSON.stringify(list));
  };
  within("state", states);
  within("scene_id", sceneIds);
  within("target", targets);
  if (behind !== undefined) {
    terms.push("(-priority, enqueued_at, id) > (?, ?, ?)");
    values.push(-behind.priority, behind.enqueued_at, behind.id);
  }
  if (upToId !== undefined) {
    terms.push("id <= ?");
    values.push(upToId);
  }
  return { sql: terms.length === 0 ? "1" : terms.join(" AND "), values };
}
