import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { UserError } from "../../../src/core/failures/errors.ts";
import type { Database } from "../../../src/store/database/database.ts";
import { LAYOUT, MIGRATIONS } from "../../../src/store/database/migrations.ts";
import { layoutOf, migrate, schemaVersion } from "../../../src/store/database/migrate.ts";
import { snapshot } from "../../../src/store/files/snapshot.ts";
import { openStore } from "../../../src/store/store.ts";
import { connect, eachDriver } from "./drivers.ts";
import { GROWN } from "./grown_schema.ts";
import { T0 } from "../samples.ts";
import { makeOlder, openTestStore, TempFolder } from "../temp_store.ts";
import { TARGETS } from "../../one_target.ts";

const noSnapshot = () => Promise.reject(new Error("There is nothing to copy in a new file"));

/** Tables, indexes and columns, as SQLite has them. */
function schemaOf(database: Database): unknown[] {
  return database.prepare("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").all();
}

const lists = { "the real schema": MIGRATIONS, "a schema that grew": GROWN };
for (const [what, list] of Object.entries(lists)) {
  eachDriver(`migrate() brings every older version of ${what} to the newest`, async (driver) => {
    using folder = new TempFolder();
    const fresh = await connect(folder.file("fresh.db"), driver);
    await migrate(fresh, noSnapshot, list);
    assertEquals(schemaVersion(fresh), list.length);
    for (let from = 0; from <= list.length; from++) {
      const old = await connect(folder.file(`from-${from}.db`), driver);
      if (from > 0) await migrate(old, noSnapshot, list.slice(0, from));
      const copied: number[] = [];
      await migrate(old, async (version) => void await copied.push(version), list);
      assertEquals(schemaOf(old), schemaOf(fresh));
      assertEquals(schemaVersion(old), list.length);
      assertEquals(copied, from === 0 || from === list.length ? [] : [from]);
      old.close();
    }
    fresh.close();
  });
}

eachDriver("migrate() keeps the data of an older version, and a copy of it", async (driver) => {
  using folder = new TempFolder();
  const path = folder.file("it's.db");
  const database = await connect(path, driver);
  database.exec("PRAGMA journal_mode = WAL");
  await migrate(database, noSnapshot, GROWN.slice(0, 1));
  database.exec("INSERT INTO notes VALUES ('second')");

  await migrate(database, (from) => snapshot(database, path, from), GROWN);
  assertEquals(database.prepare("SELECT text, at FROM notes").all(), [
    { text: "first", at: 7 },
    { text: "second", at: 7 },
  ]);
  database.close();

  assertEquals(folder.names(), ["it's.db", "it's.db.before-schema-1"]);
  const copy = await connect(`${path}.before-schema-1`, driver);
  assertEquals(schemaVersion(copy), 1);
  assertEquals(copy.prepare("SELECT text FROM notes").all().length, 2);
  copy.close();
});

eachDriver("a migration that fails changes nothing and can be repeated", async (driver) => {
  using folder = new TempFolder();
  const path = folder.file("plexsync.db");
  const database = await connect(path, driver);
  const copy = (from: number) => snapshot(database, path, from);
  await migrate(database, noSnapshot, GROWN.slice(0, 1));
  const broken = [GROWN[0]!, GROWN[1]! + "SELECT * FROM nowhere;"];
  // The second time there is a copy already, as after a kill in the middle of an upgrade.
  for (let time = 1; time <= 2; time++) {
    await assertRejects(() => migrate(database, copy, broken), Error, "nowhere");
    assertEquals(schemaVersion(database), 1);
    assertThrows(() => database.exec("SELECT at FROM notes"), Error, "no such column");
  }
  await migrate(database, copy, GROWN);
  assertEquals(schemaVersion(database), 3);
  database.close();
});

eachDriver(
  "snapshot() takes the place of what an upgrade that was cut off left",
  async (driver) => {
    using folder = new TempFolder();
    const path = folder.file("plexsync.db");
    const database = await connect(path, driver);
    await migrate(database, noSnapshot, GROWN);
    const half = "half a copy ".repeat(1_000);
    Deno.writeTextFileSync(`${path}.before-schema-3`, half);
    const room = `${path}.before-schema-3.1.part`;
    Deno.mkdirSync(room);
    // SQLite's journal lies beside it.
    for (const name of ["copy.db", "copy.db-journal"]) {
      Deno.writeTextFileSync(`${room}/${name}`, half);
    }
    // Of nobody's upgrade.
    Deno.writeTextFileSync(`${path}.before-schema-3.mine`, half);
    await snapshot(database, path, 3);
    database.close();
    assertEquals(folder.names(), [
      "plexsync.db",
      "plexsync.db.before-schema-3",
      "plexsync.db.before-schema-3.mine",
    ]);
    const copy = await connect(`${path}.before-schema-3`, driver);
    assertEquals(copy.prepare("SELECT * FROM notes").all(), [{ text: "first", at: 7 }]);
    copy.close();
  },
);

