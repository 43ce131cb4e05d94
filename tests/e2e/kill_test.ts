import { assertEquals } from "@std/assert";
import { assertBalanced, assertStatsFile, assertTotals, readStatsFile } from "./books.ts";
import { seededRandom } from "../sim/random.ts";
import { until, withWorld, type World } from "./world.ts";

const KILLS = 10;
const SCENES = 1000;
const DONE = "outcome IN ('written', 'unchanged')";

/** Each scene is queued, or it is done; never both, never neither. */
function assertAllThere(world: World) {
  const rows = world.query<{ scene_id: string }>(
    `SELECT scene_id FROM jobs UNION ALL SELECT scene_id FROM dead_letters
     UNION ALL SELECT scene_id FROM outcomes WHERE ${DONE}`,
  );
  assertEquals(rows.length, SCENES);
  assertEquals(new Set(rows.map(({ scene_id }) => scene_id)).size, SCENES);
}

Deno.test("killed at ten moments of a run, it loses and doubles nothing, and stats.json is whole", async () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  // How long images take to show has tests of its own: here it would be minutes.
  const plex = { switches: { imageLagMs: 0 } };
  await withWorld({ scenes: SCENES, seed: 1, plex }, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    try {
      for (let kill = 1; kill <= KILLS; kill++) {
        await using program = await world.start(["run", "--once"]);
        // A moment is so many requests: 0 is at the start, and ten of them end before the work.
        const moment = world.plex.requests().length + random.whole(0, 350);
        await until("the moment to kill", () => world.plex.requests().length >= moment);
        program.kill("SIGKILL");
        assertEquals((await program.result).code, 128 + 9);
        readStatsFile(world);
        assertAllThere(world);
        assertTotals(world);
      }
      await world.expect(0, "run", "--once");
      assertAllThere(world);
      assertEquals(world.query("SELECT id FROM jobs"), []);
      assertEquals(await world.differences(), []);
      assertBalanced(world);
      assertStatsFile(world);
    } catch (error) {
      throw new Error(`Moments of seed ${seed}`, { cause: error });
    }
  });
});
