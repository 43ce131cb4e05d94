import { FURTHEST_AHEAD_MS } from "../../core/time/clock.ts";
import { MAX_WAIT_CHECKS, waitDelayMs } from "../../core/jobs/backoff.ts";
import { type Job, JOB_STATES, type JobState, PRIORITY, type Reason } from "../../core/jobs/job.ts";
import { type Claim, claimJobs, hasDue } from "./claim.ts";
import { type Database, transaction } from "../database/database.ts";
import { Runs } from "./runs.ts";

export interface Enqueued {
  /** Scenes that got a new job. */
  added: number;
  /** Scenes whose job was there already and now knows of the newer change. */
  merged: number;
}

export interface EnqueueOptions {
  /** What makes the jobs; without one, a burst of the same reason counts as one run. */
  runId?: number | undefined;
  /** Other than all. */
  targets?: readonly string[];
}

/** A walk that finds a scene again is no change of it: its failures still count. */
const WALKS: readonly Reason[] = ["bulk", "reconcile"];

const PRIORITIES = JSON.stringify([...new Set(Object.values(PRIORITY))]);

// CROSS JOIN fixes the order: some versions of SQLite would walk a whole index instead.
const FROM_ITEMS = (same: string) =>
  `index_items i
     CROSS JOIN index_files f ON f.target = i.target AND f.item = i.item
     CROSS JOIN scene_files s ON ${same}
     CROSS JOIN jobs j ON j.scene_id = s.scene_id AND j.target = i.target`;
const FROM_JOBS = (same: string) =>
  `jobs j
     CROSS JOIN scene_files s ON s.scene_id = j.scene_id
     CROSS JOIN index_files f ON +f.target = j.target AND ${same}
     CROSS JOIN index_items i ON i.target = j.target AND i.item = f.item`;

/** Vain looks after which the next comes as late as while a library cannot be read. */
const PART_LOOKS = 2;

/** The queue: at most one live row per scene and target, kept by the database. */
export class Jobs {
  readonly runs: Runs;

  /** @param targets Where scenes are written to: a scene that is enqueued has a job for each */
  constructor(
    private readonly database: Database,
    private readonly targets: readonly string[],
  ) {
    this.runs = new Runs(database);
  }

  /**
   * One job per scene and target, due at once. A scene that has a job keeps it: its generation
   * rises, so that an attempt under way is not taken for the newer change.
   */
  enqueue(
    sceneIds: readonly string[],
    reason: Reason,
    now: number,
    options: EnqueueOptions = {},
  ): Enqueued {
    return transaction(
      this.database,
      () => this.enqueueInTransaction(sceneIds, reason, now, options),
    );
  }

  /** As `enqueue`, for a caller that holds the transaction. */
  enqueueInTransaction(
    sceneIds: readonly string[],
    reason: Reason,
    now: number,
    { runId, targets = this.targets }: EnqueueOptions = {},
  ): Enqueued {
    const counts = { added: 0, merged: 0 };
    if (sceneIds.length === 0) return counts;
    if (runId !== undefined) this.runs.touch(runId, now);
    const run = runId ?? this.runs.ofBurst(reason, now);
    for (const sceneId of sceneIds) {
      const added = targets.filter((target) => this.#put(sceneId, target, reason, run, now));
      if (added.length > 0) counts.added++;
      else counts.merged++;
    }
    return counts;
  }

  /** @returns true for a new job */
  #put(sceneId: string, target: string, reason: Reason, run: number, now: number): boolean {
    const job = this.database.prepare("SELECT id FROM jobs WHERE scene_id = ? AND target = ?")
      .get<{ id: number }>(sceneId, target);
    if (job === undefined) {
      this.database.prepare(
        `INSERT INTO jobs (scene_id, target, run_id, reason, priority, state, next_retry_at,
           enqueued_at, updated_at) VALUES (?, ?, ?, ?, ?, 'ready', ?, ?, ?)`,
      ).run(sceneId, target, run, reason, PRIORITY[reason], now, now, now);
      return true;
    }
    const fresh = WALKS.includes(reason) ? "" : ", retry_count = 0, wait_count = 0";
    this.database.prepare(
      `UPDATE jobs SET run_id = ?, generation = generation + 1, priority = max(priority, ?),
         reason = iif(reason = 'undo', ?, reason), state = iif(state = 'waiting', 'ready', state),
         next_retry_at = min(next_retry_at, ?), updated_at = ?${fresh}
       WHERE id = ?`,
    ).run(run, PRIORITY[reason], reason, now, now, job.id);
    return false;
  }

