import { FURTHEST_AHEAD_MS } from "../core/clock.ts";
import { MAX_WAIT_CHECKS, waitDelayMs } from "../core/backoff.ts";
import { type Job, type JobState, PRIORITY, type Reason } from "../core/job.ts";
import { type Database, transaction } from "./database.ts";

export interface Enqueued {
  /** Scenes that got a new job. */
  added: number;
  /** Scenes whose job was there already and now knows of the newer change. */
  merged: number;
}

/** A walk that finds a scene again is no change of it: its failures still count. */
const WALKS: readonly Reason[] = ["bulk", "reconcile"];

/** The queue: at most one live row per scene, kept by the database. */
export class Jobs {
  constructor(private readonly database: Database) {}

  /**
   * One job per scene, due at once. A scene that has a job keeps it: its generation
   * rises, so that a run under way is not taken for the newer change.
   */
  enqueue(sceneIds: readonly string[], reason: Reason, now: number): Enqueued {
    return transaction(this.database, () => this.enqueueInTransaction(sceneIds, reason, now));
  }

  /** As `enqueue`, for a caller that holds the transaction. */
  enqueueInTransaction(sceneIds: readonly string[], reason: Reason, now: number): Enqueued {
    const find = this.database.prepare("SELECT id FROM jobs WHERE scene_id = ?");
    const insert = this.database.prepare(
      `INSERT INTO jobs (scene_id, reason, priority, state, next_retry_at, enqueued_at, updated_at)
       VALUES (?, ?, ?, 'ready', ?, ?, ?)`,
    );
    const fresh = WALKS.includes(reason) ? "" : ", retry_count = 0, wait_count = 0";
    const merge = this.database.prepare(
      `UPDATE jobs SET generation = generation + 1, priority = max(priority, ?),
         state = iif(state = 'waiting', 'ready', state),
         next_retry_at = min(next_retry_at, ?), updated_at = ?${fresh}
       WHERE id = ?`,
    );
    const counts = { added: 0, merged: 0 };
    for (const sceneId of sceneIds) {
      const job = find.get<{ id: number }>(sceneId);
      if (job === undefined) {
        insert.run(sceneId, reason, PRIORITY[reason], now, now, now);
        counts.added++;
      } else {
        merge.run(PRIORITY[reason], now, now, job.id);
        counts.merged++;
      }
    }
    return counts;
  }

  /** Takes up to `limit` due jobs: higher priority first, then the older one. */
  claim(owner: string, now: number, limit: number, leaseMs: number): Job[] {
    // Looked at before the write lock is taken, so that an idle queue costs no write.
    if (!this.hasDue(now)) return [];
    const jobs = this.database.prepare(
      `UPDATE jobs SET state = 'running', lease_owner = ?, lease_until = ?, updated_at = ?
       WHERE id IN (
         SELECT id FROM jobs
         WHERE state = 'ready' AND (next_retry_at <= ? OR next_retry_at > ?)
         ORDER BY priority DESC, enqueued_at, id LIMIT ?
       ) RETURNING *`,
    );
    return transaction(this.database, () => {
      this.rescueExpired(now);
      const claimed = jobs.all<Job>(
        owner,
        now + leaseMs,
        now,
        now,
        now + FURTHEST_AHEAD_MS,
        limit,
      );
      return claimed.sort((a, b) =>
        b.priority - a.priority || a.enqueued_at - b.enqueued_at || a.id - b.id
      );
    });
  }

  /** True when a claim would find something. */
  hasDue(now: number): boolean {
    const ahead = now + FURTHEST_AHEAD_MS;
    return this.database.prepare(
      `SELECT 1 FROM jobs WHERE state = 'ready' AND next_retry_at <= ?
       UNION ALL SELECT 1 FROM jobs WHERE state = 'ready' AND next_retry_at > ?
       UNION ALL SELECT 1 FROM jobs WHERE state = 'running' AND lease_until <= ?
       UNION ALL SELECT 1 FROM jobs WHERE state = 'running' AND lease_until > ? LIMIT 1`,
    ).get(now, ahead, now, ahead) !== undefined;
  }

  /** True while a job is due or being worked on. */
  hasWork(now: number): boolean {
    return this.database.prepare(
      `SELECT 1 FROM jobs WHERE state = 'running'
       UNION ALL SELECT 1 FROM jobs WHERE state = 'ready' AND next_retry_at <= ?
       UNION ALL SELECT 1 FROM jobs WHERE state = 'ready' AND next_retry_at > ? LIMIT 1`,
    ).get(now, now + FURTHEST_AHEAD_MS) !== undefined;
  }

