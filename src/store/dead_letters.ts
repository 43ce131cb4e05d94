import type { DeadLetter } from "../core/job.ts";
import { type Database, transaction } from "./database.ts";
import type { Jobs } from "./jobs.ts";

/** Jobs that were given up, one per scene: a newer failure replaces the older one. */
export class DeadLetters {
  constructor(private readonly database: Database, private readonly jobs: Jobs) {}

  count(): number {
    return this.database.prepare("SELECT count(*) AS n FROM dead_letters").get<{ n: number }>()!.n;
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
  recent(limit: number): DeadLetter[] {
    return this.database.prepare(
      "SELECT * FROM dead_letters ORDER BY failed_at DESC, id DESC LIMIT ?",
    ).all<DeadLetter>(limit);
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
    return transaction(this.database, () => {
      const found: number[] = [];
      for (const id of ids) {
        const letter = this.byId(id);
        if (letter === undefined) continue;
        this.jobs.enqueueInTransaction([letter.scene_id], "retry", now);
        this.database.prepare("DELETE FROM dead_letters WHERE id = ?").run(id);
        found.push(id);
      }
      return found;
    });
  }

  /** Removes what failed before `before` (epoch ms). */
  removeOlder(before: number): number {
    return this.database.prepare("DELETE FROM dead_letters WHERE failed_at < ?").run(before);
  }
}
