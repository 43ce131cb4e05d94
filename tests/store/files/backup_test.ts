import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { UserError } from "../../../src/core/failures/errors.ts";
import { backUp } from "../../../src/store/files/backup.ts";
import { type DriverName, eachDriver } from "../database/drivers.ts";
import { dump } from "../invariants.ts";
import { anyKey, T0 } from "../samples.ts";
import { openTestStore, storeTest, TempFolder } from "../temp_store.ts";

async function dumpOf(path: string, driver: DriverName) {
  const store = await openTestStore(path, driver);
  try {
    return dump(store.database);
  } finally {
    store.close();
  }
}

storeTest("backUp() copies all rows and the schema, for its owner's eyes only", async (test) => {
  const { store, folder, driver } = test;
  store.jobs.enqueue(["1", "2", "3"], "hook", T0);
  store.meta.set(anyKey("it's"), { quoted: "'" });
  const before = dump(store.database);
  const target = folder.file("it's a copy.db");
  const { path, bytes, schema } = await backUp(store.database, target, { driver });
  assertEquals([path, bytes], [target, Deno.statSync(target).size]);
  assert(schema > 0);
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(target).mode! & 0o777, 0o600);
  assertEquals(folder.names().filter((name) => name.includes(".part")), []);
  assertEquals(await dumpOf(target, driver), before);
});

storeTest(
  "backUp() takes one moment, whatever another process writes before and after",
  async (test) => {
    const { store, folder, path, driver } = test;
    const other = await openTestStore(path, driver);
    try {
      other.jobs.enqueue(["1"], "hook", T0);
      // A writer amid its transaction is neither waited for nor copied by half.
      other.database.exec("BEGIN IMMEDIATE");
      other.database.exec("UPDATE jobs SET priority = 99");
      await backUp(store.database, folder.file("copy.db"), { driver });
      other.database.exec("COMMIT");
    } finally {
      other.close();
    }
    const { jobs } = await dumpOf(folder.file("copy.db"), driver);
    assertEquals((jobs as { priority: number }[]).map((job) => job.priority !== 99), [true]);
  },
);

storeTest("backUp() overwrites nothing unless it is told to", async ({ store, folder, driver }) => {
  const target = folder.file("notes.txt");
  Deno.writeTextFileSync(target, "mine");
  const error = await assertRejects(
    () => backUp(store.database, target, { driver }),
    UserError,
    "is there already",
  );
  assertEquals(error.kind, "failed");
  assertEquals(Deno.readTextFileSync(target), "mine");
  await backUp(store.database, target, { driver, replace: true });
  assertMatch(Deno.readTextFileSync(target).slice(0, 15), /^SQLite format 3/);
});

storeTest(
  "backUp() that cannot be made leaves nothing behind",
  async ({ store, folder, driver }) => {
    const before = folder.names();
    await assertRejects(() => backUp(store.database, folder.file("no/folder.db"), { driver }));
    assertEquals(folder.names(), before);
    Deno.mkdirSync(folder.file("folder"));
    const over = { driver, replace: true };
    await assertRejects(() => backUp(store.database, folder.file("folder"), over));
    assertEquals(folder.names(), ["folder", ...before]);
  },
);

eachDriver(
  "backUp() of a damaged database fails and keeps the backup that is there",
  async (driver) => {
    using folder = new TempFolder();
    const path = folder.file("plexsync.db");
    const store = await openTestStore(path, driver);
    store.jobs.enqueue(Array.from({ length: 2_000 }, (_, at) => `${at}`), "bulk", T0);
    const target = folder.file("backup.db");
    await backUp(store.database, target, { driver });
    store.close();
    const good = Deno.readFileSync(target);
    const bytes = Deno.readFileSync(path);
    bytes.fill(0xaa, bytes.length / 2, bytes.length / 2 + 40_960);
    Deno.writeFileSync(path, bytes);
    const damaged = await openTestStore(path, driver);
    try {
      const again = () => backUp(damaged.database, target, { driver, replace: true });
      // One driver copies the damage, which the check of the copy finds; the other stumbles at it.
      const { message } = await assertRejects(again, Error);
      assertMatch(message, /not whole|malformed/);
    } finally {
      damaged.close();
    }
    assertEquals(Deno.readFileSync(target), good);
  },
);
