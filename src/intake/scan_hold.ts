import { MINUTE_MS } from "../core/time/duration.ts";
import type { Runtime } from "../core/runtime.ts";
import type { StashClient } from "../stash/client.ts";

/** A scan that takes longer than this is waited for no more. */
export const LONGEST_HOLD_MS = 30 * MINUTE_MS;

/**
 * Whether to wait for the end of a scan of Stash's library: until then its scenes are half
 * made, and each would be synced several times.
 */
export class ScanHold {
  #scan: { name: string; since: number } | null = null;
  #holds = false;

  constructor(
    private readonly ports: { stash: Pick<StashClient, "runningScan">; runtime: Runtime },
  ) {}

  /** What the last `ask` said. */
  get holds(): boolean {
    return this.#holds;
  }

  /**
   * Asks whether a scan runs that is still to be waited for.
   * @throws {PlexsyncError} Stash did not answer
   */
  async ask(): Promise<boolean> {
    const { stash, runtime } = this.ports;
    const name = await stash.runningScan();
    const now = runtime.now();
    if (name === null) this.#scan = null;
    else if (this.#scan?.name !== name) this.#scan = { name, since: now };
    this.#holds = this.#scan !== null && Math.abs(now - this.#scan.since) < LONGEST_HOLD_MS;
    return this.#holds;
  }
}