eachDriver(
  "snapshot() throws away a copy that another process's upgrade outran",
  async (driver) => {
    using folder = new TempFolder();
    const path = folder.file("plexsync.db");
    const database = await connect(path, driver);
    await migrate(database, noSnapshot, GROWN);
    await snapshot(database, path, 1);
    database.close();
    assertEquals(folder.names(), ["plexsync.db"]);
  },
);

eachDriver(
  "two processes that upgrade at once leave one copy each needs no more",
  async (driver) => {
    using folder = new TempFolder();
    const path = folder.file("plexsync.db");
    const [first, second] = [await connect(path, driver), await connect(path, driver)];
    await migrate(first, noSnapshot, GROWN);
    // The second has its copy in place while the first still makes one: before it began, and behind it.
    for (const isBehind of [false, true]) {
      const slow: Database = Object.create(first, {
        backup: {
          async value(target: string) {
            if (isBehind) await first.backup(target);
            await snapshot(second, path, 3);
            if (!isBehind) await first.backup(target);
          },
        },
        prepare: { value: (sql: string) => first.prepare(sql) },
      });
      await snapshot(slow, path, 3);
      assertEquals(folder.names(), ["plexsync.db", "plexsync.db.before-schema-3"]);
      const copy = await connect(`${path}.before-schema-3`, driver);
      assertEquals(copy.prepare("SELECT * FROM notes").all(), [{ text: "first", at: 7 }]);
      copy.close();
    }
    first.close();
    second.close();
  },
);

eachDriver("a copy that cannot be made stops the upgrade", async (driver) => {
  using folder = new TempFolder();
  const path = folder.file("plexsync.db");
  const database = await connect(path, driver);
  await migrate(database, noSnapshot, GROWN.slice(0, 1));
  const full: Database = Object.create(database, {
    backup: { value: () => Promise.reject(new Error("disk full")) },
    prepare: { value: (sql: string) => database.prepare(sql) },
  });
  await assertRejects(() => snapshot(full, path, 1), Error, "disk full");
  assertEquals(folder.names(), ["plexsync.db"]);
  database.close();
});

eachDriver("migrate() sees the upgrade that another process makes meanwhile", async (driver) => {
  for (const known of [2, 3]) {
    using folder = new TempFolder();
    const first = await connect(folder.file("plexsync.db"), driver);
    const second = await connect(folder.file("plexsync.db"), driver);
    await migrate(first, noSnapshot, GROWN.slice(0, 1));
    const upgrade = migrate(
      first,
      () => migrate(second, async () => {}, GROWN),
      GROWN.slice(0, known),
    );
    // The same upgrade is not made twice, and a further one than its own is refused.
    if (known === 3) await upgrade;
    else await assertRejects(() => upgrade, UserError, "schema 3");
    assertEquals(schemaVersion(first), 3);
    first.close();
    second.close();
  }
});

eachDriver("openStore() refuses a newer schema, says why, and leaves it alone", async (driver) => {
  using folder = new TempFolder();
  const path = folder.file("plexsync.db");
  const store = await openTestStore(path, driver);
  store.jobs.enqueue(["1"], "hook", T0);
  store.database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  store.close();

  const error = await openTestStore(path, driver).then(() => null, (error) => error);
  assertEquals(error instanceof UserError, true, String(error));
  assertEquals(
    error.message,
    `The database has schema ${MIGRATIONS.length + 1}, ` +
      `this plexsync knows schemas up to ${MIGRATIONS.length}`,
  );
  assertEquals(typeof error.hint, "string");
  assertEquals(folder.names(), ["plexsync.db"]);
  const after = await connect(path, driver);
  assertEquals(schemaVersion(after), MIGRATIONS.length + 1);
  assertEquals(after.prepare("SELECT scene_id FROM jobs").all().length, 1);
  after.close();
});

