/** The store in a few lines of memory: what the random walk measures the real one against. */
import { MAX_WAIT_CHECKS, waitDelayMs } from "../../src/core/jobs/backoff.ts";
import type { IndexedFile } from "../../src/core/sync/item.ts";
import { type Attempt, type JobState, PRIORITY, type Reason } from "../../src/core/jobs/job.ts";
import { nameKey } from "../../src/core/match/path.ts";
import type { SceneFile } from "../../src/core/sync/scene.ts";
import { SyncStats } from "../../src/core/stats/sync_stats.ts";

/** Further ahead than this nothing is planned: what is, was planned before the clock went back. */
const FURTHEST_AHEAD_MS = 60 * 60_000;

export interface ModelJob {
  id: number;
  scene_id: string;
  priority: number;
  generation: number;
  state: JobState;
  retry_count: number;
  wait_count: number;
  deaths: number;
  next_retry_at: number;
  lease_owner: string | null;
  lease_until: number | null;
  enqueued_at: number;
}

export class Model {
  readonly jobs = new Map<string, ModelJob>();
  /** Retry count of the job that died, by scene. */
  readonly dead = new Map<string, number>();
  readonly items = new Map<string, { files: IndexedFile[]; seenAt: number; changedAt: number }>();
  readonly outcomes: string[] = [];
  /** Hash of what was last written, by scene. */
  readonly written = new Map<string, string>();
  readonly stats = new SyncStats(0, { session_start: 0 });
  /** Scenes that Stash has no longer, of those that were written. */
  readonly gone = new Set<string>();
  /** Files by scene, as last read. */
  #files = new Map<string, readonly SceneFile[]>();
  /** By id of the job: what its last attempt came to. */
  readonly #errors = new Map<number, string | null>();
  #lastId = 0;

  enqueue(scenes: readonly string[], reason: Reason, now: number) {
    const counts = { added: 0, merged: 0 };
    for (const scene of scenes) {
      const job = this.jobs.get(scene);
      if (job === undefined) {
        counts.added++;
        this.jobs.set(scene, {
          id: ++this.#lastId,
          scene_id: scene,
          priority: PRIORITY[reason],
          generation: 1,
          state: "ready",
          retry_count: 0,
          wait_count: 0,
          deaths: 0,
          next_retry_at: now,
          lease_owner: null,
          lease_until: null,
          enqueued_at: now,
        });
        continue;
      }
      counts.merged++;
      job.generation++;
      job.priority = Math.max(job.priority, PRIORITY[reason]);
      if (job.state === "waiting") job.state = "ready";
      job.next_retry_at = Math.min(job.next_retry_at, now);
      if (reason !== "bulk" && reason !== "reconcile") job.retry_count = job.wait_count = 0;
    }
    return counts;
  }

  /** @returns scenes in the order of the claim */
  claim(owner: string, now: number, limit: number, leaseMs: number): string[] {
    const due = (at: number) => at <= now || at > now + FURTHEST_AHEAD_MS;
    const ready = (job: ModelJob) => job.state === "ready" && due(job.next_retry_at);
    const all = [...this.jobs.values()];
    for (const job of all) {
      if (job.state === "running" && due(job.lease_until!)) this.#rescue(job, now);
    }
    const order = all.filter(ready).sort((a, b) =>
      b.priority - a.priority || a.enqueued_at - b.enqueued_at || a.id - b.id
    );
    // One that died alone before is taken when there is no other.
    const harmless = order.filter(({ deaths }) => deaths <= 1);
    const found = (harmless.length > 0 ? harmless : order).slice(0, limit);
    const suspect = found.findIndex(({ deaths }) => deaths > 0);
    const taken = suspect < 0 ? found : found.slice(0, Math.max(1, suspect));
    for (const job of taken) {
      Object.assign(job, { state: "running", lease_owner: owner, lease_until: now + leaseMs });
    }
    return taken.map((job) => job.scene_id);
  }

  renew(owner: string, until: number): number {
    const held = [...this.jobs.values()].filter((job) => job.lease_owner === owner);
    for (const job of held) job.lease_until = until;
    return held.length;
  }

  rescueAll(now: number): number {
    const running = [...this.jobs.values()].filter((job) => job.state === "running");
    for (const job of running) this.#rescue(job, now);
    return running.length;
  }

