import type { Runtime } from "./runtime.ts";

/** A wait that ends early when there is something to do. */
export class Alarm {
  #rung = false;
  #end: (() => void) | null = null;

  /** Ends the wait under way, or the next one: what came in between is not slept over. */
  ring(): void {
    this.#rung = true;
    this.#end?.();
  }

  /** Waits `ms`, until it rings or `stop` is aborted; never rejects. */
  async sleep(runtime: Pick<Runtime, "sleep">, ms: number, stop: AbortSignal): Promise<void> {
    if (!this.#rung && !stop.aborted) {
      const wait = new AbortController();
      this.#end = () => wait.abort();
      // Not AbortSignal.any: one signal for each wait would hang on a stop that lives for months.
      stop.addEventListener("abort", this.#end);
      await runtime.sleep(ms, wait.signal);
      stop.removeEventListener("abort", this.#end);
      this.#end = null;
    }
    this.#rung = false;
  }
}
