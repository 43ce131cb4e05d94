import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { takeLock } from "../../src/app/data/lock.ts";
import { DataDir } from "./data_dir.ts";

/** A directory whose backup has two jobs, and whose database has three. */
async function older(): Promise<{ dir: DataDir; backup: string }> {
  const dir = new DataDir();
  await dir.store((store) => void store.jobs.enqueue(["1", "2"], "hook", Date.now()));
  const backup = dir.file("old.db");
  await dir.text("backup", backup);
  await dir.store((store) => void store.jobs.enqueue(["3"], "hook", Date.now()));
  return { dir, backup };
}

const jobsIn = (dir: DataDir) => dir.store((store) => store.jobs.count());

/** Names and bytes of all files of a folder. */
function contents(dir: DataDir): [string, string][] {
  return dir.names().map((name) => [name, Deno.readFileSync(dir.file(name)).join()]);
}

Deno.test("restore puts a backup in the database's place, and keeps the replaced one whole", async () => {
  const { dir, backup } = await older();
  using _ = dir;
  const said = await dir.text("restore", backup, "--yes");
  assertMatch(said, /^Restored .*old\.db: \d+ bytes, verified; the replaced one is kept as /);
  assertEquals(await jobsIn(dir), 2);
  const kept = dir.names().find((name) => /^plexsync\.db\.replaced-\d+$/.test(name));
  assert(kept !== undefined, dir.names().join());
  if (Deno.build.os !== "windows") {
    assertEquals(Deno.statSync(dir.file("plexsync.db")).mode! & 0o777, 0o600);
  }
  assertEquals(dir.names().filter((name) => name.includes("replacement")), []);
  await dir.text("restore", dir.file(kept), "--yes");
  assertEquals(await jobsIn(dir), 3);
});

Deno.test("restore works where no database is, without a question", async () => {
  const { dir, backup } = await older();
  using _ = dir;
  using fresh = new DataDir();
  const { kept } = await fresh.json("restore", backup);
  assertEquals([kept, await jobsIn(fresh)], [null, 2]);
});

Deno.test("restore takes what stands beside a database that was copied by hand", async () => {
  const { dir } = await older();
  using _ = dir;
  using copy = new DataDir();
  await dir.store((store) => {
    store.jobs.enqueue(["4"], "hook", Date.now());
    for (const end of ["", "-wal"]) {
      Deno.copyFileSync(dir.file(`plexsync.db${end}`), copy.file(`taken.db${end}`));
    }
  });
  using fresh = new DataDir();
  await fresh.text("restore", copy.file("taken.db"));
  assertEquals(await jobsIn(fresh), 4);
  assertEquals(copy.names(), ["taken.db", "taken.db-wal"]);
});

interface Refusal {
  when: string;
  /** Makes the file to restore. @returns its path */
  file(dir: DataDir, backup: string): string;
  says: RegExp;
  code?: number;
  yes?: false;
}

const REFUSALS: readonly Refusal[] = [
  {
    when: "nobody can be asked",
    file: (_, backup) => backup,
    yes: false,
    code: 2,
    says: /error: Nothing was replaced: nobody can be asked here\nhint: Add --yes/,
  },
  {
    when: "the file is not there",
    file: (dir) => dir.file("none.db"),
    says: /There is no file .*none\.db/,
  },
  { when: "it is a folder", file: (dir) => dir.path, says: /is a folder/ },
  {
    when: "it is the database itself",
    file: (dir) => dir.file("plexsync.db"),
    says: /is the database itself/,
  },
  {
    when: "it is a link to the database",
    file(dir) {
      Deno.symlinkSync(dir.file("plexsync.db"), dir.file("link.db"));
      return dir.file("link.db");
    },
    says: /is the database itself/,
  },
  {
    when: "it is no database",
    file(dir) {
      Deno.writeTextFileSync(dir.file("notes.txt"), "mine ".repeat(1_000));
      return dir.file("notes.txt");
    },
    says: /Cannot restore .*notes\.txt: /,
  },
  {
    when: "it is empty",
    file(dir) {
      Deno.writeTextFileSync(dir.file("empty.db"), "");
      return dir.file("empty.db");
    },
    says: /Cannot restore .*empty\.db: it is empty/,
  },
  {
    when: "a page of it is damaged",
    file(dir, backup) {
      const bytes = Deno.readFileSync(backup);
      // Behind the first page, which alone is read when it is opened.
      bytes.fill(0x5a, 8_192, bytes.length);
      Deno.writeFileSync(dir.file("damaged.db"), bytes);
      return dir.file("damaged.db");
    },
    says: /Cannot restore .*damaged\.db: /,
  },
  {
    when: "it is of another layout",
    file: (_, backup) => alter(backup, "PRAGMA application_id = 7"),
    says: /Cannot restore .*: it has an older layout/,
  },
  {
    when: "a newer plexsync made it",
    file: (_, backup) => alter(backup, "PRAGMA user_version = 99"),
    says: /Cannot restore .*: a newer plexsync made it/,
  },
];

function alter(path: string, sql: string): string {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return path;
}

for (const { when, file, says, code = 1, yes = true } of REFUSALS) {
  Deno.test(`restore changes nothing when ${when}`, async () => {
    const { dir, backup } = await older();
    using _ = dir;
    const path = file(dir, backup);
    const before = contents(dir);
    const told = await dir.call("restore", path, ...(yes ? ["--yes"] : []));
    assertEquals([told.code, told.stdout], [code, ""], told.stderr);
    assertMatch(told.stderr, says);
    assertEquals(contents(dir).filter(([name]) => name !== "plexsync.lock"), before);
  });
}

Deno.test("restore is refused over a running daemon, and lets none start meanwhile", async () => {
  const { dir, backup } = await older();
  using _ = dir;
  const lock = takeLock(dir.file("plexsync.lock"), { pid: 42, since: 1 });
  const { code, stderr } = await dir.call("restore", backup, "--yes");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Another plexsync (pid 42) works on this data directory");
  lock.release();
  assertEquals(await jobsIn(dir), 3);
});
