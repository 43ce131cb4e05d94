import { assert, assertEquals } from "@std/assert";
import { runCrowd } from "../../scripts/soak/crowd.ts";
import { assertBalanced } from "./books.ts";
import { until, withWorld } from "./world.ts";

const PROCESSES = 100;
const SCENES = 400;
/** Its writes would take four minutes: the daemon is busy until they get faster. */
const SLOW = { latencyMs: 200, switches: { imageLagMs: 0 } };

Deno.test("100 processes that enqueue beside a busy daemon: no error, nothing lost", async () => {
  const options = { scenes: SCENES, seed: 31, plex: SLOW };
  await withWorld(options, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("starts");
    const sceneIds = Array.from({ length: PROCESSES }, (_, n) => String(SCENES - n));
    // 100 runtimes at once would wait for processor and memory, not for the queue.
    const figures = await runCrowd(world, { sceneIds, atOnce: 25 });
    const left = world.query("SELECT id FROM jobs").length;
    assert(left > 0, "the daemon was done before the crowd: it was not busy");
    world.plex.switches.latencyMs = 0;
    assertEquals([figures.errors, figures.lost], [[], []]);
    for (const text of world.outputs) assert(!text.includes("database is locked"), text);

    const idle = () => world.query("SELECT id FROM jobs").length === 0;
    await until("an empty queue", idle, 120_000);
    daemon.kill();
    assertEquals((await daemon.result).code, 0);
    assertEquals(await world.differences(), []);
    assertBalanced(world);
  });
});
