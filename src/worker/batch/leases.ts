import { MINUTE_MS } from "../../core/time/duration.ts";
import type { WorkContext } from "../context.ts";

export const LEASE_MS = 5 * MINUTE_MS;
// A third of the lease: two missed renewals must not let a second worker in.
const RENEW_MS = LEASE_MS / 3;

/** Keeps the leases of all jobs that one worker has in hand. */
export class Leases {
  #renewedAt: number;

  constructor(
    private readonly context: Pick<WorkContext, "store" | "target" | "runtime">,
    /** Names the process in leases. */
    readonly owner: string,
  ) {
    this.#renewedAt = context.runtime.now();
  }

  /** To be called again and again while there is work. */
  keep(): void {
    const { store, target, runtime } = this.context;
    const now = runtime.now();
    if (Math.abs(now - this.#renewedAt) < RENEW_MS) return;
    this.#renewedAt = now;
    store.jobs.renew(this.owner, now + LEASE_MS, target.id);
  }
}
