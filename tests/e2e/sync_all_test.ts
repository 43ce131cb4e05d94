import { assert, assertEquals } from "@std/assert";
import { assertBalanced, assertStatsFile } from "./books.ts";
import { isImage, isWrite } from "./care.ts";
import { matched } from "./sameness.ts";
import { withWorld } from "./world.ts";

Deno.test("1000 scenes become equal with about one PUT each, and a second pass writes nothing", async () => {
  // How long images take to show has tests of its own: here it would be minutes.
  const plex = { switches: { imageLagMs: 0 } };
  await withWorld({ scenes: 1000, seed: 1, plex }, async (world) => {
    const { plex } = world;
    assertEquals(matched(world.stash, plex), 1000);
    await world.syncAll();
    assertEquals(await world.differences(), []);
    const requests = plex.requests();
    const edits = requests.filter((request) => request.method === "PUT" && !isImage(request));
    assert(edits.length <= 1100, `${edits.length} PUTs for 1000 items`);
    const others = requests.filter((request) => request.method !== "PUT" && !isImage(request));
    // Of each batch of 50: before the write, after it, and when its images are looked at.
    assert(others.length <= 80, `${others.length} other requests`);
    assertBalanced(world);
    assertStatsFile(world);

    plex.clearRequests();
    await world.syncAll();
    assertEquals(plex.requests().filter(isWrite).map((r) => `${r.method} ${r.path}`), []);
    assertEquals(await world.differences(), []);
    assertBalanced(world);
    assertStatsFile(world);
  });
});
