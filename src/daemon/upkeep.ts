import { isDue } from "../core/time/clock.ts";
import { HOUR_MS, SECOND_MS } from "../core/time/duration.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Backups } from "./backups.ts";
import type { DatabaseFiles } from "./database_files.ts";

const CHECK_MS = 3 * SECOND_MS;
const BACKUP_CHECK_MS = HOUR_MS;

export interface UpkeepParts {
  database: Pick<DatabaseFiles, "change">;
  backups: Pick<Backups, "keep">;
  runtime: Runtime;
}

/** The database cannot be worked with any longer; `change` says why. */
export interface DatabaseLost {
  kind: "database lost";
  change: string;
}

/** Looks after the database beside the work: its file, and its daily backup. */
export class Upkeep {
  readonly name = "upkeep";
  #backup: Promise<string | null> = Promise.resolve(null);

  constructor(private readonly parts: UpkeepParts) {}

  /** Resolves when no backup is under way. */
  async backupEnded(): Promise<void> {
    await this.#backup;
  }

  /** Until stopped, or the database is lost; never rejects. */
  async run(stop: AbortSignal): Promise<DatabaseLost | void> {
    const { database, backups, runtime } = this.parts;
    let backupAt = 0;
    while (!stop.aborted) {
      const change = database.change();
      if (change !== null) return { kind: "database lost", change };
      const now = runtime.now();
      if (isDue(backupAt, now)) {
        backupAt = now + BACKUP_CHECK_MS;
        this.#backup = backups.keep(stop);
        const damage = await this.#backup;
        if (damage !== null) {
          return { kind: "database lost", change: `the database is damaged: ${damage}` };
        }
      }
      await runtime.sleep(CHECK_MS, stop);
    }
  }
}
