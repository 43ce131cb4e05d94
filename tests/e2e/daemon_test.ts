import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { assertBalanced, assertStatsFile } from "./books.ts";
import { isWrite } from "./care.ts";
import { proveRows } from "./rows.ts";
import { until, withWorld, type World } from "./world.ts";

const QUICK = { poll_interval: 1 };

/** Resolves when all matched items are equal and the queue is empty. */
async function settled(world: World) {
  await until("an empty queue", () => queued(world) === 0);
  assertEquals(await world.differences(), []);
}

function queued(world: World): number {
  return world.query("SELECT id FROM jobs").length;
}

function titleOf(world: World, sceneId: string): string | null | undefined {
  const path = world.library.scenes[Number(sceneId) - 1]?.files?.[0]?.path ?? "";
  return world.plex.items().find((item) => item.files.includes(path))?.title;
}

Deno.test("a changed scene is in Plex soon after, and fifty changes at once make few writes", async () => {
  await withWorld({ scenes: 5, seed: 7, config: QUICK }, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    await using daemon = await world.start(["run"]);
    await settled(world);

    world.stash.upsert([{ id: 1, title: "Changed once" }]);
    // Promised are 3 s; a busy machine gets more before the promise counts as broken.
    await until("the new title", () => titleOf(world, "1") === "Changed once", 10_000);

    world.plex.clearRequests();
    for (let n = 1; n <= 50; n++) {
      world.stash.upsert([{ id: 2, title: `Change ${n}` }]);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await until("the last title", () => titleOf(world, "2") === "Change 50", 10_000);
    // A few polls later the second of the last change is over, and with it every look that it caused.
    const asked = () => world.stash.requests().length;
    const then = asked();
    await until("some more polls", () => asked() >= then + 4);
    await settled(world);
    assertEquals(titleOf(world, "2"), "Change 50");
    const writes = world.plex.requests().filter(isWrite);
    assert(writes.length < 5, `${writes.length} writes for one scene`);

    daemon.kill();
    assertEquals((await daemon.result).code, 0);
    await settled(world);
    assertBalanced(world);
    assertStatsFile(world);
  });
});

Deno.test("eight processes and a daemon begin on one new data directory, and nothing is lost", async () => {
  await withWorld({ scenes: 40, seed: 8, config: QUICK }, async (world) => {
    await using daemon = await world.start(["run"]);
    const rounds = [0, 1].flatMap(() => Array.from({ length: 8 }, (_, index) => index));
    const named = (index: number) => [1, 2, 3, ...[4, 5, 6, 7].map((n) => n + index * 4)];
    const results = await Promise.all(rounds.map((index) => {
      return world.run(["sync", "--scene", named(index).join()]);
    }));
    for (const { code, stdout, stderr } of results) {
      assertEquals(code, 0, stderr);
      assertStringIncludes(stdout, "Queued 7 scenes");
    }
    await until("an empty queue", () => queued(world) === 0);
    daemon.kill();
    assertEquals((await daemon.result).code, 0);

    const done = world.query<{ scene_id: string }>(
      "SELECT DISTINCT scene_id FROM outcomes WHERE outcome IN ('written', 'unchanged')",
    ).map(({ scene_id }) => Number(scene_id));
    assertEquals(done.sort((a, b) => a - b), Array.from({ length: 35 }, (_, index) => index + 1));
    const wrong = (await world.differences()).filter((line) => !/^scene (3[6-9]|40):/.test(line));
    assertEquals(wrong, []);
    assertBalanced(world);
    for (const text of world.outputs) assert(!text.includes("database is locked"), text);
  });
});

async function outliveNoPlex() {
  await withWorld({ scenes: 5, seed: 9, config: QUICK }, async (world) => {
    await world.plex.close();
    await world.expect(0, "sync", "--all", "--yes");
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("Plex is down: ");
    await world.expect(0, "sync", "--scene", "1,2");
    await world.reopenPlex();
    await daemon.stderr.line("Plex is back");
    await settled(world);
    const said = daemon.stderr.lines.filter((line) => /Plex is (down|back)/.test(line));
    assertEquals(said.length, 2, said.join("\n"));
    const failed = world.query("SELECT id FROM outcomes WHERE outcome IN ('retry', 'dead')");
    assertEquals(failed, [], "an outage spent attempts");
  });
}

async function outliveNoStash() {
  await withWorld({ scenes: 5, seed: 10, config: QUICK }, async (world) => {
    await world.syncAll();
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("starts");
    world.stash.setFaults([{ path: ".", close: true }]);
    await daemon.stderr.line("Stash is down: ");
    world.stash.upsert([{ id: 3, title: "Changed while away" }]);
    world.stash.setFaults([]);
    await until("the new title", () => titleOf(world, "3") === "Changed while away");
    await settled(world);
  });
}

Deno.test("a daemon outlives the absence of a server, and sees what changed meanwhile, when", async (t) => {
  const rows = [
    { when: "Plex comes back", prove: outliveNoPlex },
    { when: "Stash comes back", prove: outliveNoStash },
  ];
  await proveRows(t, rows, ({ prove }) => prove());
});