  /** @returns false for a late one */
  settle(attempt: Attempt, now: number): boolean {
    const { disposition: to, job: held } = attempt;
    const job = this.jobs.get(held.scene_id);
    const stands = job?.id === held.id && job.state === "running" &&
      job.lease_owner === held.lease_owner;
    if (!stands) return false;
    for (const { sceneHash } of attempt.written) this.written.set(job.scene_id, sceneHash);
    const changed = job.generation !== held.generation;
    this.#free(job);
    job.deaths = 0;
    const { errorType } = attempt;
    const before = this.#errors.get(job.id) ?? null;
    if (to.to === "back") {
      this.#errors.set(
        job.id,
        job.retry_count > 0 ? before ?? errorType : errorType ?? before,
      );
      job.next_retry_at = changed ? Math.min(to.at, now) : to.at;
      return true;
    }
    this.#count(attempt, changed);
    if (changed) job.next_retry_at = now;
    else if (to.to === "done") {
      if (to.outcome === "gone" && this.written.has(job.scene_id)) this.gone.add(job.scene_id);
      this.dead.delete(job.scene_id);
      this.jobs.delete(job.scene_id);
    } else if (to.to === "dead") {
      this.dead.set(job.scene_id, job.retry_count);
      this.jobs.delete(job.scene_id);
    } else {
      job.next_retry_at = to.at;
      this.#errors.set(job.id, errorType);
      if (to.to === "retry") job.retry_count++;
      else {
        job.state = "waiting";
        // It had waited for its file already, and still does: that was a look in vain.
        if (before === "PlexNotFound" && errorType === before) job.wait_count++;
      }
    }
    return true;
  }

  #count({ disposition: to, durationMs, confidence, errorType }: Attempt, changed: boolean) {
    let outcome: string = to.to === "done" ? to.outcome : to.to;
    if (outcome === "dead" && changed) outcome = "retry";
    this.outcomes.push(outcome);
    if (outcome === "waiting" || outcome === "gone") return;
    if (outcome === "retry" || outcome === "dead") {
      this.stats.recordFailure(errorType ?? "Unknown", durationMs / 1000, outcome === "dead");
    } else this.stats.recordSuccess(durationMs / 1000, confidence);
  }

  wake(now: number, seenSince: number): { found: number; spent: number } {
    const fresh = [...this.items.values()].filter((item) => item.changedAt >= seenSince)
      .flatMap((item) => item.files);
    const fits = (wanted: SceneFile) =>
      fresh.some((file) =>
        nameKey(file.path) === nameKey(wanted.path) || wanted.size > 0 && file.size === wanted.size
      );
    const counts = { found: 0, spent: 0 };
    for (const job of this.jobs.values()) {
      if (job.state !== "waiting") continue;
      const late = job.next_retry_at <= now || job.next_retry_at > now + FURTHEST_AHEAD_MS;
      if (this.#files.get(job.scene_id)!.some(fits)) {
        counts.found++;
        Object.assign(job, { state: "ready", next_retry_at: now });
      } else if (late) {
        counts.spent++;
        if (job.wait_count >= MAX_WAIT_CHECKS) {
          Object.assign(job, { state: "ready", next_retry_at: now });
        } else {
          job.wait_count++;
          job.next_retry_at = now + waitDelayMs(job.wait_count);
        }
      }
    }
    return counts;
  }

  retryDead(scene: string, now: number): boolean {
    if (!this.dead.delete(scene)) return false;
    this.enqueue([scene], "retry", now);
    return true;
  }

  put(files: readonly IndexedFile[], seenAt: number): void {
    for (const key of new Set(files.map((file) => file.item))) {
      const own = files.filter((file) => file.item === key);
      const known = this.items.get(key);
      const isSame = known !== undefined && equal(known.files, own);
      this.items.set(key, { files: own, seenAt, changedAt: isSame ? known.changedAt : seenAt });
    }
  }

  dropUnseen(listedAt: number): number {
    const old = [...this.items].filter(([, item]) => item.seenAt < listedAt);
    for (const [key] of old) this.items.delete(key);
    return old.length;
  }

  note(scene: string, files: readonly SceneFile[]): void {
    this.#files.set(scene, files);
    this.gone.delete(scene);
  }

  /** Whoever held it died over it. */
  #rescue(job: ModelJob, now: number): void {
    this.#free(job);
    job.deaths++;
    job.next_retry_at = Math.min(job.next_retry_at, now);
  }

  #free(job: ModelJob): void {
    Object.assign(job, { state: "ready", lease_owner: null, lease_until: null });
  }
}

function equal(a: readonly IndexedFile[], b: readonly IndexedFile[]): boolean {
  const text = (files: readonly IndexedFile[]) => files.map((file) => JSON.stringify(file)).sort();
  return text(a).join() === text(b).join();
}
