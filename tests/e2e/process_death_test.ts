import { assertEquals } from "@std/assert";
import { assertBalanced } from "./books.ts";
import { type Middleman, standBefore } from "./middleman.ts";
import { withWorld, type World } from "./world.ts";

/** Stands before Stash. @param asked Told of the ids of all scenes that are read together */
function listen(world: World, asked: (sceneIds: string[]) => void): Middleman {
  return standBefore(world.stash.url, ({ target, body }) => {
    if (target !== "/graphql") return undefined;
    const { query, variables } = JSON.parse(new TextDecoder().decode(body));
    if (query.includes("findScene(")) asked(Object.values(variables ?? {}).map(String));
    return undefined;
  });
}

Deno.test("a scene over which the process dies is worked on alone after one death, and given up after three", async () => {
  await withWorld({ scenes: 4, seed: 11 }, async (world) => {
    let die = () => {};
    const deadly: number[] = [];
    await using stash = listen(world, (ids) => {
      if (!ids.includes("1")) return;
      deadly.push(ids.length);
      die();
    });
    await world.configure({ stash_url: stash.url });
    await world.expect(0, "sync", "--all", "--yes");
    for (let death = 1; death <= 3; death++) {
      await using program = await world.start(["run", "--once"]);
      die = () => program.kill("SIGKILL");
      assertEquals((await program.result).code, 128 + 9);
    }
    await world.expect(0, "run", "--once");
    assertEquals(deadly, [4, 1, 1]);
    const letters = world.query("SELECT scene_id, error_type FROM dead_letters");
    assertEquals(letters, [{ scene_id: "1", error_type: "PermanentError" }]);
    const done = world.query<{ scene_id: string }>(
      "SELECT scene_id FROM outcomes WHERE outcome = 'written' ORDER BY 1",
    );
    assertEquals(done.map(({ scene_id }) => scene_id), ["2", "3", "4"]);
    assertBalanced(world);
  });
});

Deno.test("a batch that was only gathered beside a deadly one is worked on alone, and not given up", async () => {
  // So slow that 3 and 4 are not settled before the process is dead.
  await withWorld({ scenes: 6, seed: 11, plex: { latencyMs: 200 } }, async (world) => {
    let dieAt = "";
    let die = () => {};
    const read: string[] = [];
    await using stash = listen(world, (ids) => {
      read.push(ids.join(" "));
      if (read.at(-1) === dieAt) die();
    });
    await world.configure({ stash_url: stash.url, batch_size: 2 });
    await world.expect(0, "sync", "--all", "--yes");
    // 5 and 6 are gathered while 3 and 4 are written; then it is seen that 3 is the deadly one.
    for (dieAt of ["5 6", "3", "3"]) {
      await using program = await world.start(["run", "--once"]);
      die = () => program.kill("SIGKILL");
      assertEquals((await program.result).code, 128 + 9);
    }
    dieAt = "";
    await world.expect(0, "run", "--once");
    assertEquals(read, ["1 2", "3 4", "5 6", "3", "4", "5", "6", "3"]);
    const letters = world.query("SELECT scene_id FROM dead_letters");
    assertEquals(letters, [{ scene_id: "3" }]);
    // What a dead process had sent is found as it is to be.
    const done = world.query<{ scene_id: string }>(
      "SELECT scene_id FROM outcomes WHERE outcome IN ('written', 'unchanged') ORDER BY 1",
    );
    assertEquals(done.map(({ scene_id }) => scene_id), ["1", "2", "4", "5", "6"]);
    assertBalanced(world);
  });
});

Deno.test({
  name: "run --once goes on when its terminal or its service manager says SIGHUP",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withWorld({ scenes: 4, seed: 11 }, async (world) => {
      let hangUp = () => {};
      await using stash = listen(world, () => hangUp());
      await world.configure({ stash_url: stash.url });
      await world.expect(0, "sync", "--all", "--yes");
      await using program = await world.start(["run", "--once"]);
      hangUp = () => program.kill("SIGHUP");
      assertEquals((await program.result).code, 0);
      assertEquals(await world.differences(), []);
    });
  },
});
