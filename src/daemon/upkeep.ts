import { isDue } from "../core/clock.ts";
import { HOUR_MS } from "../core/duration.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Backups } from "./backups.ts";
import type { DatabaseWatch } from "./database_watch.ts";

const LOOK_MS = 3_000;
const BACKUP_CHECK_MS = HOUR_MS;

/**
 * Looks after the database beside the work: its file, and its daily backup. Never rejects.
 * @returns why the database cannot be worked with any longer; null when stopped
 */
export async function lookAfter(
  watch: Pick<DatabaseWatch, "change">,
  backups: Pick<Backups, "keep">,
  runtime: Runtime,
  stop: AbortSignal,
): Promise<string | null> {
  let backupAt = 0;
  while (!stop.aborted) {
    const change = watch.change();
    if (change !== null) return change;
    const now = runtime.now();
    if (isDue(backupAt, now)) {
      backupAt = now + BACKUP_CHECK_MS;
      const damage = await backups.keep();
      if (damage !== null) return `the database is damaged: ${damage}`;
    }
    await runtime.sleep(LOOK_MS, stop);
  }
  return null;
}
