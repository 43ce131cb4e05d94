import { type FieldName, IMAGE_FIELDS } from "../../core/sync/fields.ts";
import { isRecord, parseJson } from "../../core/text/json.ts";
import { type Job, PRIORITY } from "../../core/jobs/job.ts";
import type { Left } from "../../core/journal/undo_field.ts";
import type { UndoScope } from "../../core/journal/undo_scope.ts";
import { type Database, transaction } from "../database/database.ts";
import { isKeptOf } from "./journal.ts";

/** What is to be taken back on one item. */
export interface UndoRequest {
  id: number;
  /** The undo's own run. */
  run_id: number;
  scene_id: string;
  item: string;
  scope: UndoScope;
  /** Failed attempts. */
  retry_count: number;
}

/** What came of a request. */
export interface UndoResult {
  restored: readonly FieldName[];
  /** Fields of which only the lock came back. */
  locks: readonly FieldName[];
  left: readonly Left[];
  /** Why nothing could be done with the item; null when it could be read and written. */
  error: string | null;
}

/** An item on which something can be taken back, and the scene that owns it. */
export interface UndoTarget {
  scene_id: string;
  item: string;
  /** The write that is meant, where it is one. */
  write?: number;
}

/** How far an undo is. */
export interface UndoProgress {
  items: number;
  ended: number;
}

interface Row extends Omit<UndoRequest, "scope"> {
  scope: string;
}

/** Requests in one transaction. */
const PAGE = 1_000;

/** A write whose changes hold: it was not taken back, and is no undo. */
const HOLDS = `j.undone_by IS NULL AND (w.cause NOT IN ('undo', 'redo') OR j.kept_at IS NOT NULL)`;

const IMAGES = IMAGE_FIELDS.map((field) => `'${field}'`).join();
/**
 * The same, of which an undo can take something back: an image where there was none stays, and all
 * that an undo does for it is to open its lock. Without this a second undo of a whole library would
 * read each of its items for nothing.
 */
const TO_UNDO = `${HOLDS} AND NOT (j.field IN (${IMAGES}) AND j.before = '[]' AND j.sure = 1
  AND 'undo' = (SELECT n.cause FROM writes n JOIN journal m ON m.write_id = n.id
    WHERE n.target = w.target AND n.item = w.item AND m.field = j.field
    ORDER BY n.id DESC LIMIT 1))`;

/** It was told once that the item is lost; one that is there again is meant again. */
const THERE = `(w.lost_at IS NULL OR EXISTS (
  SELECT 1 FROM index_files f JOIN json_each(w.files) then_had ON f.path = then_had.value->>0
  WHERE f.target = w.target AND f.item = w.item))`;

/** What persons want to be taken back on the items of a target. */
export class UndoRequests {
  constructor(private readonly database: Database, private readonly target: string) {}

  /** The items on which something of a scope holds, each with the scene that owns it. */
  targetsOf(scope: UndoScope): UndoTarget[] {
    const { condition, value } = conditionOf(scope);
    return this.database.prepare(
      `SELECT o.scene_id, o.item FROM (
         SELECT item, scene_id, max(id) FROM writes WHERE target = ?1 GROUP BY item) o
       WHERE o.item IN (
         SELECT w.item FROM writes w JOIN journal j ON j.write_id = w.id
         WHERE w.target = ?1 AND ${condition}) ORDER BY CAST(o.scene_id AS INTEGER), o.item`,
    ).all<UndoTarget>(this.target, ...value);
  }

  /** The newest write to each item of a scene that still holds. */
  lastOf(sceneId: string): UndoTarget[] {
    return this.database.prepare(
      `SELECT w.scene_id, w.item, max(w.id) AS "write" FROM writes w
         JOIN journal j ON j.write_id = w.id
       WHERE w.target = ? AND w.scene_id = ? AND ${HOLDS} GROUP BY w.item`,
    ).all<UndoTarget>(this.target, sceneId);
  }

