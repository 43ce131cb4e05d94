/** Timers that end with the server, so that nothing outlives it. */
export class Timers {
  #open = new Map<ReturnType<typeof setTimeout>, () => void>();
  #closed = false;

  /** @returns false when the server was closed before the time was over */
  sleep(ms: number): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    if (ms <= 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#open.delete(timer);
        resolve(true);
      }, ms);
      this.#open.set(timer, () => resolve(false));
    });
  }

  close(): void {
    this.#closed = true;
    for (const [timer, cancel] of this.#open) {
      clearTimeout(timer);
      cancel();
    }
    this.#open.clear();
  }
}
