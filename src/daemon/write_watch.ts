import { MINUTE_MS } from "../core/time/duration.ts";
import type { Runtime } from "../core/runtime.ts";

export interface WriteWatchParts {
  /** Of the database, which is open. */
  path: string;
  /** Somebody, perhaps this process itself, has written to it. */
  ring(): void;
  runtime: Pick<Runtime, "sleep">;
}

/** So many looks a second at most, however much is written. */
const REST_MS = 50;

/**
 * Hears of what other processes put into the database, so that nobody has to look there five times
 * a second. Whoever is woken looks by himself now and then too: not every file system tells.
 */
export class WriteWatch {
  readonly name = "write watch";

  constructor(private readonly parts: WriteWatchParts) {}

  /** Until stopped; never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { runtime } = this.parts;
    while (!stop.aborted) {
      await this.#hear(stop);
      // The system let no more files be watched, or the log is not there yet.
      await runtime.sleep(MINUTE_MS, stop);
    }
  }

  async #hear(stop: AbortSignal): Promise<void> {
    const { path, ring, runtime } = this.parts;
    try {
      // What is committed goes into the log first, whoever it is.
      using watcher = Deno.watchFs(`${path}-wal`);
      const close = () => watcher.close();
      stop.addEventListener("abort", close, { once: true });
      for await (const { kind } of watcher) {
        if (stop.aborted) return;
        if (kind === "access") continue;
        ring();
        // What happens meanwhile is kept, the last of it aside, which the next ring covers.
        await runtime.sleep(REST_MS, stop);
      }
    } catch {
      // Who is not woken looks by himself.
    }
  }
}
