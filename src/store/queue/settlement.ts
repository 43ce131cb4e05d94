import type { Attempt, Disposition, Job, SettleResult } from "../../core/jobs/job.ts";
import type { Memory } from "../../core/sync/memory.ts";
import type { SeenField } from "../../core/journal/journal.ts";
import { HINTS } from "../../core/failures/hints.ts";
import { outcomeOf } from "../../core/jobs/outcome.ts";
import { SyncStats } from "../../core/stats/sync_stats.ts";
import { type Database, transaction } from "../database/database.ts";
import type { NewOutcome, Outcomes } from "../figures/outcomes.ts";
import type { Scenes } from "../library/scenes.ts";
import type { TargetStore } from "../target_store.ts";
import type { Totals } from "../figures/totals.ts";

/** Of a job what its end depends on: all of its columns took twice as long to read. */
type JobInHand = Pick<
  Job,
  "id" | "scene_id" | "target" | "run_id" | "generation" | "lease_owner" | "retry_count"
>;

/** Ends attempts: each job leaves its old place and enters the new one in one transaction. */
export class Settlement {
  constructor(
    private readonly database: Database,
    private readonly totals: Totals,
    private readonly outcomes: Outcomes,
    private readonly of: (target: string) => TargetStore,
    private readonly scenes: Scenes,
  ) {}

  settle(attempts: readonly Attempt[], now: number): SettleResult {
    return transaction(this.database, () => {
      const result: SettleResult = { settled: [], again: [], late: [] };
      const outcomes: NewOutcome[] = [];
      const done: JobInHand[] = [];
      const seen = new Map<string, SeenField[]>();
      const owned = new Map<string, Memory[]>();
      const jobs = this.leased(attempts);
      for (const attempt of attempts) {
        const job = jobs.get(attempt.job.id);
        if (job === undefined || job.lease_owner !== attempt.job.lease_owner) {
          result.late.push(attempt);
          continue;
        }
        // Settled once: whoever comes with the same job again is late.
        jobs.delete(job.id);
        addTo(seen, job.target, attempt.seen);
        addTo(owned, job.target, attempt.written);
        this.settleOne(attempt, job, { outcomes, done }, now);
        if (hasChanged(job, attempt)) result.again.push(attempt);
        result.settled.push(attempt);
      }
      for (const [target, fields] of seen) this.of(target).journal.seen(fields);
      for (const [target, memories] of owned) this.of(target).written.takeOver(memories);
      this.remove(done);
      this.count(outcomes);
      return result;
    });
  }

  /** The jobs in hand of these attempts, by id, whoever holds them. */
  private leased(attempts: readonly Attempt[]): Map<number, JobInHand> {
    const rows = this.database.prepare(
      `SELECT id, scene_id, target, run_id, generation, lease_owner, retry_count FROM jobs
       WHERE id IN (SELECT value FROM json_each(?)) AND state = 'running'`,
    ).all<JobInHand>(JSON.stringify(attempts.map(({ job }) => job.id)));
    return new Map(rows.map((job) => [job.id, job]));
  }

  /** @param ends Takes what is ended for all jobs at once */
  private settleOne(
    attempt: Attempt,
    job: JobInHand,
    ends: { outcomes: NewOutcome[]; done: JobInHand[] },
    now: number,
  ): void {
    const { written, journal } = this.of(job.target);
    for (const memory of attempt.written) written.put(memory);
    journal.originated(attempt.origins);
    written.forget(attempt.released);
    const { disposition } = attempt;
    if (disposition.to === "back") return this.release(attempt, job, disposition, now);
    const changed = hasChanged(job, attempt);
    const outcome = outcomeRow(attempt, job, changed, now);
    if (outcome !== null) ends.outcomes.push(outcome);
    if (changed) return this.again(job, now);
    switch (disposition.to) {
      case "done":
        if (disposition.outcome === "gone") this.scenes.gone([job.scene_id], now);
        return void ends.done.push(job);
      case "dead":
        this.bury(attempt, job, now);
        return void this.run("DELETE FROM jobs WHERE id = ?", job.id);
      case "retry":
        return this.putBack(attempt, job, "ready", disposition.at, now);
      case "waiting":
        return this.putBack(attempt, job, "waiting", disposition.at, now);
    }
  }

  /**
   * One that waited already, was woken, and found nothing again has spent a look: what wakes it
   * each time, such as a file that is another one in each answer, would keep it for ever.
   */
  private putBack(
    attempt: Attempt,
    job: JobInHand,
    state: "ready" | "waiting",
    at: number,
    now: number,
  ): void {
    this.run(
      `UPDATE jobs SET state = ?, next_retry_at = ?, retry_count = retry_count + ?,
         deaths = 0, lease_owner = NULL, lease_until = NULL, last_error_type = ?, last_error_message = ?,
         path = ?, updated_at = ?, wait_count = wait_count +
           iif(?1 = 'waiting' AND last_error_type = 'PlexNotFound' AND ?4 = 'PlexNotFound', 1, 0)
       WHERE id = ?`,
      state,
      at,
      state === "ready" ? 1 : 0,
      attempt.errorType,
      attempt.errorMessage,
      attempt.path,
      now,
      job.id,
    );
  }

