import { setImmediate } from "node:timers";
import type { Runtime } from "../../src/core/runtime.ts";

/** A clock that runs only while somebody sleeps, so that hours pass in a moment. */
export class FakeRuntime implements Runtime {
  /** Every wait that was asked for, ms. */
  readonly sleeps: number[] = [];
  #now: number;
  /** What happens at a time, by the clock of this runtime. */
  #plans: { at: number; act: () => void }[] = [];

  constructor(start = Date.UTC(2026, 0, 10, 20)) {
    this.#now = start;
  }

  now = (): number => this.#now;
  random = (): number => 0.5;

  sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return;
    this.sleeps.push(ms);
    this.#now += ms;
    for (const plan of this.#plans.filter(({ at }) => at <= this.#now)) {
      this.#plans.splice(this.#plans.indexOf(plan), 1);
      plan.act();
    }
    // Lets real requests that are under way go on.
    await new Promise((resolve) => setImmediate(resolve));
  };

  /** Sets the clock, as a person or NTP does. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** `act` runs once `ms` from now have been slept. */
  after(ms: number, act: () => void): void {
    this.#plans.push({ at: this.#now + ms, act });
  }
}