eachDriver(
  "openStore() refuses an older layout, says what to do, leaves it alone",
  async (driver) => {
    using folder = new TempFolder();
    const path = folder.file("plexsync.db");
    const store = await openTestStore(path, driver);
    store.jobs.enqueue(["1"], "hook", T0);
    makeOlder(store.database);
    store.close();

    const error = await openTestStore(path, driver).then(() => null, (error) => error);
    assertEquals(error instanceof UserError, true, String(error));
    assertEquals([error.message, error.kind], [
      "The database has an older layout, which this plexsync cannot read",
      "failed",
    ]);
    assertMatch(error.hint, /^Move plexsync\.db aside, or name another --data-dir; .*sync --all/);
    assertEquals(folder.names(), ["plexsync.db"]);
    const after = await connect(path, driver);
    assertEquals(after.prepare("SELECT scene_id FROM jobs").all().length, 1);
    after.close();
  },
);

eachDriver("a copy of a database has its layout", async (driver) => {
  using folder = new TempFolder();
  const store = await openTestStore(folder.file("plexsync.db"), driver);
  await store.database.backup(folder.file("copy.db"));
  store.close();
  (await openTestStore(folder.file("copy.db"), driver)).close();
});

const layouts: { of: string; schema: string; same: boolean }[] = [
  { of: "other spaces and comments", schema: "-- Why\nCREATE TABLE a (b  INT);\n", same: true },
  { of: "another column", schema: "CREATE TABLE a (c INT);", same: false },
  { of: "one table more", schema: "CREATE TABLE a (b INT); CREATE TABLE c (d INT);", same: false },
];
for (const { of, schema, same } of layouts) {
  Deno.test(`layoutOf() ${same ? "is the same" : "differs"} for ${of}`, () => {
    assertEquals(layoutOf(schema) === layoutOf("CREATE TABLE a (b INT);"), same);
  });
}

eachDriver("a store that is opened again has what it had", async (driver) => {
  using folder = new TempFolder();
  const path = folder.file("plexsync.db");
  const first = await openTestStore(path, driver);
  first.jobs.enqueue(["1", "2"], "hook", T0);
  const before = first.queue.list(10);
  first.close();
  assertEquals(folder.names(), ["plexsync.db"]);
  const second = await openTestStore(path, driver);
  assertEquals(second.queue.list(10), before);
  second.close();
});

eachDriver("openStore() tries again while another process makes the same file", async (driver) => {
  using folder = new TempFolder();
  const path = folder.file("plexsync.db");
  const other = await connect(path, driver);
  // To this lock the switch to WAL gives way at once, whatever the time-out.
  other.exec("BEGIN IMMEDIATE; CREATE TABLE half_made (a)");
  const slept: number[] = [];
  const sleep = (ms: number) => {
    if (slept.push(ms) === 3) other.exec("ROLLBACK");
    return Promise.resolve();
  };
  const store = await openStore(path, TARGETS, { driver, sleep });
  assertEquals(slept.length, 3);
  assertEquals(store.jobs.enqueue(["1"], "hook", T0), { added: 1, merged: 0 });
  store.close();
  other.close();
});

eachDriver("handles that open a new file at once all get it", async (driver) => {
  using folder = new TempFolder();
  const path = folder.file("plexsync.db");
  const stores = await Promise.all([1, 2, 3].map(() => openTestStore(path, driver)));
  stores.forEach((store, i) => store.jobs.enqueue([String(i)], "hook", T0));
  for (const store of stores) assertEquals(store.jobs.count(), 3);
  for (const store of stores) store.close();
});

eachDriver(
  "a connection waits for locks, syncs each commit and keeps references",
  async (driver) => {
    using folder = new TempFolder();
    const { database } = await openTestStore(folder.file("plexsync.db"), driver);
    const pragma = (name: string) =>
      Object.values(database.prepare(`PRAGMA ${name}`).get<Record<string, unknown>>()!)[0];
    assertEquals(pragma("journal_mode"), "wal");
    assertEquals(pragma("synchronous"), 2);
    assertEquals(pragma("cache_size"), -8_000);
    assertEquals(pragma("foreign_keys"), 1);
    assertEquals(pragma("busy_timeout"), 30_000);
    database.close();
  },
);

Deno.test("LAYOUT is that of the first schema", () => {
  assertEquals(LAYOUT, layoutOf(MIGRATIONS[0]!));
});
