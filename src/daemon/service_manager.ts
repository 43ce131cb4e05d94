import { SECOND_MS } from "../core/time/duration.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Service } from "./service.ts";

export interface ServiceManagerParts {
  /** Sends lines of systemd's protocol, such as `READY=1`. */
  tell(lines: string): void;
  close(): void;
  /** One line on how it goes, for `systemctl status`. */
  status(): string;
  /** Whether the work goes on, or rests for a reason that it knows. */
  isLive(): boolean;
  /** Aborted when the process is to end, and not only to start anew with other settings. */
  ending: AbortSignal;
  runtime: Pick<Runtime, "sleep">;
  /** What systemd set as `$WATCHDOG_USEC`; without it no sign of life is expected. */
  watchdogUsec: string | undefined;
}

/** How often the line is renewed; so late at most it is out of date. */
const STATUS_MS = 10 * SECOND_MS;

/**
 * Tells systemd that the daemon is ready, how it goes and that it lives. The sign of life comes from
 * the worker's own loop: one that is stuck is started anew.
 */
export function serviceManager(parts: ServiceManagerParts): Service<never> {
  const { tell, close, status, isLive, ending, runtime, watchdogUsec } = parts;
  const watchdogMs = Number(watchdogUsec ?? 0) / 1000;
  // Twice within the time, so that one that comes late is not missed.
  const everyMs = watchdogMs > 0 ? Math.min(STATUS_MS, watchdogMs / 2) : STATUS_MS;
  return {
    name: "service manager",
    async run(stop) {
      let said = status();
      tell(`READY=1\nSTATUS=${said}`);
      while (!stop.aborted) {
        if (watchdogMs > 0 && isLive()) tell("WATCHDOG=1");
        await runtime.sleep(everyMs, stop);
        const now = status();
        if (now !== said && !stop.aborted) tell(`STATUS=${now}`);
        said = now;
      }
      // Anew with other settings, it says READY again.
      tell(ending.aborted ? "STOPPING=1\nSTATUS=Settling the batch in hand" : "RELOADING=1");
      close();
    },
  };
}
