import { FURTHEST_AHEAD_MS } from "../../core/time/clock.ts";
import type { Job } from "../../core/jobs/job.ts";
import { type Database, transaction } from "../database/database.ts";

/** Who takes jobs, and how many. */
export interface Claim {
  /** Names the process in the leases. */
  owner: string;
  /** Epoch ms. */
  now: number;
  limit: number;
  leaseMs: number;
  target: string;
  /** Jobs, by id, that come after all others. */
  behind: ReadonlySet<number>;
  /** Those of a lower priority are left alone; null for none. */
  leastPriority: number | null;
  /**
   * The owner has other jobs in hand: their leases stand, and a job over which a process died waits
   * until it can be taken alone.
   */
  isBeside: boolean;
}

/** An undo goes before the sync of its scene: until it is through, nobody else takes the job. */
const NOT_UNDOING = `NOT EXISTS (SELECT 1 FROM undo_requests u
  WHERE u.scene_id = jobs.scene_id AND u.target = jobs.target AND u.ended_at IS NULL)`;

/**
 * Takes up to `limit` due jobs of a target: higher priority first, then the older one. One over
 * which a process died is taken alone, so that it is known who does it, and nobody else's job
 * dies with it; so it waits while others are in hand. One over which a process died that had nothing
 * else in hand comes after all others: whatever kills processes, each start gets some work done.
 */
export function claimJobs(database: Database, claim: Claim): Job[] {
  const { owner, now, limit, leaseMs, target, behind, leastPriority, isBeside } = claim;
  // Looked at before the write lock is taken, so that an idle queue costs no write.
  if (!hasDue(database, now, target, leastPriority)) return [];
  // Without any, the order is that of the index, and nothing is sorted.
  const last = behind.size === 0 ? "" : "id IN (SELECT value FROM json_each(?6)),";
  const due = database.prepare(
    `SELECT id, deaths FROM jobs
     WHERE state = 'ready' AND target = ?1 AND (next_retry_at <= ?2 OR next_retry_at > ?3)
       AND (deaths > 1) = ?5 AND ${NOT_UNDOING} ${above(leastPriority)}
     ORDER BY ${last} priority DESC, enqueued_at, id LIMIT ?4`,
  );
  const lease = database.prepare(
    `UPDATE jobs SET state = 'running', lease_owner = ?, lease_until = ?, updated_at = ?
     WHERE id IN (SELECT value FROM json_each(?)) RETURNING *`,
  );
  return transaction(database, () => {
    rescueExpired(database, now, target, isBeside ? owner : null);
    const dueOf = (diedAlone: 0 | 1) =>
      due.all<{ id: number; deaths: number }>(
        target,
        now,
        now + FURTHEST_AHEAD_MS,
        limit,
        diedAlone,
        ...(behind.size === 0 ? [] : [JSON.stringify([...behind])]),
      );
    const harmless = dueOf(0);
    const found = harmless.length > 0 || isBeside ? harmless : dueOf(1);
    const suspect = found.findIndex(({ deaths }) => deaths > 0);
    const taken = suspect < 0 ? found : found.slice(0, Math.max(isBeside ? 0 : 1, suspect));
    const ids = taken.map(({ id }) => id);
    const jobs = lease.all<Job>(owner, now + leaseMs, now, JSON.stringify(ids));
    return jobs.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  });
}

/** True when a claim would find something. */
export function hasDue(
  database: Database,
  now: number,
  target: string,
  leastPriority: number | null,
): boolean {
  // By priority, so that those below are not even read, however many they are.
  const at = leastPriority === null ? "next_retry_at" : "+next_retry_at";
  const least = above(leastPriority);
  return database.prepare(
    `SELECT 1 FROM jobs WHERE state = 'ready' AND target = ?1 ${least} AND ${at} <= ?2
     UNION ALL SELECT 1 FROM jobs WHERE state = 'ready' AND target = ?1 ${least} AND ${at} > ?3
     UNION ALL SELECT 1 FROM jobs WHERE state = 'running' AND target = ?1 AND lease_until <= ?2
     UNION ALL SELECT 1 FROM jobs WHERE state = 'running' AND target = ?1 AND lease_until > ?3
     LIMIT 1`,
  ).get(target, now, now + FURTHEST_AHEAD_MS) !== undefined;
}

function above(leastPriority: number | null): string {
  return leastPriority === null ? "" : `AND priority >= ${leastPriority}`;
}

/**
 * Whoever let a lease run out died over the job.
 * @param alive Lives for sure and has its jobs in hand, whatever a clock that was set makes of their
 *   leases
 */
function rescueExpired(
  database: Database,
  now: number,
  target: string,
  alive: string | null,
): void {
  database.prepare(
    `UPDATE jobs SET state = 'ready', lease_owner = NULL, lease_until = NULL,
       deaths = deaths + 1, next_retry_at = min(next_retry_at, ?1), updated_at = ?1
     WHERE state = 'running' AND target = ?2 AND (lease_until <= ?1 OR lease_until > ?3)
       AND lease_owner IS NOT ?4`,
  ).run(now, target, now + FURTHEST_AHEAD_MS, alive);
}