  /** When the next job that is not waiting for Plex becomes due, or null. Epoch ms. */
  nextDueAt(): number | null {
    return this.database.prepare(
      "SELECT min(next_retry_at) AS at FROM jobs WHERE state = 'ready'",
    ).get<{ at: number | null }>()!.at;
  }

  /** Extends the leases that `owner` still holds. */
  renew(owner: string, until: number): number {
    return this.database.prepare(
      "UPDATE jobs SET lease_until = ? WHERE state = 'running' AND lease_owner = ?",
    ).run(until, owner);
  }

  /** Frees every lease: for the one daemon at its start, when no other can be alive. */
  rescueAll(now: number): number {
    return this.database.prepare(
      `UPDATE jobs SET state = 'ready', lease_owner = NULL, lease_until = NULL, updated_at = ?
       WHERE state = 'running'`,
    ).run(now);
  }

  private rescueExpired(now: number): void {
    this.database.prepare(
      `UPDATE jobs SET state = 'ready', lease_owner = NULL, lease_until = NULL, updated_at = ?
       WHERE state = 'running' AND (lease_until <= ? OR lease_until > ?)`,
    ).run(now, now, now + FURTHEST_AHEAD_MS);
  }

  /** When the next waiting job wants to be looked at, or null. Epoch ms. */
  nextWaitingAt(): number | null {
    return this.database.prepare(
      "SELECT min(next_retry_at) AS at FROM jobs WHERE state = 'waiting'",
    ).get<{ at: number | null }>()!.at;
  }

  /**
   * Looks at the jobs that wait for Plex, against the index only: those whose file was
   * seen in it since `seenSince` become due; those whose time has come without it wait
   * on, one look more spent, until the last look makes them due for their final attempt.
   */
  wake(now: number, seenSince: number): { found: number; spent: number } {
    // CROSS JOIN fixes the order: some versions of SQLite would walk the whole index instead.
    const byFile = this.database.prepare(
      `UPDATE jobs SET state = 'ready', next_retry_at = ?, updated_at = ?
       WHERE state = 'waiting' AND id IN (
         SELECT w.job_id FROM waiting_files w
           CROSS JOIN plex_files f ON f.name_key = w.name_key
           JOIN plex_items i ON i.rating_key = f.rating_key AND i.seen_at >= ?
         UNION
         SELECT w.job_id FROM waiting_files w
           CROSS JOIN plex_files f ON f.size = w.size AND w.size > 0
           JOIN plex_items i ON i.rating_key = f.rating_key AND i.seen_at >= ?
       )`,
    );
    const due = this.database.prepare(
      `SELECT id, wait_count FROM jobs
       WHERE state = 'waiting' AND (next_retry_at <= ? OR next_retry_at > ?)`,
    );
    const waitOn = this.database.prepare(
      "UPDATE jobs SET wait_count = ?, next_retry_at = ?, updated_at = ? WHERE id = ?",
    );
    const lastTry = this.database.prepare(
      "UPDATE jobs SET state = 'ready', next_retry_at = ?, updated_at = ? WHERE id = ?",
    );
    return transaction(this.database, () => {
      const found = byFile.run(now, now, seenSince, seenSince);
      const late = due.all<{ id: number; wait_count: number }>(now, now + FURTHEST_AHEAD_MS);
      for (const { id, wait_count } of late) {
        if (wait_count >= MAX_WAIT_CHECKS) lastTry.run(now, now, id);
        else waitOn.run(wait_count + 1, now + waitDelayMs(wait_count + 1), now, id);
      }
      return { found, spent: late.length };
    });
  }

  get(sceneId: string): Job | undefined {
    return this.database.prepare("SELECT * FROM jobs WHERE scene_id = ?").get<Job>(sceneId);
  }

  list(limit: number, state?: JobState): Job[] {
    const filter = state === undefined ? "" : "WHERE state = ?";
    const values = state === undefined ? [] : [state];
    return this.database.prepare(
      `SELECT * FROM jobs ${filter}
       ORDER BY state, priority DESC, enqueued_at, id LIMIT ?`,
    ).all<Job>(...values, limit);
  }

  /** Rows by state, and when the oldest of each was enqueued (epoch ms). */
  counts(): { state: JobState; count: number; oldest_at: number }[] {
    return this.database.prepare(
      `SELECT state, count(*) AS count, min(enqueued_at) AS oldest_at
       FROM jobs GROUP BY state ORDER BY state`,
    ).all();
  }

  count(): number {
    return this.database.prepare("SELECT count(*) AS n FROM jobs").get<{ n: number }>()!.n;
  }
}
