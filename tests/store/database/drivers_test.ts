import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { transaction } from "../../../src/store/database/database.ts";
import { openDriver } from "../../../src/store/database/driver.ts";
import { connect, eachDriver } from "./drivers.ts";
import { nativeLibrary } from "../../../src/store/database/native_library.ts";
import { TempFolder } from "../temp_store.ts";

eachDriver("a driver gives back each value as it was bound", async (driver) => {
  const database = await connect(":memory:", driver);
  database.exec("CREATE TABLE t (value ANY) STRICT");
  const insert = database.prepare("INSERT INTO t VALUES (?)");
  const values = [
    "",
    "é 'quoted' \u0001",
    0,
    -1,
    1.5,
    2 ** 31,
    Number.MAX_SAFE_INTEGER,
    null,
    new Uint8Array([0, 255]),
  ];
  values.forEach((value, i) => {
    assertEquals(insert.run(value), 1);
    assertEquals(database.lastInsertId(), i + 1);
  });
  const rows = database.prepare("SELECT value FROM t ORDER BY rowid").all<{ value: unknown }>();
  assertEquals(rows.map((row) => row.value), values);
  const one = database.prepare("SELECT value FROM t WHERE rowid = ?");
  assertEquals(one.get(2), { value: values[1] });
  assertEquals(one.get(99), undefined);
  database.close();
});

eachDriver(
  "a driver's rows are the caller's own, and a count is that of changed rows",
  async (driver) => {
    const database = await connect(":memory:", driver);
    database.exec("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (3)");
    const count = database.prepare("SELECT count(*) AS n FROM t");
    const first = count.get<{ n: number }>();
    assertEquals(database.prepare("DELETE FROM t WHERE a > ?").run(1), 2);
    assertEquals(database.prepare("DELETE FROM t WHERE a > ?").run(1), 0);
    assertEquals([first, count.get()], [{ n: 3 }, { n: 1 }]);
    database.close();
  },
);

eachDriver("a driver gives JSON that SQL made as the text that it is", async (driver) => {
  const database = await connect(":memory:", driver);
  const made = database.prepare("SELECT json_object('a', 1) AS one, json('[1]') AS list");
  const row = { one: '{"a":1}', list: "[1]" };
  assertEquals(made.get(), row);
  assertEquals(made.all(), [row]);
  database.close();
});

eachDriver("a driver closes after a statement that failed, and frees the file", async (driver) => {
  using folder = new TempFolder();
  const database = await connect(folder.file("a.db"), driver);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER PRIMARY KEY)");
  const insert = database.prepare("INSERT INTO t VALUES (?)");
  insert.run(1);
  assertThrows(() => insert.run(1), Error);
  assertEquals(insert.run(2), 1);
  assertThrows(() => insert.run(2), Error);
  database.close();
  assertEquals(folder.names(), ["a.db"]);
});

eachDriver("a driver says which one it is, with its version of SQLite", async (driver) => {
  const database = await connect(":memory:", driver);
  const name = driver === "builtin" ? "node:sqlite" : "@db/sqlite";
  assertMatch(database.driver, new RegExp(`^${name}, SQLite 3\\.\\d+\\.\\d+$`));
  database.close();
});

eachDriver("transaction() takes all or nothing, and can be begun again", async (driver) => {
  const database = await connect(":memory:", driver);
  database.exec("CREATE TABLE t (a INTEGER PRIMARY KEY)");
  const insert = (...values: number[]) =>
    transaction(database, () => {
      for (const value of values) database.prepare("INSERT INTO t VALUES (?)").run(value);
      return values.length;
    });
  assertEquals(insert(1, 2), 2);
  assertThrows(() => insert(3, 1), Error);
  assertEquals(insert(4), 1);
  assertEquals(database.prepare("SELECT a FROM t").all(), [{ a: 1 }, { a: 2 }, { a: 4 }]);
  database.close();
});

eachDriver(
  "backup() copies the whole file while another connection writes to it",
  async (driver) => {
    using folder = new TempFolder();
    const [database, other] = [
      await connect(folder.file("a.db"), driver),
      await connect(folder.file("a.db"), driver),
    ];
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER)");
    database.exec("PRAGMA user_version = 4; INSERT INTO t VALUES (1), (2)");
    other.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES (3)");
    await database.backup(folder.file("it's a copy.db"));
    other.exec("COMMIT");
    const copy = await connect(folder.file("it's a copy.db"), driver);
    assertEquals(copy.prepare("SELECT count(*) AS n FROM t").get(), { n: 2 });
    assertEquals(copy.prepare("PRAGMA user_version").get(), { user_version: 4 });
    for (const each of [database, other, copy]) each.close();
  },
);

eachDriver("a driver opens a file that is locked at this moment", async (driver) => {
  using folder = new TempFolder();
  const other = await connect(folder.file("a.db"), driver);
  other.exec("CREATE TABLE t (a); BEGIN EXCLUSIVE");
  const database = await connect(folder.file("a.db"), driver);
  other.exec("COMMIT");
  assertEquals(database.prepare("SELECT a FROM t").all(), []);
  database.close();
  other.close();
});

Deno.test("openDriver() takes the built-in SQLite when no library is named and none embedded", async () => {
  for (const library of [undefined, nativeLibrary({ DENO_SQLITE_PATH: "" }, "/nowhere")]) {
    const database = await openDriver(":memory:", library);
    assertMatch(database.driver, /^node:sqlite/);
    database.close();
  }
});
