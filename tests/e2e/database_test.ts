import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { assertBalanced } from "./books.ts";
import { ended, inSync, retitle } from "./changes.ts";
import { withWorld, type World } from "./world.ts";

const SCENES = 30;
const LIBRARY = { scenes: SCENES, seed: 3 };
const WATCHING = { ...LIBRARY, config: { poll_interval: 0.2 } };

interface Counters {
  jobs_succeeded: number;
}

/** Puts noise over the middle of the database, where tables are and the header is not. */
function damage(world: World): void {
  const path = world.path("plexsync.db");
  const bytes = Deno.readFileSync(path);
  crypto.getRandomValues(bytes.subarray(4_096, 4_096 * 12));
  Deno.writeFileSync(path, bytes);
}

function filesOf(world: World, pattern: RegExp, folder = ""): string[] {
  return [...Deno.readDirSync(world.path(folder))].map(({ name }) => name)
    .filter((name) => pattern.test(name)).sort();
}

const SET_ASIDE = /^plexsync\.db\.damaged-\d{13}$/;
const DAILY = /^plexsync-\d{4}-\d\d-\d\d\.db$/;

Deno.test("a damaged database is set aside at the start, its backup restored, all synced", async () => {
  await withWorld(LIBRARY, async (world) => {
    await world.syncAll();
    assertEquals(filesOf(world, DAILY, "backups").length, 1);
    retitle(world, 1, "Changed after the backup");
    await world.expect(0, "sync", "--scene", "1");
    damage(world);

    const { stderr } = await world.expect(0, "run", "--once");
    assertStringIncludes(stderr, "The database cannot be used: ");
    assertStringIncludes(stderr, "Restored the backup of ");
    assertStringIncludes(stderr, `All ${SCENES} scenes are queued`);
    assertEquals(filesOf(world, SET_ASIDE).length, 1);
    assertEquals(await world.differences(), []);
    assertBalanced(world);
    assertEquals(world.query("SELECT * FROM meta WHERE key = 'rebuild_wanted'"), []);
  });
});

Deno.test("a damaged database without a good backup is rebuilt from Stash once that is agreed to", async () => {
  await withWorld(LIBRARY, async (world) => {
    await world.syncAll();
    for (const name of filesOf(world, DAILY, "backups")) {
      Deno.writeTextFileSync(world.path(`backups/${name}`), "no database at all");
    }
    damage(world);
    retitle(world, 2, "Changed while it was damaged");

    const { stderr } = await world.expect(0, "run", "--once");
    assertMatch(stderr, /The backup .+ cannot be used: /);
    assertStringIncludes(stderr, "There is no good backup");
    assertEquals(filesOf(world, SET_ASIDE).length, 1);
    // That all are written was agreed to in what is lost.
    assertStringIncludes(stderr, "nobody has agreed yet");
    assert((await world.differences()).length > 0, "it was written unasked");
    await world.syncAll();
    assertEquals(await world.differences(), []);
    // stats.json was whole: the counters go on from it.
    assertEquals((await world.json<Counters>("stats")).jobs_succeeded, 2 * SCENES);
  });
});

Deno.test("a rebuild that Stash does not answer is not forgotten: run --once fails, the next does it", async () => {
  await withWorld(LIBRARY, async (world) => {
    await world.syncAll();
    damage(world);
    retitle(world, 3, "Changed while Stash was away");
    world.stash.setFaults([{ path: "/graphql", status: 503 }]);
    await world.expect(1, "run", "--once");
    world.stash.setFaults([]);
    await world.expect(0, "run", "--once");
    assertEquals(await world.differences(), []);
    assertEquals(filesOf(world, SET_ASIDE).length, 1);
  });
});

for (const [what, content] of [["text", "hello world\n".repeat(999)], ["noise", null]] as const) {
  Deno.test(`commands that ask refuse a database that is ${what}, and change nothing`, async () => {
    await withWorld({ scenes: 2, seed: 1 }, async (world) => {
      const bytes = content === null
        ? crypto.getRandomValues(new Uint8Array(20_000))
        : new TextEncoder().encode(content);
      const path = world.path("plexsync.db");
      Deno.writeFileSync(path, bytes);
      // The library that an executable brings along is none of the data.
      const data = /^(?!lib$)/;
      const before = filesOf(world, data);
      for (const args of [["status"], ["stats"], ["queue", "list"], ["dead", "list"]]) {
        const { stderr } = await world.expect(1, ...args);
        assertMatch(
          stderr,
          /^error: The database is damaged: .+\nhint: plexsync run sets it aside/,
        );
      }
      const { stderr } = await world.expect(1, "backup", world.path("copy.db"));
      assertStringIncludes(stderr, "error: The database is damaged: ");
      assertEquals(filesOf(world, data), before);
      assertEquals(Deno.readFileSync(path), bytes);
    });
  });
}

Deno.test("a database deleted under the daemon ends it with a clear line; the next start has it all", async () => {
  await withWorld(WATCHING, async (world) => {
    await world.syncAll();
    const sums = () => world.query("SELECT * FROM outcomes ORDER BY id");
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("plexsync 0");
    const before = sums();
    for (const end of ["", "-wal", "-shm"]) Deno.removeSync(world.path(`plexsync.db${end}`));
    const { code, stderr } = await ended(daemon);
    assertEquals(code, 1);
    assertMatch(stderr, /plexsync ends: .+plexsync\.db was deleted/);

    retitle(world, 4, "Changed while nothing ran");
    const { stderr: next } = await world.expect(0, "run", "--once");
    assertStringIncludes(next, "The database cannot be used: it is gone");
    assertEquals(sums().slice(0, before.length), before);
    assertEquals(await world.differences(), []);
    assertBalanced(world);
  });
});

Deno.test("a database replaced under the daemon ends it, and what it held is kept", async () => {
  await withWorld(WATCHING, async (world) => {
    await world.syncAll();
    await world.expect(0, "backup", world.path("copy.db"));
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("plexsync 0");
    Deno.renameSync(world.path("copy.db"), world.path("plexsync.db"));
    const { code, stderr } = await ended(daemon);
    assertEquals(code, 1);
    assertMatch(stderr, /plexsync\.db was replaced/);
    assertEquals(filesOf(world, /^plexsync-rescued-\d{13}\.db$/, "backups").length, 1);

    retitle(world, 5, "Changed while nothing ran");
    const { stderr: next } = await world.expect(0, "run", "--once");
    assertStringIncludes(next, "The database was exchanged while plexsync ran");
    assertEquals(await world.differences(), []);
    assertEquals((await world.expect(0, "run", "--once")).stderr.includes("exchanged"), false);
  });
});

Deno.test("a database locked by another program holds the daemon up, and nothing is lost", async () => {
  await withWorld(WATCHING, async (world) => {
    await world.syncAll();
    await using daemon = await world.start(["run"]);
    await daemon.stderr.line("plexsync 0");
    const other = new DatabaseSync(world.path("plexsync.db"));
    other.exec("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE");
    retitle(world, SCENES, "Changed under a lock");
    // Far longer than any transaction of the daemon: it meets the lock at its next write.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    other.exec("ROLLBACK");
    other.close();
    await inSync(world);
    daemon.kill();
    assertEquals((await daemon.result).code, 0);
    assertBalanced(world);
  });
});
