import type { Ended, LoopEnd, RunOptions } from "../worker/worker.ts";
import { aborted } from "../core/aborted.ts";
import { CommonEnd } from "./common_end.ts";

/** The work came to an end by itself, in one of these ways. */
export interface WorkEnded {
  kind: Exclude<Ended, "stopped">;
}

/** A loop that works through the jobs of one target. */
export interface Working {
  run(stop: AbortSignal, end: LoopEnd): Promise<Ended>;
}

/** The greatest says most about all. */
const WEIGHT: readonly Ended[] = [
  "stopped",
  "idle",
  "nothing due",
  "paused",
  "server down",
  "needs attention",
];

/** The workers of all targets. They end together (`CommonEnd`), or one by one where one cannot work. */
export class Work {
  readonly name = "work";

  constructor(private readonly workers: readonly Working[], private readonly options: RunOptions) {}

  async run(stop: AbortSignal): Promise<WorkEnded | void> {
    const failed = new AbortController();
    const signal = AbortSignal.any([stop, failed.signal]);
    const common = new CommonEnd(this.options);
    const loops = this.workers.map((worker) => ({ worker, end: common.join() }));
    const results = await Promise.allSettled(loops.map(async ({ worker, end }) => {
      try {
        return await worker.run(signal, end);
      } catch (thrown) {
        failed.abort();
        throw thrown;
      } finally {
        end.left();
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
  /**
   * What else has to be through before all ends. A pass is often shorter than the daily backup, which
   * would be cut off each time.
   */
  backupEnded(): Promise<void>;
}

/** One pass over what is there, for `run --once`. */
export class SinglePass {
  readonly name = "single pass";

  constructor(private readonly parts: SinglePassParts) {}

  async run(stop: AbortSignal): Promise<WorkEnded | void> {
    const { prepare, work, isOwed, backupEnded } = this.parts;
    await prepare(stop);
    const ended = await work.run(stop);
    await Promise.race([backupEnded(), aborted(stop)]);
    // The queue is empty only because Stash could not say what belongs into it.
    if (ended?.kind === "nothing due" && isOwed()) return { kind: "server down" };
    return ended;
  }
}
