import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { SceneEnd } from "../../src/app/queue/scene_ends.ts";
import { parseStrings } from "../../src/core/text/json.ts";
import { withWorld, type World } from "../e2e/world.ts";
import { withStore } from "../e2e/with_store.ts";

const LIBRARY = { scenes: 2, seed: 12, config: { sync_poster: false, sync_background: false } };

/** Writes the title of a scene once more, with a run of its own. */
async function retitle(world: World, id: string, title: string): Promise<void> {
  world.stash.upsert([{ id, title }]);
  await world.expect(0, "sync", "--scene", id);
  await world.expect(0, "run", "--once");
}

const pruneAll = (world: World) =>
  withStore(world, (store) => {
    while (store.of("plex").pruning.step(Infinity, 10));
  });

Deno.test("what a run changed and is no longer kept step by step is told, and not taken back", async () => {
  await withWorld(LIBRARY, async (world) => {
    await world.syncAll();
    await retitle(world, "1", "First");
    await retitle(world, "1", "Second");
    await pruneAll(world);
    const ours = world.plex.items();
    const listed = await world.expect(0, "history");
    assertMatch(listed.stdout, /^3 +.* no longer kept step by step$/m);
    assertMatch(listed.stdout, /^1 +.* in part no longer kept step by step$/m);
    assertMatch((await world.expect(0, "history", "1")).stdout, /title .* Second +all since /);

    const whole = "What run 2 changed is no longer kept step by step: " +
      "plexsync undo --all goes back to before plexsync\n";
    for (const how of ["--yes", "--dry-run"]) {
      assertEquals((await world.expect(3, "undo", "--run", "2", how)).stdout, whole);
      const { stdout } = await world.expect(3, "undo", "--run", "2", how, "--json");
      const ended = how === "--yes";
      assertEquals(JSON.parse(stdout), { run: null, items: 0, ended, not_kept: true, results: [] });
    }
    const dry = await world.expect(0, "undo", "--run", "3", "--dry-run");
    assertStringIncludes(dry.stdout, "  title: left: no longer kept step by step: ");
    assertStringIncludes(
      dry.stdout,
      "\nSome of what run 3 changed is no longer kept step by step: ",
    );
    assertEquals(world.plex.items(), ours);
    const { stdout } = await world.expect(0, "undo", "--all", "--dry-run", "--json");
    assertEquals(JSON.parse(stdout).not_kept, false);
  });
});

Deno.test("undo refuses a run that never was, and words that do not fit", async () => {
  await withWorld(LIBRARY, async (world) => {
    await world.syncAll();
    const cases: [code: number, says: string, line: string][] = [
      [1, "There is no run 99", "--run 99 --yes"],
      [1, "There is no run 99", "--run 99 --dry-run --json"],
      [2, "--run must be a number", "--run -1"],
      [2, "Say what: one of", "--all --run 1"],
      [2, "--last goes with --scene", "--run 1 --last"],
      [2, "--since must be a time", "--since -1h --yes"],
      [2, "--since must be a time", "--since 12.5.2026 --yes"],
      [2, "--since must be a time", "--since 2026-02-30 --yes"],
      [2, "Add --yes to take it back", "--all"],
    ];
    for (const [code, says, line] of cases) {
      const { stderr } = await world.expect(code, "undo", ...line.split(" "));
      assertStringIncludes(stderr, says);
    }
  });
});

Deno.test("sync --force --dry-run shows what the real one does to what was undone", async () => {
  await withWorld(LIBRARY, async (world) => {
    await world.syncAll();
    await world.expect(0, "undo", "--all", "--yes");
    await world.expect(0, "run", "--once");
    const sync = ["sync", "--scene", "1"];
    const plan = (...flags: string[]) =>
      world.json<{ totals: { undone: number }; scenes: { changes: { field: string }[] }[] }>(
        ...sync,
        "--dry-run",
        ...flags,
      );
    assertEquals((await plan()).scenes, []);
    const { totals, scenes: [planned] } = await plan("--force");
    assertEquals(totals.undone, 0);
    await world.expect(0, ...sync, "--force");
    await world.expect(0, "run", "--once");
    const written = await withStore(world, (store) => store.outcomes.recentOf("1", 1)[0]);
    assertEquals(
      planned?.changes.map(({ field }) => field).sort(),
      parseStrings(written!.changed_fields).sort(),
    );
  });
});

Deno.test("queue clear withdraws the undos that wait with the jobs, and says so", async () => {
  await withWorld(LIBRARY, async (world) => {
    await world.syncAll();
    const ours = world.plex.items();
    const clear = ["queue", "clear", "--yes"];
    await world.expect(0, "undo", "--all", "--yes");
    assertEquals(
      (await world.expect(0, ...clear, "--scene", "1")).stdout,
      "Removed 1 job from the queue and withdrew 1 undo\n",
    );
    assertEquals(
      await world.json(...clear),
      { cleared: 1, undos_withdrawn: 1, left_running: 0 },
    );
    await world.expect(0, "run", "--once");
    assertEquals(world.plex.items(), ours);
    const ends = await withStore(world, (store) => store.of("plex").undos.results(2));
    assertEquals(
      ends.map(({ result }) => result.error),
      Array(2).fill("withdrawn: its job was removed from the queue"),
    );
    await world.expect(0, "undo", "--scene", "1", "--yes");
    await world.expect(0, "run", "--once");
    assertEquals(world.plex.items().filter(({ title }, at) => title !== ours[at]!.title).length, 1);
  });
});

Deno.test("undo says once that Plex is down, waits on, and tells nothing of what stops no undo", async () => {
  await withWorld(LIBRARY, async (world) => {
    await world.syncAll();
    await world.expect(0, "pause");
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("starts");
    await world.plex.close();
    await using undo = await world.start(["undo", "--all", "--yes"]);
    await undo.stderr.line("Plex is down: ");
    await world.reopenPlex();
    const { code, stderr } = await undo.result;
    assertEquals(code, 0, stderr);
    const said = stderr.split("\n").filter((line) => /Plex|Stash|paused/.test(line));
    assertEquals(said.length, 1, stderr);
  });
});

Deno.test("sync --wait names what is left as it was undone, until --force writes it", async () => {
  await withWorld(LIBRARY, async (world) => {
    await world.syncAll();
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("starts");
    await world.expect(0, "undo", "--scene", "1", "--yes");
    const sync = ["sync", "--scene", "1", "--wait"];
    const told = async (...flags: string[]) => {
      const { scenes } = await world.json<{ scenes: SceneEnd[] }>(...sync, ...flags);
      const { end, changed_fields, undone_fields } = scenes[0]!;
      return { end, changed_fields: changed_fields.sort(), undone_fields: undone_fields.sort() };
    };
    const { stdout } = await world.expect(0, ...sync);
    assertMatch(stdout, /^Scene 1: unchanged; undone by you: title, /m);
    const undone = (await told()).undone_fields;
    const forced = { end: "written" as const, changed_fields: undone, undone_fields: [] };
    assertEquals(await told("--force"), forced);
    assertMatch((await world.expect(0, ...sync)).stdout, /^Scene 1: unchanged$/m);
  });
});
