import type { Config } from "../config/config.ts";
import { isDue } from "../core/clock.ts";
import { stepFanout } from "../intake/fanout.ts";
import { Sweep, type SweepReport } from "../intake/sweep.ts";
import type { StashClient } from "../stash/client.ts";
import type { Store } from "../store/store.ts";
import { Alarm } from "../worker/alarm.ts";
import type { LookParts, StashLooks } from "./stash_looks.ts";

export interface StashWalksParts extends LookParts {
  config: Pick<Config, "sweepInterval">;
  store: Store;
  stash: StashClient;
  looks: StashLooks;
  /** Tells the worker of new jobs. */
  wake: () => void;
}

/** How often the database is looked at for renames that another process put there. */
const LOOK_MS = 250;
/** The least rest between two pages of the full walk. */
const REST_MS = 1_000;
/** A page is followed by this many times the time that it took: a tenth of Stash's time at most. */
const REST_FACTOR = 9;

/** What is walked page by page: the scenes of what was renamed, and now and then all scenes. */
export class StashWalks {
  readonly #sweep: Sweep;
  readonly #alarm = new Alarm();
  #nextPageAt = 0;

  constructor(private readonly parts: StashWalksParts) {
    this.#sweep = new Sweep(parts);
  }

  /** There is something to fan out. */
  ring(): void {
    this.#alarm.ring();
  }

  /** Until stopped; never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { gate, runtime, looks } = this.parts;
    while (!stop.aborted) {
      if (!gate.isDown("stash")) {
        await looks.try("walk", async () => {
          await this.#fanOut(stop);
          if (this.#isPageDue()) await this.#walkPage(stop);
        }, stop);
      }
      await this.#alarm.sleep(runtime, LOOK_MS, stop);
    }
  }

  /** Only what is to be fanned out, at once, for a single pass; never rejects. */
  async runOnce(stop: AbortSignal): Promise<void> {
    await this.parts.looks.try("walk", () => this.#fanOut(stop), stop);
  }

  async #fanOut(stop: AbortSignal): Promise<void> {
    while (!stop.aborted && await stepFanout(this.#fanoutPorts)) this.parts.wake();
  }

  get #fanoutPorts() {
    const { store: { fanouts, scenes }, stash, runtime } = this.parts;
    return { fanouts, scenes, stash, runtime };
  }

  #isPageDue(): boolean {
    const { config, runtime } = this.parts;
    return isDue(this.#nextPageAt, runtime.now()) && this.#sweep.isDue(config.sweepInterval);
  }

  async #walkPage(stop: AbortSignal): Promise<void> {
    const { gate, runtime, wake } = this.parts;
    const started = runtime.now();
    const report = await this.#sweep.step(stop);
    const ended = runtime.now();
    gate.succeeded("stash", ended);
    this.#nextPageAt = ended + Math.max(REST_MS, REST_FACTOR * (ended - started));
    if (report === null) return;
    this.#say(report);
    wake();
  }

  #say({ walked, queued }: SweepReport): void {
    const { log } = this.parts;
    const fields = { event: "sweep", count: queued, total: walked };
    const message = `Walked all ${walked} scenes: ${queued} differ from what was synced`;
    if (queued > 0) log.info(message, fields);
    else log.debug(message, fields);
  }
}
