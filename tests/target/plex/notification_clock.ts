import type { Runtime } from "../../../src/core/runtime.ts";

interface Sleeper {
  at: number;
  ms: number;
  wake(): void;
}

/** A clock that stands still until the test moves it. */
export class ManualClock implements Runtime {
  #now: number;
  #sleepers: Sleeper[] = [];
  #watchers: (() => void)[] = [];

  constructor(start = Date.UTC(2026, 0, 10, 20)) {
    this.#now = start;
  }

  now = (): number => this.#now;
  random = (): number => 0.5;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener("abort", wake);
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      };
      const sleeper = { at: this.#now + ms, ms, wake };
      signal?.addEventListener("abort", wake);
      this.#sleepers.push(sleeper);
      for (const watcher of this.#watchers.splice(0)) watcher();
    });
  };

  /** Resolves once somebody sleeps for exactly `ms`. */
  async asleep(ms: number): Promise<void> {
    while (!this.#sleepers.some((sleeper) => sleeper.ms === ms)) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Lets `ms` pass: who sleeps no longer than that wakes up. */
  pass(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers.filter(({ at }) => at <= this.#now)) sleeper.wake();
  }
}
