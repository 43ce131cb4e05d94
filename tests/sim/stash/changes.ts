/** Wakes whoever waits for something to come true in the simulated Stash. */

const PATIENCE_MS = 20_000;

interface Waiter {
  look: () => void;
  fail: (why: string) => void;
}

export class Changes {
  readonly #waiting = new Set<Waiter>();

  /** To be called after anything that a test may wait for. */
  notify(): void {
    for (const waiter of [...this.#waiting]) waiter.look();
  }

  /**
   * Resolves as soon as `check` holds; it is asked now and after each change.
   * @throws {Error} it does not hold in time, or the server is closed first
   */
  until(check: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
      };
      const waiter: Waiter = {
        look: () => {
          if (!check()) return;
          end();
          resolve();
        },
        fail: (why) => {
          end();
          reject(new Error(`Waited in vain for ${check}: ${why}`));
        },
      };
      const timer = setTimeout(() => waiter.fail(`not within ${patienceMs} ms`), patienceMs);
      this.#waiting.add(waiter);
      waiter.look();
    });
  }

  close(): void {
    for (const waiter of [...this.#waiting]) waiter.fail("the server was closed");
  }
}
