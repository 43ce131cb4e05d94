import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { SimFileSeed } from "../sim/plex/server.ts";
import { assertBalanced } from "./books.ts";
import { until, withWorld, type World } from "./world.ts";

interface Letter {
  id: number;
  scene_id: string;
  error_type: string;
  job_data: string;
}

/** The files of a scene as they come to Plex. */
function filesOf(world: World, sceneId: string): SimFileSeed[] {
  const scene = world.library.scenes.find(({ id }) => String(id) === sceneId);
  return (scene?.files ?? []).map(({ path, size, duration }) => ({
    path,
    size,
    durationMs: Math.round((duration ?? 0) * 1000),
  }));
}

function statesOf(world: World): string[] {
  return world.query<{ state: string }>("SELECT state FROM jobs ORDER BY id").map((j) => j.state);
}

const MISSING = { scenes: 6, seed: 16, missingPercent: 50 };

Deno.test("scenes that Plex lacks wait, and are synced when their files have come", async () => {
  await withWorld(MISSING, async (world) => {
    const { missingIds } = world.library;
    assertEquals(missingIds.length, 3);
    await world.syncAll();
    assertEquals(statesOf(world), ["waiting", "waiting", "waiting"]);
    assertEquals(await world.differences(), []);

    const [first = "", ...others] = missingIds;
    await world.plex.addFiles(filesOf(world, first));
    await world.expect(0, "sync", "--scene", first);
    await world.expect(0, "run", "--once");
    assertEquals(statesOf(world), ["waiting", "waiting"]);
    assertEquals(await world.differences(), []);

    await world.plex.addFiles(others.flatMap((id) => filesOf(world, id)));
    await world.expect(0, "sync", "--scene", others.join());
    await world.expect(0, "run", "--once");
    assertEquals(statesOf(world), []);
    assertEquals(await world.differences(), []);
    assertBalanced(world);
  });
});

/** Waiting jobs are looked at after half a minute, which is over now. */
function letTimePass(world: World) {
  const database = new DatabaseSync(world.path("plexsync.db"));
  database.exec("UPDATE jobs SET next_retry_at = 0 WHERE state = 'waiting'");
  database.close();
}

Deno.test("a daemon that starts after the files have come needs no edit in Stash to see them", async () => {
  await withWorld(MISSING, async (world) => {
    await world.syncAll();
    await world.plex.addFiles(world.library.missingIds.flatMap((id) => filesOf(world, id)));
    letTimePass(world);
    await using daemon = await world.start(["run"]);
    await until("all synced", () => statesOf(world).length === 0);
    assertEquals(await world.differences(), []);
    daemon.kill();
    assertEquals((await daemon.result).code, 0);
    assertBalanced(world);
  });
});

Deno.test("an ambiguous scene is given up with its candidates, and synced when the rival is gone", async () => {
  await withWorld({ scenes: 3, seed: 17, ambiguous: 1 }, async (world) => {
    const [ambiguous = ""] = world.library.ambiguousIds;
    await world.syncAll();
    const letters = await world.json<Letter[]>("dead", "list");
    assertEquals(letters.map((letter) => [letter.scene_id, letter.error_type]), [
      [ambiguous, "AmbiguousMatch"],
    ]);
    const [letter] = letters as [Letter];
    const { stdout } = await world.expect(0, "dead", "show", String(letter.id));
    assertMatch(stdout, /Hint +.*match pin/);
    const rivals = world.plex.items().filter(({ files }) => files[0]?.includes("/Archive "));
    assertEquals(rivals.length, 2);
    for (const { ratingKey, files } of rivals) {
      assertStringIncludes(stdout, `item ${ratingKey}: ${files[0]}`);
    }
    const untouched = rivals.filter(({ locked, poster }) => locked.length === 0 && poster === null);
    assertEquals(untouched.length, 2, "a rival was written to");

    const [kept, rival] = rivals;
    await world.plex.removeFile(rival?.files[0] ?? "");
    await world.expect(0, "dead", "retry", String(letter.id));
    await world.expect(0, "run", "--once");
    assertEquals(await world.json<Letter[]>("dead", "list"), []);
    const title = world.stash.scenes().find(({ id }) => id === ambiguous)?.title;
    const now = world.plex.items().find(({ ratingKey }) => ratingKey === kept?.ratingKey);
    assert(now?.poster !== null && (title === "" || now?.title === title?.trim()));
    assertBalanced(world);
  });
});

Deno.test("without strict_matching one of the candidates is taken, with low confidence", async () => {
  await withWorld({ scenes: 3, seed: 17, ambiguous: 1 }, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    await world.expect(0, "run", "--once", "--strict-matching=false");
    const stats = await world.json<Record<string, number>>("stats");
    assertEquals([stats.high_confidence_matches, stats.low_confidence_matches], [2, 1]);
    assertEquals(await world.json<Letter[]>("dead", "list"), []);
    assertBalanced(world);
  });
});

Deno.test("another root matches through path_map", async () => {
  const roots = { stashRoot: "/data/scenes", plexRoot: "/media/x" };
  const config = { path_map: "/data/scenes=/media/x" };
  await withWorld({ scenes: 5, seed: 18, ...roots, config }, async (world) => {
    await world.syncAll();
    assertEquals(await world.differences(), []);
    const stats = await world.json<Record<string, number>>("stats");
    assertEquals(stats.high_confidence_matches, 5);
  });
});
