import type { Config } from "../config/config.ts";
import { Alarm } from "../core/alarm.ts";
import { isDue } from "../core/time/clock.ts";
import { lastedMs, MINUTE_MS, SECOND_MS } from "../core/time/duration.ts";
import { Sweep, type SweepReport } from "../intake/sweep.ts";
import type { Log } from "../log/logger.ts";
import type { StashClient } from "../stash/client.ts";
import type { Store } from "../store/store.ts";
import type { FaultParts, IntakeFaults } from "./intake_faults.ts";

export interface StashSweepParts extends Pick<FaultParts, "gate" | "runtime"> {
  config: Pick<Config, "sweepInterval">;
  store: Store;
  stash: StashClient;
  faults: IntakeFaults;
  log: Log;
  /** Tells the worker of new jobs. */
  wake: () => void;
}

/** How often it is asked whether a sweep is due; `ring` tells of one that is wished for. */
const CHECK_MS = SECOND_MS;
/** The least rest between two pages. */
const REST_MS = SECOND_MS;
/** A page is followed by this many times the time that it took: a tenth of Stash's time at most. */
const REST_FACTOR = 9;
/** No rest is longer, whatever a clock that was set makes of the time that a page took. */
const LONGEST_REST_MS = 10 * MINUTE_MS;

/** The slow pass over all scenes, every `sweep_interval`. */
export class StashSweep {
  readonly name = "sweep";
  readonly #alarm = new Alarm();

  constructor(private readonly parts: StashSweepParts) {}

  /** One may be wished for. */
  ring(): void {
    this.#alarm.ring();
  }

  /** Until stopped; never rejects. While Stash is down the worker probes it, not this. */
  async run(stop: AbortSignal): Promise<void> {
    const { config, gate, runtime, faults } = this.parts;
    const sweep = new Sweep(this.parts);
    let nextPageAt = 0;
    while (!stop.aborted) {
      if (!gate.isDown) {
        await faults.guard("sweep", async () => {
          if (
            !isDue(nextPageAt, runtime.now(), LONGEST_REST_MS) || !sweep.isDue(config.sweepInterval)
          ) return;
          const started = runtime.now();
          const report = await sweep.step(stop);
          const ended = runtime.now();
          gate.succeeded(ended, "read");
          const rest = Math.max(REST_MS, REST_FACTOR * lastedMs(ended - started));
          nextPageAt = ended + Math.min(rest, LONGEST_REST_MS);
          if (report !== null) this.#end(report);
        }, stop);
      }
      const rest = nextPageAt - runtime.now();
      await this.#alarm.sleep(runtime, rest > 0 && rest < CHECK_MS ? rest : CHECK_MS, stop);
    }
  }

  #end({ walked, queued }: SweepReport): void {
    const { log, wake } = this.parts;
    const fields = { event: "sweep", count: queued, total: walked };
    const message = `Walked all ${walked} scenes: ${queued} differ from what was synced`;
    if (queued > 0) log.info(message, fields);
    else log.debug(message, fields);
    wake();
  }
}
