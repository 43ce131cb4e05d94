import type { Database } from "./database.ts";

/** Whether plexsync ever had to do with a scene: it is queued, was dealt with, or was given up. */
export class Traces {
  constructor(private readonly database: Database) {}

  has(sceneId: string): boolean {
    return this.database.prepare(
      `SELECT 1 FROM jobs WHERE scene_id = ?
       UNION ALL SELECT 1 FROM written WHERE scene_id = ?
       UNION ALL SELECT 1 FROM dead_letters WHERE scene_id = ?
       UNION ALL SELECT 1 FROM outcomes WHERE scene_id = ? LIMIT 1`,
    ).get(sceneId, sceneId, sceneId, sceneId) !== undefined;
  }
}
