/** A queue as long as a large library. */
import { transaction } from "../../src/store/database.ts";
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
    `INSERT INTO jobs (scene_id, reason, priority, state, next_retry_at, enqueued_at, updated_at)
     VALUES (?, 'bulk', ?, ?, ?, ?, ?)`,
  );
  const file = database.prepare("INSERT INTO waiting_files VALUES (?, ?, ?)");
  transaction(database, () => {
    for (let i = 0; i < count; i++) {
      job.run(`${prefix}${i}`, bulk.priority, bulk.state, bulk.dueAt, T0 + i, T0 + i);
      if (bulk.state === "waiting") file.run(database.lastInsertId(), `${prefix}${i}.mp4`, i + 1);
    }
  });
}