  /** See `claimJobs`. */
  claim(
    owner: string,
    now: number,
    limit: number,
    leaseMs: number,
    target: string,
    { behind = new Set(), leastPriority = null, isBeside = false }: Partial<
      Pick<Claim, "behind" | "leastPriority" | "isBeside">
    > = {},
  ): Job[] {
    const claim = { owner, now, limit, leaseMs, target, behind, leastPriority, isBeside };
    return claimJobs(this.database, claim);
  }

  /** True when a claim would find something. */
  hasDue(now: number, target: string, leastPriority: number | null = null): boolean {
    return hasDue(this.database, now, target, leastPriority);
  }

  /** How many are worked on. */
  running(target: string): number {
    return this.database.prepare(
      "SELECT count(*) AS count FROM jobs WHERE state = 'running' AND target = ?",
    ).get<{ count: number }>(target)!.count;
  }

  /** True while a job of any target is due or being worked on. */
  hasWork(now: number): boolean {
    const work = this.database.prepare(
      `SELECT 1 FROM jobs WHERE state = 'running' AND target = ?1
       UNION ALL SELECT 1 FROM jobs WHERE state = 'ready' AND target = ?1 AND next_retry_at <= ?2
       UNION ALL SELECT 1 FROM jobs WHERE state = 'ready' AND target = ?1 AND next_retry_at > ?3
       LIMIT 1`,
    );
    return this.targets.some((target) =>
      work.get(target, now, now + FURTHEST_AHEAD_MS) !== undefined
    );
  }

  /** When the next job that is not waiting for its item becomes due, or null. Epoch ms. */
  nextDueAt(target?: string): number | null {
    return this.#earliest("ready", target);
  }

  /** When the next waiting job wants to be looked at, or null. Epoch ms. */
  nextWaitingAt(target?: string): number | null {
    return this.#earliest("waiting", target);
  }

  /** Of one target, or of all. */
  #earliest(state: JobState, target: string | undefined): number | null {
    const first = this.database.prepare(
      "SELECT min(next_retry_at) AS at FROM jobs WHERE state = ? AND target = ?",
    );
    const times = (target === undefined ? this.targets : [target])
      .map((target) => first.get<{ at: number | null }>(state, target)!.at)
      .filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Extends the leases on jobs of a target that `owner` still holds. */
  renew(owner: string, until: number, target: string): number {
    return this.database.prepare(
      "UPDATE jobs SET lease_until = ? WHERE state = 'running' AND lease_owner = ? AND target = ?",
    ).run(until, owner, target);
  }

  /**
   * Frees every lease: for the one daemon at its start, when no other can be alive. Whoever held
   * them died over them, which is counted.
   */
  rescueAll(now: number): number {
    return this.database.prepare(
      `UPDATE jobs SET state = 'ready', lease_owner = NULL, lease_until = NULL,
         deaths = deaths + 1, next_retry_at = min(next_retry_at, ?1), updated_at = ?1
       WHERE state = 'running'`,
    ).run(now);
  }

  /**
   * Looks at a target's jobs that wait for their item, against the index only: those of which a
   * file has come to it since `seenSince` become due; those whose time has come without it wait
   * on, one look more spent, until the last look makes them due for their final attempt. A look
   * into an index that is as old as the one before is none.
   * @param refreshedAt When the index was brought up to date; 0 where it was in part only
   */
  wake(
    now: number,
    seenSince: number,
    target: string,
    refreshedAt: number = now,
  ): { found: number; spent: number } {
    const byFile = this.database.prepare(
      `UPDATE jobs SET state = 'ready', next_retry_at = ?1, updated_at = ?1
       WHERE state = 'waiting' AND id IN (${this.#wokenBy(seenSince, target)})`,
    );
    const due = this.database.prepare(
      `SELECT id, wait_count, updated_at FROM jobs
       WHERE state = 'waiting' AND target = ? AND (next_retry_at <= ? OR next_retry_at > ?)`,
    );
    const waitOn = this.database.prepare(
      "UPDATE jobs SET wait_count = ?, next_retry_at = ?, updated_at = ? WHERE id = ?",
    );
    const lastTry = this.database.prepare(
      "UPDATE jobs SET state = 'ready', next_retry_at = ?, updated_at = ? WHERE id = ?",
    );
    return transaction(this.database, () => {
      const found = byFile.run(now, target, seenSince);
      const late = due.all<Pick<Job, "id" | "wait_count" | "updated_at">>(
        target,
        now,
        now + FURTHEST_AHEAD_MS,
      );
      for (const { id, wait_count, updated_at } of late) {
        const isNew = refreshedAt >= updated_at || updated_at > now;
        // For a part alone nobody asks every half minute.
        const delay = waitDelayMs(
          refreshedAt === 0 ? Math.max(wait_count, PART_LOOKS) : wait_count,
        );
        if (!isNew) waitOn.run(wait_count, now + delay, now, id);
        else if (wait_count >= MAX_WAIT_CHECKS) lastTry.run(now, now, id);
        else waitOn.run(wait_count + 1, now + waitDelayMs(wait_count + 1), now, id);
      }
      return { found, spent: late.length };
    });
  }

