import type { Runtime } from "../../src/core/runtime.ts";

/** Real time, which passes `speed` times as fast for whoever is handed this. */
export function fastRuntime(speed: number): Runtime {
  return {
    now: () => Date.now() * speed,
    random: () => 0.5,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", end);
          resolve();
        };
        const timer = setTimeout(end, ms / speed);
        signal?.addEventListener("abort", end);
      });
    },
  };
}
