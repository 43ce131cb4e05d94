/** So many wrong tries at once, and then one each so many ms. */
const AT_ONCE = 10;
const ONE_EACH_MS = 10_000;

/**
 * How often somebody may try to sign in. Counted together for all who ask: behind a proxy they have
 * one address, and the link of `plexsync page` lets the owner in meanwhile.
 */
export class Attempts {
  #left = AT_ONCE;
  #at = 0;

  /** @param now Epoch ms @returns whether one more may be made; call `succeeded` to give it back */
  take(now: number): boolean {
    const gained = Math.max(0, now - this.#at) / ONE_EACH_MS;
    this.#left = Math.min(AT_ONCE, this.#left + gained);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  succeeded(): void {
    this.#left = AT_ONCE;
  }
}
