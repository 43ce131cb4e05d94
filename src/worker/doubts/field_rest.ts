import { MINUTE_MS } from "../../core/time/duration.ts";
import { FAILURES_IN_A_ROW } from "../../core/jobs/doubt.ts";
import type { Disposition } from "../../core/jobs/job.ts";
import type { FieldName } from "../../core/sync/fields.ts";
import { PlexsyncError } from "../../core/failures/errors.ts";
import { storeFault } from "../../core/failures/store_fault.ts";
import { type RestingField, restingFieldsOf } from "../../core/meta_keys.ts";
import type { Store } from "../../store/store.ts";

/** All else is written meanwhile. */
const REST_MS = 10 * MINUTE_MS;

/**
 * Fields of which a target takes no edit of any item, while it takes others: a proxy's rule against what
 * their names look like, say. They are left out of edits; one job tries each now and then, and what waits
 * for it follows at once where that is taken. Kept across restarts, or each would begin with a few
 * scenes that meet it again.
 */
export class FieldRest {
  readonly #fields = new Map<FieldName, RestingField>();
  /** The job that tries a field just now. */
  readonly #triedBy = new Map<FieldName, number>();
  /** Jobs that wait for a field. */
  readonly #waiting = new Set<number>();
  #isOver = false;
  /** Of which it was said that they rest, since this process began. */
  readonly #said = new Set<FieldName>();
  /** By job: when a field of its item was first not taken, epoch ms. */
  readonly #failedAt = new Map<number, Map<FieldName, number>>();
  /** Items of which it was not taken since one had it taken, in whatever batch, each with its job. */
  readonly #failing = new Map<FieldName, Map<string, number>>();
  /** When it was last taken of any item, epoch ms. */
  readonly #takenAt = new Map<FieldName, number>();

  constructor(private readonly meta: Store["meta"], private readonly target: string) {
    for (const resting of meta.get(restingFieldsOf(target)) ?? []) {
      this.#fields.set(resting.field, resting);
    }
  }

  /** Whether all of these are known to rest. */
  knows(fields: readonly FieldName[]): boolean {
    return fields.length > 0 && fields.every((field) => this.#fields.has(field));
  }

  /**
   * None of these was taken of any item.
   * @returns until when they rest, epoch ms, and those of which that was not said yet
   */
  begin(fields: readonly FieldName[], now: number, why: string) {
    const until = now + REST_MS;
    for (const field of fields) {
      this.#fields.set(field, { field, until, why });
      this.#triedBy.delete(field);
    }
    this.#keep();
    const unsaid = fields.filter((field) => !this.#said.has(field));
    for (const field of unsaid) this.#said.add(field);
    return { until, unsaid };
  }

  /** They were taken of an item. @returns those of them that rested */
  end(fields: readonly FieldName[], now: number): FieldName[] {
    for (const field of fields) {
      this.#takenAt.set(field, now);
      this.#failing.delete(field);
    }
    const back = fields.filter((field) => this.#fields.delete(field));
    for (const field of back) {
      this.#triedBy.delete(field);
      this.#said.delete(field);
    }
    if (back.length > 0) {
      this.#isOver = true;
      this.#keep();
    }
    return back;
  }

  /** Fields of an edit that are not to be sent now. Where a rest is over, the first that asks tries it. */
  of(fields: readonly FieldName[], now: number, jobId: number): FieldName[] {
    return fields.filter((field) => {
      const resting = this.#fields.get(field);
      if (resting === undefined) return false;
      const triedBy = this.#triedBy.get(field);
      if (triedBy !== undefined) return triedBy !== jobId;
      // A clock that was set back makes no rest longer.
      if (now < resting.until && resting.until - now <= REST_MS) return true;
      this.#triedBy.set(field, jobId);
      return false;
    });
  }

  /**
   * A job has to wait for some fields.
   * @returns until when, epoch ms: until now where they were taken meanwhile
   */
  wait(jobId: number, fields: readonly FieldName[], now: number): number {
    const untils = fields.flatMap((field) => {
      const resting = this.#fields.get(field);
      if (resting === undefined) return [];
      // Another one tries it.
      return [resting.until > now ? Math.min(resting.until, now + REST_MS) : now + REST_MS];
    });
    if (untils.length > 0) this.#waiting.add(jobId);
    return Math.max(now, ...untils);
  }

  /** Jobs that waited for what was taken since. Each is given once. */
  takeFreed(): number[] {
    if (!this.#isOver) return [];
    this.#isOver = false;
    const freed = [...this.#waiting];
    this.#waiting.clear();
    return freed;
  }

  /** A job's attempt is over: what it tried, and came to nothing with, another may try. */
  settled(jobId: number, to: Disposition["to"]): void {
    for (const [field, triedBy] of this.#triedBy) {
      if (triedBy === jobId) this.#triedBy.delete(field);
    }
    if (to !== "done" && to !== "dead") return;
    this.#waiting.delete(jobId);
    this.#failedAt.delete(jobId);
    // What is refused of all ends as a dead letter too, and counts on.
    if (to === "done") this.endFailing(jobId, [...this.#failing.keys()]);
  }

  /** That these were not taken of a job's items says nothing of others any more. */
  endFailing(jobId: number, fields: readonly FieldName[]): void {
    for (const failing of fields.flatMap((field) => this.#failing.get(field) ?? [])) {
      for (const [item, by] of failing) if (by === jobId) failing.delete(item);
    }
  }

  /**
   * A field of a job's item was not taken.
   * @returns whether others had it taken since that was so for the first time
   */
  isItsOwn(jobId: number, field: FieldName, now: number): boolean {
    const failed = this.#failedAt.get(jobId) ?? new Map<FieldName, number>();
    this.#failedAt.set(jobId, failed);
    const first = failed.get(field);
    if (first === undefined) failed.set(field, now);
    return first !== undefined && (this.#takenAt.get(field) ?? -Infinity) > first;
  }

  /** These were not taken of a job's items. */
  noteFailing(jobId: number, fields: readonly FieldName[], items: readonly string[]): void {
    for (const field of fields) {
      const failing = this.#failing.get(field) ?? new Map<string, number>();
      this.#failing.set(field, failing);
      for (const item of items) {
        if (failing.size < FAILURES_IN_A_ROW || failing.has(item)) failing.set(item, jobId);
      }
    }
  }

  /** Of how many items in a row each of these was not taken: five are as many as count. */
  failing(fields: readonly FieldName[]): number {
    if (fields.length === 0) return 0;
    return Math.min(...fields.map((field) => this.#failing.get(field)?.size ?? 0));
  }

  /** Whether it is known already that a job's item does not take these. */
  hasFailed(jobId: number, fields: readonly FieldName[]): boolean {
    const failed = this.#failedAt.get(jobId);
    return fields.length > 0 && fields.every((field) => failed?.has(field));
  }

  /** Why some fields are not sent. */
  reasonOf(fields: readonly FieldName[]): PlexsyncError {
    const why = new Set(fields.flatMap((field) => this.#fields.get(field)?.why ?? []));
    const text = `Its ${fields.join(", ")} must wait: ${
      [...why].join("; ") || "it is taken again"
    }`;
    return new PlexsyncError("TransientError", text);
  }

  /** A full disk must not end the work over it: it is found out anew after a restart. */
  #keep(): void {
    const key = restingFieldsOf(this.target);
    const state = [...this.#fields.values()];
    try {
      if (state.length === 0) this.meta.remove(key);
      else this.meta.set(key, state);
    } catch (thrown) {
      if (storeFault(thrown) === null) throw thrown;
    }
  }
}
