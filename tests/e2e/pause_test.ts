import { assert, assertEquals, assertMatch } from "@std/assert";
import { until, withWorld, type World } from "./world.ts";

const isWrite = ({ method }: { method: string }) => method === "PUT" || method === "POST";

function writes(world: World): number {
  return world.plex.requests().filter(isWrite).length;
}

const queued = (world: World) => world.query("SELECT 1 FROM jobs").length;

Deno.test("pause stops a running daemon behind the batch in hand, and resume lets it go on", async () => {
  const options = {
    scenes: 12,
    seed: 4,
    plex: { latencyMs: 40 },
    config: { batch_size: 4, poll_interval: 0.2 },
  };
  await withWorld(options, async (world) => {
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("Watching Stash");
    await world.expect(0, "sync", "--all", "--yes");
    await until("a write", () => writes(world) > 0);
    assertMatch((await world.expect(0, "pause")).stdout, /^Paused: the daemon ends the batch/);
    await daemon.stderr.line("Paused: no job is taken");
    const left = queued(world);
    assert(left > 0 && left % 4 === 0, `${left} jobs left: not a whole batch`);
    assertEquals(world.query("SELECT 1 FROM jobs WHERE state = 'running'"), []);
    const before = writes(world);

    world.stash.upsert([{ title: "Came while it was paused", details: "Text." }]);
    await until("the change is queued", () => queued(world) === left + 1);
    assertEquals(writes(world), before);
    const { stdout } = await world.expect(0, "status", "--offline");
    assertMatch(stdout, /^Work is paused since [-\d: ]+: plexsync resume lets it go on\n/);
    const health = await world.expect(0, "health");
    assertMatch(health.stdout, /^healthy\nwarning: Work is paused since /);

    assertMatch((await world.expect(0, "resume")).stdout, /^Was paused since .*, goes on now/);
    await daemon.stderr.line("The work goes on");
    await until(
      "all is written",
      () => world.query("SELECT 1 FROM jobs WHERE state <> 'waiting'").length === 0,
    );
    assertEquals(await world.differences(), []);
  });
});

Deno.test("a pause is kept over a restart, and a single pass under it says so and fails", async () => {
  await withWorld({ scenes: 2, seed: 4 }, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    await world.expect(0, "pause");
    assertMatch((await world.expect(0, "pause")).stdout, /^Paused already, since /);
    const { stderr } = await world.expect(1, "run", "--once");
    assertMatch(stderr, /plexsync ends: paused/);
    {
      await using daemon = await world.start(["run"]);
      await daemon.stderr.line("Paused: no job is taken");
    }
    assertEquals([writes(world), queued(world)], [0, 2]);
    await world.expect(0, "resume");
    assertMatch((await world.expect(0, "resume")).stdout, /^It was not paused/);
    await world.expect(0, "run", "--once");
    assertEquals(await world.differences(), []);
  });
});
