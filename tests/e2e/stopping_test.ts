import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { assertBalanced, assertStatsFile } from "./books.ts";
import { until, withWorld, type World } from "./world.ts";

const NOT_ON_WINDOWS = { ignore: Deno.build.os === "windows" };
const SCENES = 60;

/** Resolves when a run is in the middle of writing. */
async function writing(world: World) {
  await until("writes", () => world.plex.requests().filter((r) => r.method === "PUT").length > 5);
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test({
    name: `${signal} in the middle of a batch gives back what is not done, and ends with 0`,
    ...NOT_ON_WINDOWS,
    fn: () =>
      withWorld({ scenes: SCENES, seed: 19, plex: { latencyMs: 4 } }, async (world) => {
        await world.expect(0, "sync", "--all", "--yes");
        await using daemon = await world.start(["run"]);
        await writing(world);
        daemon.kill(signal);
        assertEquals((await daemon.result).code, 0);
        assertBalanced(world);
        assertStatsFile(world);
        const left = world.query("SELECT id FROM jobs").length;
        const done = world.query("SELECT DISTINCT scene_id FROM outcomes").length;
        assertEquals(left + done, SCENES);
        await world.expect(0, "run", "--once");
        assertEquals(await world.differences(), []);
        assertBalanced(world);
      }),
  });
}

Deno.test({
  name: "a second signal ends it at once, and the next start does the rest",
  ...NOT_ON_WINDOWS,
  fn: () =>
    withWorld({ scenes: SCENES, seed: 20 }, async (world) => {
      await world.expect(0, "sync", "--all", "--yes");
      // An answer that never comes keeps the batch in hand open.
      world.plex.setFaults([{ path: ".", method: "PUT", hang: true }]);
      await using daemon = await world.start(["run"]);
      await until("a write", () => world.plex.requests().some((r) => r.method === "PUT"));
      daemon.kill("SIGTERM");
      await daemon.stderr.line("the batch in hand is settled first");
      daemon.kill("SIGTERM");
      assertEquals((await daemon.result).code, 128 + 15);

      world.plex.setFaults([]);
      const { stderr } = await world.expect(0, "run", "--once");
      assertMatch(stderr, /\d+ jobs of a run that was cut off are due again/);
      assertEquals(await world.differences(), []);
      assertBalanced(world);
    }),
});

Deno.test("run --idle-exit ends by itself when there was nothing to do for so long", async () => {
  await withWorld({ scenes: 3, seed: 1 }, async (world) => {
    await world.expect(0, "sync", "--all", "--yes");
    await world.expect(0, "run", "--idle-exit", "1s");
    assertEquals(await world.differences(), []);
  });
});

Deno.test("a second daemon on a data directory is refused by the pid of the first", async () => {
  await withWorld({}, async (world) => {
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("starts");
    const { stderr } = await world.expect(1, "run");
    assertStringIncludes(stderr, `pid ${daemon.pid}`);
    const { daemon: seen } = await world.json<{ daemon: { pid: number } | null }>("status");
    assertEquals(seen?.pid, daemon.pid);
  });
});

/** Makes the database so large that its backup takes a while. */
function enlarge(world: World): void {
  const database = new DatabaseSync(world.path("plexsync.db"));
  try {
    database.exec("PRAGMA synchronous = OFF");
    database.exec("CREATE TABLE large (bytes)");
    database.exec(
      `INSERT INTO large WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 150)
       SELECT randomblob(1000000) FROM n`,
    );
  } finally {
    database.close();
  }
}

/** All that lies in the folder of the backups, with what lies in its folders. */
function backupsOf(world: World): string[] {
  const within = (folder: string): string[] =>
    [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
      isDirectory ? [name, ...within(join(folder, name))] : [name]
    );
  try {
    return within(world.path("backups"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

for (const [signal, code] of [["SIGTERM", 0], ["SIGKILL", 128 + 9]] as const) {
  Deno.test({
    name: `${signal} amid the daily backup ends it at once, and the next start makes a whole one`,
    ...NOT_ON_WINDOWS,
    fn: () =>
      withWorld({ scenes: 3, seed: 21 }, async (world) => {
        await world.expect(0, "sync", "--all", "--yes");
        enlarge(world);
        await using daemon = await world.start(["run"]);
        await until("a backup", () => backupsOf(world).some((name) => name.startsWith("copy.db-")));
        daemon.kill(signal);
        const { code: ended, stderr } = await daemon.result;
        assertEquals(ended, code);
        assert(!/does not stop|Cannot make/.test(stderr), stderr);
        if (signal === "SIGTERM") assertEquals(backupsOf(world), []);

        const { stderr: next } = await world.expect(0, "run", "--once");
        assert(!/Cannot make|left behind/.test(next), next);
        assertMatch(backupsOf(world).join(), /^plexsync-\d{4}-\d\d-\d\d\.db$/);
        const [backup] = backupsOf(world);
        assertEquals(Deno.statSync(world.path(`backups/${backup}`)).mode! & 0o777, 0o600);
        assertEquals(await world.differences(), []);
        assertBalanced(world);
      }),
  });
}
