import type { Config } from "../config/config.ts";
import type { ChangeKind } from "../stash/changes.ts";
import type { StashClient } from "../stash/client.ts";
import type { Store } from "../store/store.ts";
import { Watcher } from "../intake/watcher.ts";
import { isRebuildWanted, rebuild } from "./rebuild.ts";
import { type LookParts, StashLooks } from "./stash_looks.ts";
import { StashWalks } from "./stash_walks.ts";

export interface StashWatchParts extends LookParts {
  config: Pick<Config, "pollIntervalMs" | "sweepInterval" | "waitForScan">;
  store: Store;
  stash: StashClient;
  /** Tells the worker of new jobs. */
  wake: () => void;
}

/** The daemon's eye on Stash: what changed, and all scenes after a loss of the database. */
export class StashWatch {
  readonly #isNew: boolean;
  readonly #looks: StashLooks;
  readonly #walks: StashWalks;
  #watcher: Watcher;
  #untold = "";

  constructor(private readonly parts: StashWatchParts) {
    this.#looks = new StashLooks(parts);
    this.#walks = new StashWalks({ ...parts, looks: this.#looks });
    this.#watcher = newWatcher(parts);
    this.#isNew = this.#watcher.isNew;
  }

  /**
   * Looks for changes until stopped; never rejects. While Stash is down the worker probes it,
   * not this.
   */
  async run(stop: AbortSignal): Promise<void> {
    const { log } = this.parts;
    if (this.#isNew) {
      log.info("Watching Stash from now on; plexsync sync --all brings what is there already", {
        event: "watch_start",
      });
    }
    await Promise.all([this.#watch(stop), this.#walks.run(stop)]);
  }

  /** For a single pass, which watches nothing: only what was accepted before, or was lost. */
  async runOnce(stop: AbortSignal): Promise<void> {
    await this.#walks.runOnce(stop);
    if (isRebuildWanted(this.parts.store.meta)) await this.#look(stop);
  }

  async #watch(stop: AbortSignal): Promise<void> {
    const { config, gate, runtime } = this.parts;
    while (!stop.aborted) {
      if (!gate.isDown("stash")) await this.#look(stop);
      await runtime.sleep(config.pollIntervalMs, stop);
    }
  }

  async #look(stop: AbortSignal): Promise<void> {
    const look = await this.#looks.try("poll", () => this.#poll(stop), stop);
    // What was seen and could not be noted must count as news again.
    if ("failed" in look && look.failed === "store") this.#watcher = newWatcher(this.parts);
  }

  async #poll(stop: AbortSignal): Promise<void> {
    const { gate, log, runtime, wake } = this.parts;
    const { scenes, renames } = await this.#watcher.poll(stop);
    gate.succeeded("stash", runtime.now());
    this.#sayUntold(this.#watcher.untold);
    if (scenes > 0) {
      log.debug(`${scenes} scenes changed`, { event: "watch", count: scenes });
      wake();
    }
    if (renames > 0) {
      log.debug(`${renames} performers, studios or tags have a new name`, {
        event: "watch_renames",
        count: renames,
      });
      this.#walks.ring();
    }
    // After the poll: a change made during the walk over all scenes is found by the next one.
    await rebuild(this.parts);
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
}

function newWatcher({ config, store, stash, runtime }: StashWatchParts): Watcher {
  return new Watcher({ stash, store, runtime, waitForScan: config.waitForScan });
}
