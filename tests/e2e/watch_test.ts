import { assertEquals } from "@std/assert";
import { ask } from "../sim/stash/testing.ts";
import { isWrite } from "./care.ts";
import { asked, inSync } from "./changes.ts";
import { withWorld } from "./world.ts";

const QUICK = { poll_interval: 1 };

Deno.test("a renamed performer is in Plex soon after, and only its items are written to", async () => {
  const config = { ...QUICK, sweep_interval: "never" };
  await withWorld({ scenes: 12, seed: 3, config }, async (world) => {
    await world.syncAll();
    await using daemon = await world.start(["run"]);
    await asked(world, 2);
    world.plex.clearRequests();
    const concerned = world.stash.scenes().filter((scene) =>
      scene.performers.some(({ id }) => id === "1")
    );
    assertEquals(concerned.length > 0 && concerned.length < 12, true);

    world.stash.updateEntity("performer", 1, { name: "Renamed by the test" });
    await inSync(world);
    const actors = world.plex.items().filter((item) => JSON.stringify(item).includes("Renamed by"));
    assertEquals(actors.length, concerned.length);
    assertEquals(world.plex.requests().filter(isWrite).length, concerned.length);
    daemon.kill();
    assertEquals((await daemon.result).code, 0);
  });
});

Deno.test("merged tags, which no time stamp tells of, reach Plex by the full walk", async () => {
  await withWorld({ scenes: 12, seed: 3, config: QUICK }, async (world) => {
    await world.syncAll();
    const merge = 'mutation { tagsMerge(input: { source: ["1"], destination: "2" }) { id } }';
    assertEquals((await ask(world.stash, merge)).errors, undefined);
    assertEquals((await world.differences()).length > 0, true);
    await using daemon = await world.start(["run"]);
    await inSync(world);
    daemon.kill();
    assertEquals((await daemon.result).code, 0);
  });
});
