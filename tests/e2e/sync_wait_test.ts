import { assertEquals, assertMatch } from "@std/assert";
import { withWorld, type World } from "./world.ts";

type Scene = ReturnType<World["stash"]["scenes"]>[number];

/** One scene of each kind: fine, not in Plex, and one that Plex refuses. */
function mixed(world: World): { fine: string; missing: string; refused: string } {
  const [fine, refused] = world.stash.scenes() as [Scene, Scene];
  const file = { path: "/data/scenes/late.mp4", size: 9, duration: 1 };
  const known = new Set(world.stash.scenes().map(({ id }) => id));
  world.stash.upsert([{ title: "Late", details: "Of late.", files: [file] }]);
  const missing = world.stash.scenes().find(({ id }) => !known.has(id))!;
  const path = refused.files[0]!.path;
  const { ratingKey } = world.plex.items().find(({ files }) => files.includes(path))!;
  world.plex.setFaults([{ method: "PUT", item: ratingKey, status: 400 }]);
  return { fine: fine.id, missing: missing.id, refused: refused.id };
}

interface Told {
  queued: number;
  totals: Record<string, number>;
  scenes: { scene_id: string; end: string; reason: string | null; hint: string | null }[];
}

Deno.test("sync --wait tells the end of each scene, and its exit code is that of the worst", async () => {
  await withWorld({ scenes: 2, seed: 1 }, async (world) => {
    const { fine, missing, refused } = mixed(world);
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("starts");
    const wait = ["sync", "--wait", "--scene"];
    const done = await world.expect(0, ...wait, fine);
    assertMatch(
      done.stdout,
      new RegExp(`^Scene ${fine}: written: title, .*\\n1 scene: 1 written`, "m"),
    );
    const waits = await world.expect(3, ...wait, `${fine},${missing}`);
    assertMatch(waits.stdout, new RegExp(`^Scene ${fine}: unchanged$`, "m"));
    assertMatch(waits.stdout, new RegExp(`^Scene ${missing}: waiting: PlexNotFound: `, "m"));
    assertMatch(waits.stdout, /^2 scenes: 1 unchanged, 1 waiting$/m);
    const dead = await world.expect(1, ...wait, `${fine},${missing},${refused}`);
    assertMatch(dead.stdout, new RegExp(`^Scene ${refused}: dead: Plex.*\\n  hint: `, "m"));
    const { stdout } = await world.expect(1, "sync", "--all", "--yes", "--wait", "--json");
    const told = JSON.parse(stdout) as Told;
    assertEquals(told.totals, { unchanged: 1, waiting: 1, dead: 1 });
    assertEquals(told.scenes.map(({ end }) => end).sort(), ["dead", "unchanged", "waiting"]);
    assertEquals(
      told.scenes.every(({ reason, end }) => (reason === null) === (end === "unchanged")),
      true,
    );
  });
});

Deno.test("sync --wait waits for retries, whose end it tells", async () => {
  await withWorld({ scenes: 1, seed: 1 }, async (world) => {
    world.plex.setFaults([{ path: ".", method: "PUT", status: 500, times: 2 }]);
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("starts");
    const { stdout } = await world.expect(0, "sync", "--all", "--yes", "--wait");
    assertMatch(stdout, /^1 scene: 1 (written|unchanged)$/m);
  });
});

Deno.test("sync --wait ends with 3 when the daemon is gone before the scenes are done", async () => {
  await withWorld({ scenes: 1, seed: 1, plex: { latencyMs: 2_000 } }, async (world) => {
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("starts");
    await using waiting = await world.start(["sync", "--all", "--yes", "--wait"]);
    await waiting.stdout.line("Queued 1 scene");
    daemon.kill("SIGKILL");
    const { code, stdout } = await waiting.result;
    assertEquals(code, 3, stdout);
    assertMatch(stdout, /^Scene \d+: queued: No daemon works on it any more$/m);
  });
});
