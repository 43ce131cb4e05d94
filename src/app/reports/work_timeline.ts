import {
  firstStep,
  type RangeName,
  type Step,
  timeline,
  type WorkSum,
} from "../../core/stats/timeline.ts";
import { HOUR_MS, MINUTE_MS, startOf } from "../../core/time/duration.ts";
import type { Installation } from "../installation.ts";

/** What was done over a range of time that ends now, step by step. */
export class WorkTimeline {
  readonly #sums: Readonly<Record<RangeName, KeptSums>>;

  constructor(private readonly installation: Pick<Installation, "store" | "runtime">) {
    const { outcomes } = installation.store;
    const byHour = (at: number) => outcomes.byHour(at);
    this.#sums = {
      "1h": new KeptSums(MINUTE_MS, (at) => outcomes.byMinute(at)),
      "24h": new KeptSums(HOUR_MS, byHour),
      "30d": new KeptSums(HOUR_MS, byHour),
    };
  }

  of(range: RangeName): Step[] {
    const now = this.installation.runtime.now();
    return timeline(this.#sums[range].from(firstStep(range, now), now), range, now);
  }
}

/**
 * Sums by a unit of time, those kept that grow no more: the rows of an hour may be a hundred
 * thousand, and who looks at a page looks again in a second.
 */
class KeptSums {
  readonly #kept = new Map<number, WorkSum>();
  /** Units from here on may still grow. */
  #openFrom = 0;

  /** @param read All from the unit of an instant on */
  constructor(private readonly unitMs: number, private readonly read: (at: number) => WorkSum[]) {}

  /** @param first Where a unit begins; later than at the call before, if the clock is */
  from(first: number, now: number): WorkSum[] {
    // What is settled a little late still counts.
    const openFrom = startOf(now - MINUTE_MS, this.unitMs);
    // The clock was set back.
    if (openFrom < this.#openFrom) this.#openFrom = 0;
    for (const sum of this.read(Math.max(first, this.#openFrom))) this.#kept.set(sum.at, sum);
    for (const at of this.#kept.keys()) if (at < first) this.#kept.delete(at);
    this.#openFrom = openFrom;
    return [...this.#kept.values()];
  }
}
