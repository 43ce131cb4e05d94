import { assert, assertEquals } from "@std/assert";
import { isImage, isWrite } from "./care.ts";
import { withWorld, type World } from "./world.ts";

/** Uploads and selections of images, by the item and list that they are for. */
function imageWrites({ plex }: World): string[] {
  return plex.requests().filter((request) => isImage(request) && isWrite(request))
    .map(({ method, path }) => `${method} ${path}`);
}

Deno.test("scenes that are synced ten times upload each image once, to a Plex that shows them late", async () => {
  const SCENES = 20;
  const plex = { switches: { imageLagMs: 1_000 } };
  await withWorld({ scenes: SCENES, seed: 41, plex }, async (world) => {
    for (let time = 0; time < 10; time++) await world.syncAll();
    const writes = imageWrites(world);
    assertEquals(writes.length, 2 * SCENES);
    assertEquals(new Set(writes).size, 2 * SCENES);
    assertEquals(await world.differences(), []);
  });
});

/** How long the scenes took from the first that was done to the last, in ms. */
async function syncMs(imageLagMs: number): Promise<number> {
  // Most of the time is Plex's own, so that other work on this machine matters little.
  const plex = { switches: { imageLagMs, latencyMs: 20 } };
  let elapsed = 0;
  const config = { batch_size: 5 };
  await withWorld({ scenes: 60, seed: 42, plex, config }, async (world) => {
    await world.syncAll();
    const [row] = world.query<{ ms: number; count: number }>(
      "SELECT max(at) - min(at) AS ms, count(*) AS count FROM outcomes",
    );
    assertEquals(row?.count, 60);
    elapsed = row!.ms;
  });
  return elapsed;
}

Deno.test("images that show a second late make a sync at most a fifth longer", async () => {
  const [atOnce, late] = [await syncMs(0), await syncMs(1_000)];
  assert(late <= 1.2 * atOnce, `${late} ms instead of ${atOnce} ms`);
});
