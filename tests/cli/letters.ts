/** Dead letters as tests of `dead` need them. */
import type { ErrorType } from "../../src/core/failures/error_types.ts";
import { HINTS } from "../../src/core/failures/hints.ts";
import type { Store } from "../../src/store/store.ts";
import { buried } from "../store/samples.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Letter {
  scene: string;
  type: ErrorType;
  /** How long ago it failed, ms. */
  ago: number;
  message?: string;
  path?: string;
}

/** Five letters, IDs 1 to 5 in this order, the oldest first. */
export const LETTERS: readonly Letter[] = [
  { scene: "11", type: "PlexNotFound", ago: 40 * DAY, path: "/data/old/a.mp4" },
  { scene: "12", type: "PlexNotFound", ago: 2 * DAY, path: "/data/100%/b.mp4" },
  { scene: "13", type: "PermanentError", ago: 2 * HOUR, message: "Plex answered 400" },
  { scene: "14", type: "PlexNotFound", ago: HOUR, path: "/data/1000/c.mp4" },
  { scene: "15", type: "Unknown", ago: MINUTE, message: "a_b broke" },
];

export function bury(store: Store, now: number, letters: readonly Letter[] = LETTERS): void {
  for (const { scene, type, ago, message, path } of letters) {
    buried(store, scene, now - ago, {
      errorType: type,
      errorMessage: message ?? "No item in Plex has this file",
      path: path ?? null,
      hint: HINTS[type],
    });
  }
}

/** Rows of a letter and its job straight into the table: for many at once. */
export function buryMany(store: Store, count: number, now: number): void {
  const insert = store.database.prepare(
    `INSERT INTO dead_letters (job_id, scene_id, target, job_data, error_type, error_message,
       retry_count, hint, failed_at) VALUES (?, ?, 'plex', '{}', 'Unknown', 'm', 5, 'h', ?)`,
  );
  store.database.exec("BEGIN");
  for (let at = 1; at <= count; at++) insert.run(at, String(at), now - at);
  store.database.exec("COMMIT");
}
