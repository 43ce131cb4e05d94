import { type Database, transaction } from "../database/database.ts";

/**
 * After the clock was set back: what was planned by the time that it had is planned anew, as far
 * from now as it was from then. Otherwise it would all wait until the clock has come there again.
 * @param now Epoch ms
 * @returns how many jobs and requests were planned anew
 */
export function replan(database: Database, now: number): number {
  const jobs = database.prepare(
    `UPDATE jobs SET next_retry_at = ?1 + max(0, next_retry_at - updated_at), updated_at = ?1
     WHERE state IN ('ready', 'waiting') AND updated_at > ?1 AND next_retry_at > ?1`,
  );
  // When they were planned is not kept; none is ever planned further ahead than minutes.
  const undos = database.prepare(
    "UPDATE undo_requests SET next_retry_at = ?1 WHERE ended_at IS NULL AND next_retry_at > ?1",
  );
  return transaction(database, () => jobs.run(now) + undos.run(now));
}
