import { assertEquals } from "@std/assert";
import { enqueueBulk } from "../../src/intake/bulk.ts";
import { withStashRig } from "./stash_rig.ts";

Deno.test("all that one bulk command queues is one run, however long its pages take", async () => {
  const scenes = Array.from({ length: 2_500 }, (_, n) => ({ id: `${n + 1}`, title: `${n}` }));
  await withStashRig({ scenes }, async ({ client, store, runtime }) => {
    let pages = 0;
    await enqueueBulk({ kind: "all" }, { stash: client, jobs: store.jobs, runtime }, () => {
      pages++;
      runtime.jump(10 * 60_000);
    });
    const runs = new Set(store.queue.list(3_000).map(({ run_id }) => run_id));
    assertEquals([pages, store.jobs.count(), runs.size], [3, 2_500, 1]);
  });
});
