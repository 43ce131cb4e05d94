import { assertEquals } from "@std/assert";
import { enqueueBulk } from "../../src/intake/bulk.ts";
import { takeJobs, withStashRig } from "./stash_rig.ts";

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

Deno.test("recent scenes are those that changed since, whatever zone Stash writes in", async () => {
  const scenes = [1, 2, 3].map((hours) => ({
    id: `${hours}`,
    title: `${hours} hours old`,
    created_at: new Date(Date.UTC(2026, 0, 10, 20 - hours * 3)).toISOString(),
  }));
  for (const zone of ["Z", "+14:00", "-12:00"]) {
    await withStashRig({ scenes, zone }, async ({ stash, client, store, runtime }) => {
      stash.upsert([{ id: "3", title: "No time", updated_at: "yesterday" }]);
      const scope = { kind: "recent", windowMs: 3 * 3_600_000 } as const;
      await enqueueBulk(scope, { stash: client, jobs: store.jobs, runtime });
      assertEquals(takeJobs(store), ["1", "3"], "3, for it may have been just now");
    });
  }
});
