import type { Config } from "../config/config.ts";
import type { ChangeKind } from "../stash/changes.ts";
import type { StashClient } from "../stash/client.ts";
import type { Store } from "../store/store.ts";
import { type Found, StampPoll } from "../intake/stamp_poll.ts";
import type { FaultParts, IntakeFaults } from "./intake_faults.ts";
import { isRebuildWanted, rebuild } from "./rebuild.ts";

export interface StashPollParts extends FaultParts {
  config: Pick<Config, "pollIntervalMs" | "waitForScan">;
  store: Store;
  stash: StashClient;
  faults: IntakeFaults;
  /** Tells the worker of new jobs. */
  wake: () => void;
  /** Tells whoever fans them out of renames. */
  renamed: () => void;
}

/** Asks Stash every `poll_interval` what changed, and for all scenes after a loss of the database. */
export class StashPoll {
  readonly name = "poll";
  #untold = "";

  constructor(private readonly parts: StashPollParts) {}

  /** Until stopped; never rejects. While Stash is down the worker probes it, not this. */
  async run(stop: AbortSignal): Promise<void> {
    const { config, gate, runtime, log } = this.parts;
    let poll = this.#newPoll();
    if (poll.isNew) {
      log.info("Watching Stash from now on; plexsync sync --all brings what is there already", {
        event: "watch_start",
      });
    }
    while (!stop.aborted) {
      if (!gate.isDown) {
        // What was seen and could not be noted must count as news again.
        if (!await this.#take(poll, stop)) poll = this.#newPoll();
      }
      await runtime.sleep(config.pollIntervalMs, stop);
    }
  }

  /** For a single pass, which polls for nothing new: only what was lost. Never rejects. */
  async runOnce(stop: AbortSignal): Promise<void> {
    if (isRebuildWanted(this.parts.store.meta)) await this.#take(this.#newPoll(), stop);
  }

  /** @returns false when what it found could not be noted */
  async #take(poll: StampPoll, stop: AbortSignal): Promise<boolean> {
    const step = await this.parts.faults.guard("poll", async () => {
      this.#say(await poll.poll(stop), poll.untold);
      // After the poll: a change made meanwhile is found by the next one.
      await rebuild(this.parts);
    }, stop);
    return !("failed" in step && step.failed === "store");
  }

  #say({ scenes, renames }: Found, untold: readonly ChangeKind[]) {
    const { gate, log, runtime, wake, renamed } = this.parts;
    gate.succeeded(runtime.now(), "read");
    this.#sayUntold(untold);
    if (scenes > 0) {
      log.debug(`${scenes} scenes changed`, { event: "watch", count: scenes });
      wake();
    }
    if (renames > 0) {
      log.debug(`${renames} performers, studios or tags have a new name`, {
        event: "watch_renames",
        count: renames,
      });
      renamed();
    }
  }

  /** Said once, and again when another version of Stash tells more or less. */
  #sayUntold(kinds: readonly ChangeKind[]): void {
    const text = kinds.join(", ");
    if (text === this.#untold) return;
    this.#untold = text;
    if (text === "") return;
    this.parts.log.info(`This Stash does not tell by time which of these changed: ${text}`, {
      event: "watch_untold",
      hint: "Hooks tell most of it, and the full walk every sweep_interval finds the rest",
    });
  }

  #newPoll(): StampPoll {
    const { config, store, stash, runtime, log } = this.parts;
    return new StampPoll({ stash, store, runtime, log, waitForScan: config.waitForScan });
  }
}
