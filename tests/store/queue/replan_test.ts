import { assertEquals } from "@std/assert";
import { waitDelayMs } from "../../../src/core/jobs/backoff.ts";
import { openStore } from "../../../src/store/store.ts";
import { TARGETS } from "../../one_target.ts";

const THEN = 10_000_000;
const NOW = THEN - 2_000_000;

Deno.test("replan() plans what a clock that was set back planned as far from now as from then", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const store = await openStore(`${folder}/plexsync.db`, TARGETS, {
      driver: "builtin",
      sleep: () => Promise.resolve(),
    });
    const { database, jobs } = store;
    const set = (id: string, state: string, at: number, updatedAt: number) =>
      database.prepare(
        "UPDATE jobs SET state = ?, next_retry_at = ?, updated_at = ? WHERE scene_id = ?",
      ).run(state, at, updatedAt, id);
    jobs.enqueue(["1", "2", "3", "4", "5"], "watch", THEN);
    set("2", "ready", THEN + 40_000, THEN);
    set("3", "waiting", THEN + waitDelayMs(2), THEN);
    // Planned by the clock as it is, or before it was wrong.
    set("4", "ready", NOW + 70_000, NOW);
    set("5", "ready", NOW - 1, NOW - 1);
    database.prepare(
      `INSERT INTO undo_requests (run_id, scene_id, target, item, scope, next_retry_at, made_at)
       VALUES (0, '9', ?1, '9', '{}', ?2, ?2)`,
    ).run(TARGETS[0]!, THEN);
    assertEquals(store.replan(NOW), 4);
    const times = (table: string) =>
      database.prepare(`SELECT next_retry_at - ${NOW} AS at FROM ${table} ORDER BY scene_id`)
        .all<{ at: number }>().map(({ at }) => at);
    assertEquals(times("jobs"), [0, 40_000, waitDelayMs(2), 70_000, -1]);
    assertEquals(times("undo_requests"), [0]);
    assertEquals(store.replan(NOW), 0, "once");
    store.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
