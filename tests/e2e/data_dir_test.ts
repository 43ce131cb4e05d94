/** A data directory in which somebody has put something else than what plexsync leaves there. */
import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertMatch } from "@std/assert";
import { withWorld, type World } from "./world.ts";

const OPTIONS = { scenes: 1, seed: 3 };

/** A file of somebody else, to which a link of this name in the data directory leads. */
async function link(world: World, name: string): Promise<string> {
  const victim = await Deno.makeTempFile({ prefix: "plexsync-victim-" });
  await Deno.writeTextFile(victim, "mine");
  await Deno.symlink(victim, world.path(name));
  return victim;
}

const LINKS = [
  { name: "plexsync.db", want: /Cannot use .*plexsync\.db: it is a symbolic link/ },
  { name: "plexsync.db-wal", want: /Cannot use .*plexsync\.db-wal: it is a symbolic link/ },
  { name: "plexsync.lock", want: /Cannot use .*plexsync\.lock: it is a symbolic link/ },
  { name: "stats.json", want: /Cannot use .*stats\.json: it is a symbolic link/ },
  {
    name: "listen-token",
    config: { listen: "127.0.0.1:0" },
    want: /Cannot use .*listen-token: it is a symbolic link/,
  },
  {
    name: "plexsync.log",
    config: { log_target: "file" },
    want: /Cannot log to .*plexsync\.log: it is a symbolic link/,
  },
];

for (const { name, config, want } of LINKS) {
  Deno.test({
    name: `a link in the place of ${name} is not followed`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await withWorld(
        { ...OPTIONS, ...(config === undefined ? {} : { config }) },
        async (world) => {
          const victim = await link(world, name);
          const { stderr } = await world.expect(1, "run", "--idle-exit", "1s");
          assertMatch(stderr, want);
          assertEquals(await Deno.readTextFile(victim), "mine");
          await Deno.remove(victim);
        },
      );
    },
  });
}

Deno.test({
  name: "links in the place of files that are written for a moment lead nowhere",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withWorld(OPTIONS, async (world) => {
      const victim = await link(world, "stats.json.tmp");
      await world.syncAll();
      assertEquals(await Deno.readTextFile(victim), "mine");
      assertEquals((await Deno.lstat(world.path("stats.json"))).isFile, true);
      await Deno.remove(victim);
    });
  },
});

Deno.test("damaged facts in the database do not stop the start, and are said", async () => {
  await withWorld(OPTIONS, async (world) => {
    await world.syncAll();
    const damaged = [
      '"text"',
      "12",
      "null",
      "{}",
      "[]",
      "not JSON",
      '{"state":"open"}',
      "1e999",
      "",
    ];
    for (const value of damaged) {
      {
        using database = new DatabaseSync(world.path("plexsync.db"));
        database.exec("INSERT OR IGNORE INTO meta VALUES ('sweep', ''), ('breaker:plex', '')");
        database.prepare(
          "UPDATE meta SET value = ? WHERE key NOT LIKE 'damaged:%' AND key <> 'plex_machine'",
        )
          .run(value);
      }
      const { stderr } = await world.expect(0, "run", "--once");
      assertMatch(stderr, /What was kept in the database as .*sweep.* cannot be read/);
      await world.expect(0, "status");
    }
    assertEquals(await world.differences(), []);
  });
});

Deno.test("a database that was emptied, without a backup, is said", async () => {
  await withWorld(OPTIONS, async (world) => {
    await world.syncAll();
    await Deno.remove(world.path("backups"), { recursive: true }).catch(() => {});
    await Deno.truncate(world.path("plexsync.db"));
    const { stderr } = await world.expect(0, "run", "--once");
    assertMatch(stderr, /plexsync\.db is an empty file, and there is no backup of it/);
    assertEquals((await world.expect(0, "run", "--once")).stderr.includes("empty file"), false);
  });
});
