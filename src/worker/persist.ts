import type { Runtime } from "../core/runtime.ts";
import { storeFault } from "../core/failures/store_fault.ts";
import type { LogPort } from "../core/log_port.ts";

/** How long after a fault the database is tried again. */
export const RETRY_MS = 5_000;

/** What may pass by itself; a damaged file does not, and is set aside at the next start. */
export function mayPass(error: unknown): boolean {
  const fault = storeFault(error);
  return fault !== null && fault !== "damaged";
}

/**
 * Does one thing to the database. When it fails (disk full, locked for very long), that is
 * said once and tried until it works or the daemon stops: what was done in Plex must not be
 * forgotten for want of disk. Every such thing is one transaction, or goes on from where it was cut
 * off, so trying again is safe.
 * @param otherwise The result when stopped first; the leases are then freed at the next start
 */
export async function persist<T>(
  what: string,
  act: () => T | Promise<T>,
  otherwise: T,
  { runtime, log, stop }: { runtime: Runtime; log: LogPort; stop: AbortSignal },
): Promise<T> {
  for (let failures = 0;; failures++) {
    try {
      const result = await act();
      if (failures > 0) log.info("The database can be written again", { event: "database_back" });
      return result;
    } catch (error) {
      if (!mayPass(error)) throw error;
      if (failures === 0) {
        log.error(`Cannot ${what}: the database cannot be written; work rests until it can`, {
          event: "database_fault",
          error_message: error instanceof Error ? error.message : String(error),
          hint: "Check for free disk space and for another program that holds the database",
        });
      }
      if (stop.aborted) return otherwise;
      await runtime.sleep(RETRY_MS, stop);
    }
  }
}
