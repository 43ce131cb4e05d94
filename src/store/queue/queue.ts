import { type Job, type JobState, PRIORITY } from "../../core/jobs/job.ts";
import type { Database, SqlValue } from "../database/database.ts";
import type { UndoResult } from "../journal/undo_requests.ts";

/** Which jobs are meant: those that fit all that is given. */
export interface QueueFilter {
  states?: readonly JobState[] | undefined;
  sceneIds?: readonly string[] | undefined;
  targets?: readonly string[] | undefined;
  /** What stands behind this one, in the order of the claim; only for jobs of one state, and for `list`. */
  behind?: Pick<Job, "priority" | "enqueued_at" | "id"> | undefined;
  /** For `clear`: highest id. Ids only rise, so what is queued later than a look at them is not meant. */
  upToId?: number;
}

/** What came of an undo whose job was removed. */
const WITHDRAWN = "withdrawn: its job was removed from the queue";

/** What runs first. */
const IN_ORDER = ["running", "ready", "waiting"] as const satisfies readonly JobState[];

/** Where a page goes on. */
type Behind = NonNullable<QueueFilter["behind"]>;

/** The queue as a person looks at it and clears it. */
export class Queue {
  constructor(private readonly database: Database) {}

  /** What runs first, then in the order of the claim. */
  list(limit: number, filter: QueueFilter = {}): Job[] {
    if (filter.sceneIds !== undefined) return this.#ofScenes(limit, filter);
    const jobs: Job[] = [];
    for (const state of IN_ORDER) {
      if (filter.states?.includes(state) === false) continue;
      const left = limit - jobs.length;
      const found = (filter.targets ?? this.#targetsWith(state))
        .flatMap((target) => this.#page(state, target, left, filter.behind));
      jobs.push(...found.sort(byClaim).slice(0, left));
    }
    return jobs;
  }

  /** Of scenes that are named there are few. */
  #ofScenes(limit: number, filter: QueueFilter): Job[] {
    const { sql, values } = condition(filter);
    const jobs = this.database.prepare(`SELECT * FROM jobs WHERE ${sql}`).all<Job>(...values);
    const rank = ({ state }: Job) => IN_ORDER.indexOf(state);
    return jobs.sort((a, b) => rank(a) - rank(b) || byClaim(a, b)).slice(0, limit);
  }

  /** Of one state and one target, which is the order of the index: nothing is sorted. */
  #page(state: JobState, target: string, limit: number, behind: Behind | undefined): Job[] {
    const read = (more: string, ...values: SqlValue[]) =>
      this.database.prepare(
        `SELECT * FROM jobs WHERE state = ? AND target = ? ${more}
         ORDER BY priority DESC, enqueued_at, id LIMIT ?`,
      ).all<Job>(state, target, ...values);
    if (behind === undefined) return read("", limit);
    const { priority, enqueued_at, id } = behind;
    const like = read(
      "AND priority = ? AND (enqueued_at, id) > (?, ?)",
      priority,
      enqueued_at,
      id,
      limit,
    );
    return [...like, ...read("AND priority < ?", priority, limit - like.length)];
  }

  #targetsWith(state: JobState): string[] {
    return this.database.prepare("SELECT target FROM row_counts WHERE kind = ? AND count > 0")
      .all<{ target: string }>(state).map(({ target }) => target);
  }

  /**
   * Number by state of jobs that were retried: those of a run, and those that were queued with it
   * and that another change took over since.
   * @param since When the run began, epoch ms
   */
  retried(run: number, since: number): Partial<Record<JobState, number>> {
    const count = this.database.prepare(
      `SELECT count(*) AS n FROM jobs WHERE state = ? AND target = ? AND priority >= ?
         AND (run_id = ? OR (reason = 'retry' AND enqueued_at >= ?))`,
    );
    const of = (state: JobState) =>
      this.#targetsWith(state).reduce(
        (sum, target) =>
          sum + count.get<{ n: number }>(state, target, PRIORITY.retry, run, since)!.n,
        0,
      );
    return Object.fromEntries(IN_ORDER.map((state) => [state, of(state)]));
  }

  /** How many fit, and the highest id of all jobs (0 for none): the bound of what was counted. */
  extent(filter: QueueFilter): { count: number; maxId: number } {
    const maxId = "(SELECT coalesce(max(id), 0) FROM jobs) AS maxId";
    const { states = IN_ORDER, sceneIds, targets } = filter;
    if (sceneIds !== undefined) {
      const { sql, values } = condition(filter);
      return this.database.prepare(`SELECT count(*) AS count, ${maxId} FROM jobs WHERE ${sql}`)
        .get<{ count: number; maxId: number }>(...values)!;
    }
    return this.database.prepare(
      `SELECT coalesce(sum(count), 0) AS count, ${maxId} FROM row_counts
       WHERE kind IN (SELECT value FROM json_each(?1))
         AND (?2 IS NULL OR target IN (SELECT value FROM json_each(?2)))`,
    ).get<{ count: number; maxId: number }>(
      JSON.stringify(states),
      targets === undefined ? null : JSON.stringify(targets),
    )!;
  }

  /**
   * Ends the undos that wait with the jobs that fit: without its job an undo would be carried out
   * all the same. For a caller that holds the transaction, before it clears them.
   * @param now Epoch ms
   * @returns how many there were
   */
  withdrawUndos(filter: QueueFilter, now: number): number {
    const { sql, values } = condition(filter);
    const result: UndoResult = { restored: [], locks: [], left: [], error: WITHDRAWN };
    return this.database.prepare(
      `UPDATE undo_requests AS u SET ended_at = ?, result = ? WHERE ended_at IS NULL AND EXISTS (
         SELECT 1 FROM jobs
         WHERE jobs.scene_id = u.scene_id AND jobs.target = u.target AND ${sql})`,
    ).run(now, JSON.stringify(result), ...values);
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
    const page = this.database.prepare(
      `SELECT * FROM jobs WHERE state = 'waiting' AND target = ? AND (next_retry_at, id) > (?, ?)
       ORDER BY next_retry_at, id LIMIT ?`,
    );
    return this.#targetsWith("waiting")
      .flatMap((target) =>
        page.all<Job>(target, behind?.next_retry_at ?? 0, behind?.id ?? 0, limit)
      )
      .sort((a, b) => a.next_retry_at - b.next_retry_at || a.id - b.id)
      .slice(0, limit);
  }
}

function byClaim(a: Job, b: Job): number {
  return b.priority - a.priority || a.enqueued_at - b.enqueued_at || a.id - b.id;
}

function condition({ states, sceneIds, targets, upToId }: QueueFilter): {
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
  if (upToId !== undefined) {
    terms.push("id <= ?");
    values.push(upToId);
  }
  return { sql: terms.length === 0 ? "1" : terms.join(" AND "), values };
}
