import { assert, assertEquals } from "@std/assert";
import { assertBalanced } from "./books.ts";
import { IMPATIENT } from "./fault_case.ts";
import { standBefore } from "./middleman.ts";
import { withWorld, type World } from "./world.ts";

/** Scenes that are done, by id. */
function done(world: World): string[] {
  return world.query<{ scene_id: string }>(
    "SELECT DISTINCT scene_id FROM outcomes WHERE outcome IN ('written', 'unchanged') ORDER BY 1",
  ).map(({ scene_id }) => scene_id);
}

Deno.test("one scene whose cover Stash cannot read does not hold up the others", async () => {
  for (const fault of [{ status: 500 }, { close: "body" }]) {
    await withWorld({ scenes: 4, seed: 11, config: IMPATIENT }, async (world) => {
      await world.expect(0, "sync", "--all", "--yes");
      world.stash.setFaults([{ path: "/scene/1/screenshot", ...fault }]);
      await world.run(["run", "--once"]);
      assertEquals(done(world), ["2", "3", "4"], JSON.stringify(fault));
      world.stash.setFaults([]);
      await world.resume();
      assertEquals(await world.differences(), []);
      assertBalanced(world);
    });
  }
});

Deno.test("one scene that Stash answers with an error does not hold up the others", async () => {
  await withWorld({ scenes: 4, seed: 11, config: IMPATIENT }, async (world) => {
    let spoiled = true;
    await using stash = standBefore(world.stash.url, ({ target, body }) => {
      if (!spoiled || target !== "/graphql") return undefined;
      const { query, variables } = JSON.parse(new TextDecoder().decode(body));
      if (!query.includes("findScene(") || !Object.values(variables ?? {}).includes("2")) {
        return undefined;
      }
      return Response.json({ errors: [{ message: "scene is broken", path: ["s"] }], data: null });
    });
    await world.configure({ stash_url: stash.url });
    await world.expect(0, "sync", "--all", "--yes");
    await world.run(["run", "--once"]);
    assertEquals(done(world), ["1", "3", "4"]);
    spoiled = false;
    await world.resume();
    assertEquals(await world.differences(), []);
    assertBalanced(world);
  });
});

Deno.test("Plex says with Retry-After when to come back, and is obeyed", async () => {
  await withWorld({ scenes: 2, seed: 12 }, async (world) => {
    await using plex = standBefore(world.plex.url, ({ method }) => {
      if (method !== "PUT") return undefined;
      return new Response("slow down", { status: 429, headers: { "Retry-After": "600" } });
    });
    await world.configure({ plex_url: plex.url });
    await world.syncAll();
    const jobs = world.query<{ wait: number; retry_count: number }>(
      "SELECT next_retry_at - updated_at AS wait, retry_count FROM jobs",
    );
    assertEquals(jobs.length, 2);
    // Left to itself it would come back within 5 s.
    for (const { wait } of jobs) assert(wait > 500_000, `${wait} ms`);
    await world.configure();
    await world.resume();
    assertEquals(await world.differences(), []);
  });
});
