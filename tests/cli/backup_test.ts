import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openStore } from "../../src/store/store.ts";
import { DataDir } from "./data_dir.ts";
import { TARGETS } from "../one_target.ts";

async function filled(): Promise<DataDir> {
  const dir = new DataDir();
  await dir.store((store) => void store.jobs.enqueue(["1", "2"], "hook", Date.now()));
  return dir;
}

async function queuedIn(path: string): Promise<number> {
  const store = await openStore(path, TARGETS, {
    driver: "builtin",
    sleep: () => Promise.resolve(),
  });
  try {
    return store.jobs.count();
  } finally {
    store.close();
  }
}

Deno.test("backup FILE writes a copy that holds all, and says its bytes and that it was verified", async () => {
  using dir = await filled();
  const file = dir.file("it's mine.db");
  const said = await dir.text("backup", file);
  const bytes = Deno.statSync(file).size;
  assertEquals(said, `Backup written to ${file}: ${bytes} bytes, verified\n`);
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
  assertEquals(await queuedIn(file), 2);
});

Deno.test("backup FILE --json gives file, bytes, schema and verified", async () => {
  using dir = await filled();
  const file = dir.file("copy.db");
  const { schema, ...rest } = await dir.json("backup", file);
  assert(Number.isInteger(schema));
  assertEquals(rest, { file, bytes: Deno.statSync(file).size, verified: true });
});

Deno.test("backup FILE is consistent while another process is amid a change", async () => {
  using dir = await filled();
  await dir.store(async (store) => {
    store.database.exec("BEGIN IMMEDIATE");
    store.database.exec("DELETE FROM jobs");
    await dir.text("backup", dir.file("copy.db"));
    store.database.exec("COMMIT");
  });
  assertEquals(await queuedIn(dir.file("copy.db")), 2);
});

Deno.test("backup FILE overwrites nothing, the database itself included", async () => {
  using dir = await filled();
  Deno.writeTextFileSync(dir.file("notes.txt"), "mine");
  for (const name of ["notes.txt", "plexsync.db"]) {
    const before = Deno.readFileSync(dir.file(name));
    const { code, stdout, stderr } = await dir.call("backup", dir.file(name));
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `error: ${dir.file(name)} is there already\nhint: `);
    assertEquals(Deno.readFileSync(dir.file(name)), before);
  }
});

Deno.test("backup without a database says so, and makes no files", async () => {
  using dir = new DataDir();
  const { code, stderr } = await dir.call("backup", dir.file("copy.db"));
  assertEquals([code, dir.names()], [1, []]);
  assertMatch(stderr, /^error: There is no database in .+ yet\nhint: --data-dir/);
});

Deno.test("backup into a folder that is not there says so, and leaves nothing", async () => {
  using dir = await filled();
  const before = dir.names();
  const { code, stderr } = await dir.call("backup", dir.file("no/copy.db"));
  assertEquals([code, dir.names()], [1, before]);
  assertMatch(stderr, /^error: .+no\/copy\.db/);
});

for (
  const { words, says } of [
    { words: [], says: "backup takes FILE" },
    { words: ["a.db", "b.db"], says: 'Unexpected "b.db"' },
  ]
) {
  Deno.test(`backup with ${words.length} names is wrong usage`, async () => {
    using dir = await filled();
    const { code, stderr } = await dir.call("backup", ...words);
    assertEquals(code, 2);
    assertStringIncludes(stderr, says);
  });
}
