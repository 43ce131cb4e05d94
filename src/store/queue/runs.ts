import { type Reason, RUN_NAMES, type RunKind } from "../../core/jobs/job.ts";
import type { Database } from "../database/database.ts";

/** Jobs of one reason that come no further apart belong together: a bulk edit is many hooks. */
const BURST_MS = 60_000;

/**
 * How much of what a run wrote is kept step by step; `none` also where nothing is known of the run
 * any more.
 */
export type RunKept = "all" | "part" | "none";

/** What made jobs together: a sync, a reconcile, a burst of hooks. */
export class Runs {
  constructor(private readonly database: Database) {}

  /**
   * @param name For people, such as the command that made it
   * @returns the id of a new run
   */
  begin(kind: RunKind, now: number, name: string = RUN_NAMES[kind]): number {
    this.database.prepare(
      "INSERT INTO runs (kind, name, started_at, last_at) VALUES (?, ?, ?, ?)",
    ).run(kind, name, now, now);
    return this.database.lastInsertId();
  }

  /** The newest of a kind; null where there is none. */
  newestOf(kind: RunKind): number | null {
    return this.database.prepare("SELECT id FROM runs WHERE kind = ? ORDER BY id DESC LIMIT 1")
      .get<{ id: number }>(kind)?.id ?? null;
  }

  /** null where nothing is known of the run any more. */
  kindOf(id: number): RunKind | null {
    return this.database.prepare("SELECT kind FROM runs WHERE id = ?")
      .get<{ kind: RunKind }>(id)?.kind ?? null;
  }

  /**
   * How much of what a run wrote is kept step by step, in whatever target; null where there never was
   * such a run.
   */
  keptOf(id: number): RunKept | null {
    const run = this.database.prepare(
      `SELECT r.pruned, ${hasSteps("r.id")} AS has_steps FROM runs r WHERE r.id = ?`,
    ).get<Parameters<typeof keptBy>[0]>(id);
    if (run !== undefined) return keptBy(run);
    const last = this.database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'runs'")
      .get<{ seq: number }>()?.seq ?? 0;
    return id <= last ? "none" : null;
  }

  /** The run of a burst that is under way, else a new one. For a caller that holds the transaction. */
  ofBurst(kind: Reason, now: number): number {
    const last = this.database.prepare(
      "SELECT id, last_at FROM runs WHERE kind = ? ORDER BY id DESC LIMIT 1",
    ).get<{ id: number; last_at: number }>(kind);
    if (last === undefined || Math.abs(now - last.last_at) >= BURST_MS) {
      return this.begin(kind, now);
    }
    this.touch(last.id, now);
    return last.id;
  }

  /** The run has made jobs at `now`. */
  touch(id: number, now: number): void {
    this.database.prepare("UPDATE runs SET last_at = ? WHERE id = ? AND last_at <> ?")
      .run(now, id, now);
  }

  /** Removes runs that made nothing since `before` (epoch ms), and of which nothing is left. */
  removeOlder(before: number): number {
    return this.database.prepare(
      `DELETE FROM runs WHERE last_at < ?
         AND id NOT IN (SELECT run_id FROM jobs WHERE run_id IS NOT NULL)
         AND id NOT IN (SELECT run_id FROM dead_letters WHERE run_id IS NOT NULL)
         AND id NOT IN (SELECT run_id FROM writes WHERE run_id IS NOT NULL)`,
    ).run(before);
  }
}

/**
 * In SQL, whether something of what a run wrote is kept step by step.
 * @param run Where its id is, as SQL
 */
export function hasSteps(run: string): string {
  return `EXISTS (SELECT 1 FROM writes step JOIN journal j ON j.write_id = step.id
    WHERE step.run_id = ${run} AND j.kept_at IS NULL)`;
}

/** @param run Whether some is pruned, and whether some is kept step by step */
export function keptBy({ pruned, has_steps }: { pruned: number; has_steps: number }): RunKept {
  return pruned === 0 ? "all" : has_steps === 1 ? "part" : "none";
}
