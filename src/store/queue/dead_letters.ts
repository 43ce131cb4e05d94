import type { DeadLetter } from "../../core/jobs/job.ts";
import { type Database, transaction } from "../database/database.ts";
import { deadCondition, type DeadFilter } from "./dead_filter.ts";
import type { Jobs } from "./jobs.ts";

/** Jobs that were given up, one per scene and target: a newer failure replaces the older one. */
export class DeadLetters {
  constructor(private readonly database: Database, private readonly jobs: Jobs) {}

  count(filter: DeadFilter = {}): number {
    return this.extent(filter).count;
  }

  /** How many fit, and the highest id among them (0 for none): the bound of what was counted. */
  extent(filter: DeadFilter): { count: number; maxId: number } {
    const { sql, values } = deadCondition(filter);
    return this.database.prepare(
      `SELECT count(*) AS count, coalesce(max(id), 0) AS maxId FROM dead_letters WHERE ${sql}`,
    ).get<{ count: number; maxId: number }>(...values)!;
  }

  /** Number by type, the most frequent first. */
  byType(): Record<string, number> {
    const rows = this.database.prepare(
      `SELECT error_type, count(*) AS n FROM dead_letters
       GROUP BY error_type ORDER BY n DESC, error_type`,
    ).all<{ error_type: string; n: number }>();
    return Object.fromEntries(rows.map((row) => [row.error_type, row.n]));
  }

  /** Newest first. */
  recent(limit: number, filter: DeadFilter = {}): DeadLetter[] {
    const { sql, values } = deadCondition(filter);
    return this.database.prepare(
      `SELECT * FROM dead_letters WHERE ${sql} ORDER BY failed_at DESC, id DESC LIMIT ?`,
    ).all<DeadLetter>(...values, limit);
  }

  byId(id: number): DeadLetter | undefined {
    return this.database.prepare("SELECT * FROM dead_letters WHERE id = ?").get<DeadLetter>(id);
  }

  /**
   * Puts the scenes of these dead letters back into the queue with a fresh attempt
   * count. Ids that are not there are passed over, so a repeat changes nothing.
   * @returns the ids that were put back
   */
  retry(ids: readonly number[], now: number): number[] {
    return this.retryMatching({ ids }, now);
  }

  /** As `retry`, for all that fit: one transaction, however many. */
  retryMatching(filter: DeadFilter, now: number): number[] {
    const { sql, values } = deadCondition(filter);
    const find = this.database.prepare(
      `SELECT id, scene_id, target FROM dead_letters WHERE ${sql} ORDER BY id`,
    );
    return transaction(this.database, () => {
      const found = find.all<Pick<DeadLetter, "id" | "scene_id" | "target">>(...values);
      for (const [target, letters] of Map.groupBy(found, ({ target }) => target)) {
        const scenes = letters.map(({ scene_id }) => scene_id);
        this.jobs.enqueueInTransaction(scenes, "retry", now, { targets: [target] });
      }
      this.database.prepare(`DELETE FROM dead_letters WHERE ${sql}`).run(...values);
      return found.map((letter) => letter.id);
    });
  }

  /**
   * Removes all that fit.
   * @returns the ids that were removed
   */
  discard(filter: DeadFilter): number[] {
    const { sql, values } = deadCondition(filter);
    return this.database.prepare(`DELETE FROM dead_letters WHERE ${sql} RETURNING id`)
      .all<{ id: number }>(...values).map((row) => row.id).sort((a, b) => a - b);
  }

  /** Removes what failed before `before` (epoch ms). */
  removeOlder(before: number): number {
    return this.database.prepare("DELETE FROM dead_letters WHERE failed_at < ?").run(before);
  }
}