  /**
   * The ids of waiting jobs of target ?2 of which a file is in an item that changed since ?3: from
   * the items where they are fewer, as they nearly always are, else from the jobs.
   */
  #wokenBy(seenSince: number, target: string): string {
    const waiting = this.database.prepare(
      "SELECT count FROM row_counts WHERE kind = 'waiting' AND target = ?",
    ).get<{ count: number }>(target)?.count ?? 0;
    const fresh = this.database.prepare(
      `SELECT count(*) AS n FROM (
         SELECT 1 FROM index_items WHERE target = ? AND changed_at >= ? LIMIT ?)`,
    ).get<{ n: number }>(target, seenSince, waiting)!.n;
    const from = fresh < waiting ? FROM_ITEMS : FROM_JOBS;
    return ["s.name_key = f.name_key", "s.size = f.size AND s.size > 0"].map((same) =>
      `SELECT j.id FROM ${from(same)}
       WHERE i.target = ?2 AND i.changed_at >= ?3 AND j.target = ?2 AND j.state = 'waiting'`
    ).join(" UNION ");
  }

  /** Makes these due at once, as far as nobody works on them. */
  hasten(ids: readonly number[], now: number, target: string): void {
    const hasten = this.database.prepare(
      `UPDATE jobs SET next_retry_at = ?1, updated_at = ?1
       WHERE id = ?2 AND target = ?3 AND state = 'ready' AND next_retry_at > ?1`,
    );
    transaction(this.database, () => {
      for (const id of ids) hasten.run(now, id, target);
    });
  }

  /** Makes due what waits for a library that could not be read, and not only for a file. */
  endUnreadWaits(now: number, target: string): void {
    this.database.prepare(
      `UPDATE jobs SET state = 'ready', next_retry_at = ?1, updated_at = ?1
       WHERE state = 'waiting' AND target = ?2 AND last_error_type = 'PlexTemporaryError'`,
    ).run(now, target);
  }

  /** Makes all waiting jobs due. For a caller that may hold the transaction. */
  endWaits(now: number): void {
    this.database.prepare(
      `UPDATE jobs SET state = 'ready', next_retry_at = ?1, updated_at = ?1
       WHERE state = 'waiting'`,
    ).run(now);
  }

  get(sceneId: string, target: string): Job | undefined {
    return this.database.prepare("SELECT * FROM jobs WHERE scene_id = ? AND target = ?")
      .get<Job>(sceneId, target);
  }

  /** The jobs of a scene, for whatever target. */
  ofScene(sceneId: string): Job[] {
    return this.database.prepare("SELECT * FROM jobs WHERE scene_id = ? ORDER BY target")
      .all<Job>(sceneId);
  }

  /** Rows by state, and when the oldest of each was enqueued (epoch ms). */
  counts(): { state: JobState; count: number; oldest_at: number }[] {
    // Priority by priority, each of which begins with its oldest job.
    return this.database.prepare(
      `SELECT kind AS state, sum(count) AS count, min((
         SELECT min((SELECT enqueued_at FROM jobs
           WHERE state = kind AND target = c.target AND priority = p.value
           ORDER BY enqueued_at LIMIT 1)) FROM json_each(?1) p
       )) AS oldest_at
       FROM row_counts c WHERE kind IN (SELECT value FROM json_each(?2)) AND count > 0
       GROUP BY kind ORDER BY kind`,
    ).all(PRIORITIES, JSON.stringify(JOB_STATES));
  }

  count(): number {
    return this.database.prepare("SELECT count(*) AS n FROM jobs").get<{ n: number }>()!.n;
  }
}
