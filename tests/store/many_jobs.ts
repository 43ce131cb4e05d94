/** A queue as long as a large library. */
import { transaction } from "../../src/store/database/database.ts";
import type { Store } from "../../src/store/store.ts";
import { T0 } from "./samples.ts";

/** What the jobs of a long queue have in common. */
export interface Bulk {
  state: "ready" | "waiting";
  /** When they are due. Epoch ms. */
  dueAt: number;
  priority: number;
}

/** Adds `count` jobs by SQL: the scenes are `<prefix>0`, `<prefix>1` and so on. */
export function addJobs(store: Store, count: number, prefix: string, bulk: Bulk): void {
  const { database } = store;
  const job = database.prepare(
    `INSERT INTO jobs (scene_id, target, reason, priority, state, next_retry_at, enqueued_at, updated_at)
     VALUES (?, 'plex', 'bulk', ?, ?, ?, ?, ?)`,
  );
  const scene = database.prepare(
    "INSERT INTO scenes (scene_id, fingerprint, seen_at) VALUES (?, '', 0)",
  );
  const file = database.prepare(
    "INSERT INTO scene_files VALUES (?1, ?1 || '.mp4', ?1 || '.mp4', ?1 || '.mp4', ?2, NULL)",
  );
  transaction(database, () => {
    for (let i = 0; i < count; i++) {
      job.run(`${prefix}${i}`, bulk.priority, bulk.state, bulk.dueAt, T0 + i, T0 + i);
      if (bulk.state !== "waiting") continue;
      scene.run(`${prefix}${i}`);
      file.run(`${prefix}${i}`, i + 1);
    }
  });
}
