import type { Runtime } from "../core/runtime.ts";
import type { LogPort } from "./ports.ts";

const RETRY_MS = 5_000;

/** BUSY, READONLY, IOERR, FULL, CANTOPEN: what a disk or another program causes. */
const STORAGE_CODES: readonly number[] = [5, 8, 10, 13, 14];
// The native driver gives SQLite's words and no code.
const STORAGE_WORDS = /is locked|readonly|disk I\/O|is full|unable to open/i;

/** Whether trying again can help; a statement that SQLite refuses is a bug, and is not repeated. */
function isStorageFault(error: unknown): boolean {
  const { errcode, message } = error as { errcode?: number; message?: string };
  // Extended codes keep the plain one in their low byte.
  if (errcode !== undefined) return STORAGE_CODES.includes(errcode & 0xff);
  return STORAGE_WORDS.test(message ?? "");
}

/**
 * Does one thing to the database. When it fails (disk full, locked for very long), that is
 * said once and tried until it works or the daemon stops: what was done in Plex must not be
 * forgotten for want of disk. Every such thing is one transaction, so trying again is safe.
 * @param otherwise The result when stopped first; the leases are then freed at the next start
 */
export async function persist<T>(
  what: string,
  act: () => T,
  otherwise: T,
  { runtime, log, stop }: { runtime: Runtime; log: LogPort; stop: AbortSignal },
): Promise<T> {
  for (let failures = 0;; failures++) {
    try {
      const result = act();
      if (failures > 0) log.info("The database can be written again", { event: "database_back" });
      return result;
    } catch (error) {
      if (!isStorageFault(error)) throw error;
      if (failures === 0) {
        log.error(`Cannot ${what}: the database cannot be written; work rests until it can`, {
          event: "database_fault",
          error,
          hint: "Check for free disk space and for another program that holds the database",
        });
      }
      if (stop.aborted) return otherwise;
      await runtime.sleep(RETRY_MS, stop);
    }
  }
}
