import { Alarm } from "../core/alarm.ts";
import { SECOND_MS } from "../core/time/duration.ts";
import { stepFanout } from "../intake/fanout.ts";
import type { StashClient } from "../stash/client.ts";
import type { Store } from "../store/store.ts";
import type { FaultParts, IntakeFaults } from "./intake_faults.ts";

export interface StashFanoutParts extends Pick<FaultParts, "gate" | "runtime"> {
  store: Pick<Store, "fanouts" | "scenes">;
  stash: StashClient;
  faults: IntakeFaults;
  /** Tells the worker of new jobs. */
  wake: () => void;
}

/** How often it is asked whether Stash is back; `ring` tells of what was put there. */
const CHECK_MS = SECOND_MS;

/** Queues the scenes of performers, studios and tags that were renamed, page by page. */
export class StashFanout {
  readonly name = "fan-out";
  readonly #alarm = new Alarm();

  constructor(private readonly parts: StashFanoutParts) {}

  /** There is something to fan out. */
  ring(): void {
    this.#alarm.ring();
  }

  /** Until stopped; never rejects. While Stash is down the worker probes it, not this. */
  async run(stop: AbortSignal): Promise<void> {
    const { gate, runtime } = this.parts;
    while (!stop.aborted) {
      if (!gate.isDown) await this.runOnce(stop);
      await this.#alarm.sleep(runtime, CHECK_MS, stop);
    }
  }

  /** All that is to be fanned out now; never rejects. */
  async runOnce(stop: AbortSignal): Promise<void> {
    const { store: { fanouts, scenes }, stash, runtime, faults, wake } = this.parts;
    await faults.guard("fan-out", async () => {
      while (!stop.aborted && await stepFanout({ fanouts, scenes, stash, runtime })) wake();
    }, stop);
  }
}