  /**
   * Queues an undo of these items, each as a request of its own that its scene's job takes.
   * @param scopeOf What is meant on each
   * @param now Epoch ms
   */
  request(
    targets: readonly UndoTarget[],
    scopeOf: (target: UndoTarget) => UndoScope,
    runId: number,
    now: number,
  ): void {
    const put = this.database.prepare(
      `INSERT OR IGNORE INTO undo_requests (run_id, scene_id, target, item, scope, next_retry_at,
         made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)`,
    );
    for (let at = 0; at < targets.length; at += PAGE) {
      transaction(this.database, () => {
        for (const each of targets.slice(at, at + PAGE)) {
          const scope = JSON.stringify(scopeOf(each));
          put.run(runId, each.scene_id, this.target, each.item, scope, now);
          this.#needJob(each.scene_id, runId, now);
        }
      });
    }
  }

  /** Whether a request could be taken now. */
  hasDue(now: number): boolean {
    return this.database.prepare(
      `SELECT 1 FROM undo_requests WHERE target = ? AND next_retry_at <= ? AND ended_at IS NULL
       LIMIT 1`,
    ).get(this.target, now) !== undefined;
  }

  /**
   * Takes due requests, of each item but one, with the jobs of their scenes; those of a scene that
   * somebody works on stay. As with syncs, one over whose job a process died is taken alone, and
   * where it was alone already, after all others: no other ends with it.
   */
  claim(
    owner: string,
    now: number,
    limit: number,
    leaseMs: number,
  ): { request: UndoRequest; job: Job }[] {
    return transaction(this.database, () => {
      const due = this.database.prepare(
        `SELECT id, run_id, scene_id, item, scope, retry_count FROM undo_requests
         WHERE target = ? AND next_retry_at <= ? AND ended_at IS NULL ORDER BY id LIMIT ?`,
      ).all<Row>(this.target, now, limit);
      const items = new Set<string>();
      const free = due.flatMap((row) => {
        if (items.has(row.item)) return [];
        const job = this.#freeJob(row, now);
        if (job === null) return [];
        items.add(row.item);
        return [{ row, job }];
      });
      const diedAlone = free.filter(({ job }) => job.deaths > 1);
      const inOrder = [...free.filter(({ job }) => job.deaths <= 1), ...diedAlone];
      const suspect = inOrder.findIndex(({ job }) => job.deaths > 0);
      const taken = suspect < 0 ? inOrder : inOrder.slice(0, Math.max(1, suspect));
      for (const { job } of taken) this.#lease(job, owner, now, leaseMs);
      return taken.map(({ row, job }) => ({
        request: { ...row, scope: parseJson(row.scope) as UndoScope },
        job: { ...job, lease_owner: owner },
      }));
    });
  }