  /**
   * Gives a job back as it was: no attempt spent, nothing counted. What its spent attempts came to
   * stays what is known of it: an outage beside their number would look as if it had cost them.
   */
  private release(
    attempt: Attempt,
    job: JobInHand,
    { at, isBehind = false }: Extract<Disposition, { to: "back" }>,
    now: number,
  ): void {
    const due = hasChanged(job, attempt) ? Math.min(at, now) : at;
    this.run(
      `UPDATE jobs SET state = 'ready', next_retry_at = ?, deaths = 0, lease_owner = NULL, lease_until = NULL,
         last_error_type = iif(retry_count > 0, coalesce(last_error_type, ?), coalesce(?, last_error_type)),
         last_error_message =
           iif(retry_count > 0, coalesce(last_error_message, ?), coalesce(?, last_error_message)),
         enqueued_at = coalesce(?, enqueued_at), updated_at = ? WHERE id = ?`,
      due,
      attempt.errorType,
      attempt.errorType,
      attempt.errorMessage,
      attempt.errorMessage,
      isBehind ? now : null,
      now,
      job.id,
    );
  }

  private again(job: JobInHand, now: number): void {
    this.run(
      `UPDATE jobs SET state = 'ready', next_retry_at = ?, deaths = 0, lease_owner = NULL, lease_until = NULL,
         updated_at = ? WHERE id = ?`,
      now,
      now,
      job.id,
    );
  }

  /** Jobs that are through leave the queue: all in one statement, which takes half of what each took. */
  private remove(jobs: readonly JobInHand[]): void {
    if (jobs.length === 0) return;
    const ids = JSON.stringify(jobs.map(({ id }) => id));
    // The scenes are settled now, so an older failure of one is no longer news.
    this.run(
      `DELETE FROM dead_letters WHERE (scene_id, target) IN
         (SELECT scene_id, target FROM jobs WHERE id IN (SELECT value FROM json_each(?)))`,
      ids,
    );
    this.run("DELETE FROM jobs WHERE id IN (SELECT value FROM json_each(?))", ids);
  }

  private bury(attempt: Attempt, job: JobInHand, now: number): void {
    const { lease_owner: _, lease_until: _until, target, run_id, deaths: _deaths, ...data } = this
      .database.prepare("SELECT * FROM jobs WHERE id = ?").get<Job>(job.id)!;
    this.forgetDead(job);
    this.run(
      `INSERT INTO dead_letters (job_id, scene_id, target, run_id, job_data, error_type,
         error_message, stack_trace, retry_count, path, hint, failed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      job.id,
      job.scene_id,
      target,
      run_id,
      JSON.stringify({ ...data, candidates: attempt.candidates }),
      attempt.errorType ?? "Unknown",
      attempt.errorMessage ?? "",
      attempt.stackTrace,
      job.retry_count,
      attempt.path,
      attempt.hint ?? HINTS[attempt.errorType ?? "Unknown"],
      now,
    );
  }

  private forgetDead({ scene_id, target }: JobInHand): void {
    this.run("DELETE FROM dead_letters WHERE scene_id = ? AND target = ?", scene_id, target);
  }

  /** The outcome rows, and what they add to the totals: the only place where either is made. */
  private count(outcomes: readonly NewOutcome[]): void {
    const counted = new SyncStats(0);
    for (const outcome of outcomes) counted.record(outcome);
    this.outcomes.add(...outcomes);
    this.totals.add(counted.toJSON());
  }

  private run(sql: string, ...values: (string | number | null)[]): number {
    return this.database.prepare(sql).run(...values);
  }
}

function addTo<T>(lists: Map<string, T[]>, key: string, more: readonly T[]): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [...more]);
  else list.push(...more);
}

/** Changed while it ran: the newer change needs its own run, whatever came of this one. */
function hasChanged(job: JobInHand, { job: { generation } }: Attempt): boolean {
  return job.generation !== generation;
}

/** What the attempt came to; null for one that nothing came of. */
function outcomeRow(
  attempt: Attempt,
  job: JobInHand,
  changed: boolean,
  now: number,
): NewOutcome | null {
  const outcome = outcomeOf(attempt.disposition, changed);
  return outcome === null ? null : {
    job_id: job.id,
    scene_id: job.scene_id,
    target: job.target,
    run_id: job.run_id,
    at: now,
    outcome,
    error_type: attempt.errorType,
    error_message: attempt.errorMessage,
    duration_ms: Math.round(attempt.durationMs),
    confidence: attempt.confidence,
    items: JSON.stringify(attempt.items),
    changed_fields: JSON.stringify(attempt.changedFields),
    left_out: JSON.stringify(attempt.leftOut),
  };
}
