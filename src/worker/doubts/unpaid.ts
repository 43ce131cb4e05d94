import { probeDelay } from "../../core/jobs/breaker.ts";
import { type DoubtfulWork, FAILURES_IN_A_ROW } from "../../core/jobs/doubt.ts";
import type { FieldRest } from "./field_rest.ts";
import { PartsTurn } from "./parts_turn.ts";

/**
 * Jobs that failed and did not pay for it, since it may be another's fault: known while the process
 * lives, so that what has not failed goes first, and each is tried ever less often.
 */
export class Unpaid {
  readonly #tries = new Map<number, number>();
  /** What none gets done of all that were tried, as far as others were seen to be tried since. */
  readonly refusedToAll = new Set<DoubtfulWork>();

  /** Jobs whose edits were refused since one was taken, in whatever batch, and ended or not. */
  readonly #refused = new Set<number>();

  /** Whether edits are worth being sent in their parts that are refused, or not heard. */
  readonly refusals = new PartsTurn();
  readonly silence = new PartsTurn();

  /** Jobs that let others go first once, to tell whether they are refused as well. */
  readonly waited = new Set<number>();
  /** Jobs whose edits are worth being sent in all of their parts, whatever others meet. */
  readonly #inParts = new Set<number>();

  /** @param fieldRest Fields that are taken of no item */
  constructor(readonly fieldRest: FieldRest) {}

  /** Ids of the jobs. */
  get jobs(): ReadonlySet<number> {
    return new Set(this.#tries.keys());
  }

  has(jobId: number): boolean {
    return this.#tries.has(jobId);
  }

  /** How often it went back in a row. */
  tries(jobId: number): number {
    return this.#tries.get(jobId) ?? 0;
  }

  /** One went back once more. @returns after how many ms it is worth another try: the first is at once */
  again(jobId: number): number {
    const tries = this.tries(jobId);
    this.#tries.set(jobId, tries + 1);
    return tries === 0 ? 0 : probeDelay(tries - 1);
  }

  /** Its attempt came to an end. */
  ended(jobId: number): void {
    this.#tries.delete(jobId);
    this.#inParts.delete(jobId);
    this.waited.delete(jobId);
  }

  /** Others are taken: the next edit of this job is to be sent in all of its parts. */
  tryInParts(jobId: number): void {
    this.#inParts.add(jobId);
  }

  /** Whether a job's edit that is refused, or not heard, is worth being sent in its parts. */
  turnOf(jobId: number, what: "refusals" | "silence"): PartsTurn {
    return this.#inParts.delete(jobId) ? new PartsTurn() : this[what];
  }

  /** The edits of these were refused. @returns of how many in a row: five are as many as count */
  refused(jobs: readonly number[]): number {
    for (const id of jobs) if (this.#refused.size < FAILURES_IN_A_ROW) this.#refused.add(id);
    return this.#refused.size;
  }

  /** An edit was answered with 200. */
  answered(): void {
    this.#refused.clear();
    this.refusedToAll.delete("edit");
  }

  /** An edit was answered with 200, and stands there. */
  taken(): void {
    this.answered();
    this.silence.taken();
  }
}