  /** @returns null when it is in other hands */
  #freeJob({ scene_id, run_id }: Row, now: number): Job | null {
    this.#needJob(scene_id, run_id, now);
    const job = this.#jobOf(scene_id)!;
    return job.state === "running" && job.lease_until! > now ? null : job;
  }

  #lease({ id }: Job, owner: string, now: number, leaseMs: number): void {
    this.database.prepare(
      `UPDATE jobs SET state = 'running', lease_owner = ?, lease_until = ?, updated_at = ?
       WHERE id = ?`,
    ).run(owner, now + leaseMs, now, id);
  }

  #jobOf(sceneId: string): Job | undefined {
    return this.database.prepare("SELECT * FROM jobs WHERE scene_id = ? AND target = ?")
      .get<Job>(sceneId, this.target);
  }

  #needJob(sceneId: string, runId: number, now: number): void {
    this.database.prepare(
      `INSERT OR IGNORE INTO jobs (scene_id, target, run_id, reason, priority, state,
         next_retry_at, enqueued_at, updated_at) VALUES (?1, ?2, ?3, 'undo', ?4, 'ready', ?5, ?5, ?5)`,
    ).run(sceneId, this.target, runId, PRIORITY.undo, now);
  }

  /** Whether the lease that a claim gave still stands. For a caller that holds the transaction. */
  holds(job: Job): boolean {
    const now = this.#jobOf(job.scene_id);
    return now?.id === job.id && now.state === "running" && now.lease_owner === job.lease_owner;
  }

  /** Ends a request. For a caller that holds the transaction. */
  end(id: number, result: UndoResult, now: number): void {
    this.database.prepare("UPDATE undo_requests SET ended_at = ?, result = ? WHERE id = ?")
      .run(now, JSON.stringify(result), id);
  }

  /**
   * The item that was written is not there any more, and that is told: who asks for all does not mean
   * it again while it stays away. For a caller that holds the transaction.
   */
  lose(item: string, now: number): void {
    this.database.prepare("UPDATE writes SET lost_at = ? WHERE target = ? AND item = ?")
      .run(now, this.target, item);
  }

  /** The request is tried again. For a caller that holds the transaction. */
  retry(id: number, at: number, isPaid: boolean): void {
    this.database.prepare(
      "UPDATE undo_requests SET next_retry_at = ?, retry_count = retry_count + ? WHERE id = ?",
    ).run(at, Number(isPaid), id);
  }

  /**
   * Gives back the job of requests: one that was made for an undo ends with the last of them, any
   * other goes on as it was. For a caller that holds the transaction.
   */
  release(job: Job, now: number): void {
    // By itself SQLite goes through all requests of the target by time: 12 ms among 100,000.
    const open = this.database.prepare(
      `SELECT min(+next_retry_at) AS at FROM undo_requests
       WHERE scene_id = ? AND target = ? AND ended_at IS NULL`,
    ).get<{ at: number | null }>(job.scene_id, this.target)!.at;
    const current = this.#jobOf(job.scene_id)!;
    if (open === null && current.reason === "undo") {
      this.database.prepare("DELETE FROM jobs WHERE id = ?").run(job.id);
      return;
    }
    const isChanged = current.generation !== job.generation;
    const state = job.state === "waiting" && !isChanged ? "waiting" : "ready";
    this.database.prepare(
      `UPDATE jobs SET state = ?, lease_owner = NULL, lease_until = NULL, deaths = 0,
         next_retry_at = ?, updated_at = ? WHERE id = ?`,
    ).run(state, current.reason === "undo" ? open : current.next_retry_at, now, job.id);
  }

  /** How far the undo of a run is. */
  progress(runId: number): UndoProgress {
    return this.database.prepare(
      `SELECT count(*) AS items, count(ended_at) AS ended FROM undo_requests
       WHERE run_id = ? AND target = ?`,
    ).get<UndoProgress>(runId, this.target)!;
  }

  /** What came of the requests of a run, in the order of their ids. */
  results(runId: number): { scene_id: string; item: string; result: UndoResult }[] {
    return this.database.prepare(
      `SELECT scene_id, item, result FROM undo_requests
       WHERE run_id = ? AND target = ? AND ended_at IS NOT NULL ORDER BY id`,
    ).all<{ scene_id: string; item: string; result: string }>(runId, this.target)
      .map(({ result, ...row }) => ({ ...row, result: readResult(result) }));
  }

  /** Forgets what ended before (epoch ms). */
  removeOlder(before: number): number {
    return this.database.prepare("DELETE FROM undo_requests WHERE target = ? AND ended_at < ?")
      .run(this.target, before);
  }

  /** Ids of items mean nothing on another server. For a caller that holds the transaction. */
  clear(): void {
    this.database.prepare("DELETE FROM undo_requests WHERE target = ?").run(this.target);
  }
}

function conditionOf(scope: UndoScope): { condition: string; value: (string | number)[] } {
  switch (scope.kind) {
    case "all":
    case "unlock":
      return { condition: `${TO_UNDO} AND ${THERE}`, value: [] };
    case "since":
      return { condition: `w.at >= ?2 AND ${TO_UNDO} AND ${THERE}`, value: [scope.at] };
    case "run":
      return { condition: "w.run_id = ?2 AND j.undone_by IS NULL", value: [scope.run] };
    case "scene":
      return {
        condition: `(w.scene_id = ?2 OR ${isKeptOf("j", "?2")}) AND ${TO_UNDO}`,
        value: [scope.scene],
      };
    case "write":
      return { condition: `w.id = ?2 AND ${HOLDS}`, value: [scope.write] };
  }
}

function readResult(json: string): UndoResult {
  const value = parseJson(json);
  const { restored, locks, left, error } = isRecord(value) ? value : {};
  return {
    restored: Array.isArray(restored) ? restored : [],
    locks: Array.isArray(locks) ? locks : [],
    left: Array.isArray(left) ? left : [],
    error: typeof error === "string" ? error : null,
  };
}
