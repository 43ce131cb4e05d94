import { MINUTE_MS } from "../../core/time/duration.ts";
import { HEALTH_CHECKED_AT } from "../../core/meta_keys.ts";
import type { Runtime } from "../../core/runtime.ts";
import { explainFault } from "../../core/failures/store_fault.ts";
import type { Meta } from "../../store/meta.ts";

/**
 * A loop that took no step for so long is stuck. Its longest step is the first look at a large
 * library, which a restart would only make begin anew.
 */
const STUCK_MS = 30 * MINUTE_MS;
/** So often at most the database is written to for the sake of the question. */
const CHECK_MS = 5_000;

export interface Health {
  ok: boolean;
  /** What is wrong; null when nothing is. */
  problem: string | null;
}

/** Whether the daemon is alive and can work. Plex or Stash being down makes it neither. */
export class HealthCheck {
  #checkedAt = -Infinity;
  #ready: Health = { ok: true, problem: null };

  constructor(
    /** When the worker's loop took its last step, epoch ms. */
    private readonly turnedAt: () => number,
    private readonly meta: Pick<Meta, "set">,
    private readonly runtime: Pick<Runtime, "now">,
  ) {}

  /** The work goes on, or rests for a reason that it knows. */
  live(): Health {
    const silentMs = this.runtime.now() - this.turnedAt();
    if (silentMs < STUCK_MS) return { ok: true, problem: null };
    const minutes = Math.floor(silentMs / MINUTE_MS);
    return { ok: false, problem: `The worker took no step for ${minutes} minutes` };
  }

  /** A change can be accepted: the database takes what is written to it. */
  ready(): Health {
    const now = this.runtime.now();
    if (Math.abs(now - this.#checkedAt) < CHECK_MS) return this.#ready;
    this.#checkedAt = now;
    try {
      this.meta.set(HEALTH_CHECKED_AT, now);
      this.#ready = { ok: true, problem: null };
    } catch (error) {
      const why = explainFault(error)?.message ?? String(error);
      this.#ready = { ok: false, problem: `The database cannot be written: ${why}` };
    }
    return this.#ready;
  }
}
