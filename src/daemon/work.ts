import type { Ended, RunOptions } from "../worker/worker.ts";

/** The work came to an end by itself, in one of these ways. */
export interface WorkEnded {
  kind: Exclude<Ended, "stopped">;
}

/** A loop that works through the jobs of one target. */
export interface Working {
  run(stop: AbortSignal, options: RunOptions): Promise<Ended>;
}

/** The greatest says most about all. */
const WEIGHT: readonly Ended[] = [
  "stopped",
  "idle",
  "nothing due",
  "server down",
  "needs attention",
];

/** The workers of all targets. They end together: one that is through waits for the others. */
export class Work {
  readonly name = "work";

  constructor(private readonly workers: readonly Working[], private readonly options: RunOptions) {}

  async run(stop: AbortSignal): Promise<WorkEnded | void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([stop, failed.signal]);
    const results = await Promise.allSettled(this.workers.map(async (worker) => {
      try {
        return await worker.run(signal, this.options);
      } catch (thrown) {
        failed.abort();
        throw thrown;
      }
    }));
    let heaviest: Ended = "stopped";
    for (const result of results) {
      if (result.status === "rejected") throw result.reason;
      if (WEIGHT.indexOf(result.value) > WEIGHT.indexOf(heaviest)) heaviest = result.value;
    }
    if (heaviest !== "stopped") return { kind: heaviest };
  }
}

export interface SinglePassParts {
  /** What was accepted before is brought into the queue; never rejects. */
  prepare(stop: AbortSignal): Promise<void>;
  work: Pick<Work, "run">;
  /** Whether something is still missing in the queue. */
  isOwed(): boolean;
}

/** One pass over what is there, for `run --once`. */
export class SinglePass {
  readonly name = "single pass";

  constructor(private readonly parts: SinglePassParts) {}

  async run(stop: AbortSignal): Promise<WorkEnded | void> {
    const { prepare, work, isOwed } = this.parts;
    await prepare(stop);
    const ended = await work.run(stop);
    // The queue is empty only because Stash could not say what belongs into it.
    if (ended?.kind === "nothing due" && isOwed()) return { kind: "server down" };
    return ended;
  }
}
