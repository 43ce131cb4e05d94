import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { HOUR_MS } from "../../src/core/time/duration.ts";
import { Backups, KEPT, listBackups } from "../../src/daemon/backups.ts";
import { DatabaseFiles } from "../../src/daemon/database_files.ts";
import { checkFile } from "../../src/store/files/integrity.ts";
import { MIGRATIONS } from "../../src/store/database/migrations.ts";
import type { Store } from "../../src/store/store.ts";
import { collect } from "../log/harness.ts";
import { T0 } from "../store/samples.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";
import { TARGET } from "../one_target.ts";

const START = Date.UTC(2026, 10, 22, 10);

interface Rig {
  store: Store;
  backups: Backups;
  runtime: FakeRuntime;
  lines: string[];
  /** Of the data directory. */
  path: string;
  folder: string;
  /** Names in the folder of the backups, oldest first. */
  names(): string[];
}

async function withRig(
  use: (rig: Rig) => Promise<void>,
  change?: () => string | null,
): Promise<void> {
  using temp = new TempFolder();
  const store = await openTestStore(temp.file("plexsync.db"), "builtin");
  const runtime = new FakeRuntime(START);
  const { log, lines } = collect();
  const folder = temp.file("backups");
  const backups = new Backups({
    folder,
    store,
    log,
    runtime,
    driver: "builtin",
    ...(change && { change }),
  });
  const names = () =>
    listBackups(folder).map(({ path }) => path.slice(folder.length + 1)).reverse();
  try {
    await use({ store, backups, runtime, lines, path: temp.path, folder, names });
  } finally {
    store.close();
  }
}

Deno.test("Backups makes the first one at once, whole and private", async () => {
  await withRig(async ({ store, backups, folder, names }) => {
    store.jobs.enqueue(["1"], "hook", T0);
    assertEquals(await backups.keep(), null);
    assertEquals(names(), ["plexsync-2026-11-22.db"]);
    const path = join(folder, names()[0]!);
    assertEquals(await checkFile(path), { kind: "whole", schema: MIGRATIONS.length });
    if (Deno.build.os === "windows") return;
    assertEquals(Deno.statSync(folder).mode! & 0o777, 0o700);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  });
});

Deno.test("Backups lets others have their turn while one is made", async () => {
  await withRig(async ({ store, backups, folder, names }) => {
    let isMade = false;
    const made = backups.keep().then((damage) => {
      isMade = true;
      return damage;
    });
    store.jobs.enqueue(["1"], "hook", T0);
    let turns = 0;
    for (; !isMade; turns++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assertEquals(await made, null);
    // In one thread there is one, or two: the copy and its check hold it.
    assert(turns > 3, `${turns} turns`);
    const copy = await openTestStore(join(folder, names()[0]!), "builtin");
    assertEquals(copy.jobs.get("1", TARGET)?.reason, "hook");
    copy.close();
  });
});

/** All that lies in a folder, with what lies in its folders. */
function allIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? [name, ...allIn(join(folder, name))] : [name]
  );
}

const later = (ms = 0) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** When a backup can be stopped: each time the thread is somewhere else. */
const moments: Record<string, (folder: string) => boolean> = {
  "at once": () => true,
  "once its folder is there": (folder) => allIn(folder).length > 0,
  "amid the copy": (folder) =>
    [...Deno.readDirSync(folder)].some(({ name }) =>
      Deno.statSync(join(folder, name, "copy.db")).size > 0
    ),
  "amid the check": (folder) => allIn(folder).some((name) => name.endsWith("-shm")),
};

for (const [moment, isNow] of Object.entries(moments)) {
  Deno.test(`Backups that is stopped ${moment} leaves nothing, says nothing, and can begin anew`, async () => {
    await withRig(async ({ store, backups, folder, names, lines }) => {
      store.database.exec("PRAGMA synchronous = OFF");
      store.database.exec("CREATE TABLE large (bytes)");
      store.database.exec(
        `INSERT INTO large WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60)
         SELECT randomblob(1000000) FROM n`,
      );
      const stop = new AbortController();
      let isEnded = false;
      const cut = backups.keep(stop.signal).finally(() => isEnded = true);
      while (!isEnded && !isNow(folder)) await later();
      assertEquals(isEnded, false, "it was too short to be stopped");
      stop.abort();
      assertEquals(await cut, null);
      assertEquals(allIn(folder), []);
      // The thread itself may end a little later: it makes nothing again.
      await later(500);
      assertEquals(allIn(folder), []);
      assertEquals(lines.filter((line) => line.includes("Cannot make")), []);
      assertEquals(await backups.keep(), null);
      assertEquals(allIn(folder), names());
      assertEquals(names().length, 1);
    });
  });
}

Deno.test("Backups lets no copy of another database take the place of one of its own", async () => {
  let files: DatabaseFiles | undefined;
  await withRig(async ({ backups, runtime, folder, lines, path }) => {
    if (Deno.build.os === "windows") return;
    const database = join(path, "plexsync.db");
    files = new DatabaseFiles(database);
    await backups.keep();
    const [good] = listBackups(folder);
    const before = Deno.readFileSync(good!.path);
    (await openTestStore(join(path, "other.db"), "builtin")).close();
    runtime.jump(25 * HOUR_MS);
    const copied = backups.keep();
    // The thread has not opened it yet.
    for (const end of ["-wal", "-shm"]) Deno.removeSync(database + end);
    Deno.renameSync(join(path, "other.db"), database);
    assertEquals(await copied, null);
    assertEquals(allIn(folder), [good!.path.slice(folder.length + 1)]);
    assertEquals(Deno.readFileSync(good!.path), before);
    // Whoever looks after the file says it.
    assertEquals(lines.filter((line) => line.includes("Cannot make")), []);
  }, () => files?.change() ?? null);
});

Deno.test("Backups says what the thread found, and it makes no database where there is none", async () => {
  await withRig(async ({ backups, runtime, folder, lines, path }) => {
    if (Deno.build.os === "windows") return;
    for (const end of ["", "-wal", "-shm"]) Deno.removeSync(join(path, `plexsync.db${end}`));
    for (let hour = 0; hour < 2; hour++, runtime.jump(HOUR_MS)) {
      assertEquals(await backups.keep(), null);
    }
    assertEquals(lines.length, 1);
    assertMatch(lines[0]!, /Cannot make the daily backup.*No such file.*plexsync\.db/);
    assertEquals(allIn(path), ["backups"]);
    assertEquals(allIn(folder), []);
  });
});

Deno.test("Backups removes what a killed one left, also when none is due", async () => {
  await withRig(async ({ store, backups, runtime, folder, names }) => {
    await backups.keep();
    for (const name of ["plexsync-2026-11-20.db.a1b2.part", "plexsync-rescued-7.db.c3d4.part"]) {
      Deno.mkdirSync(join(folder, name));
      for (const end of ["", "-journal"]) {
        Deno.writeTextFileSync(join(folder, name, `copy.db${end}`), "");
      }
    }
    // What a person is making there is not the daemon's.
    Deno.mkdirSync(join(folder, "mine.db.e5f6.part"));
    const { log } = collect();
    const parts = { folder, store, log, runtime, driver: "builtin" as const };
    assertEquals(await new Backups(parts).keep(), null);
    assertEquals(allIn(folder).sort(), ["mine.db.e5f6.part", ...names()]);
  });
});

Deno.test("Backups makes one a day, asked each hour, and keeps the newest 7", async () => {
  await withRig(async ({ backups, runtime, names, folder }) => {
    for (let hour = 0; hour < 10 * 24; hour++, runtime.jump(HOUR_MS)) await backups.keep();
    const days = Array.from({ length: KEPT }, (_, at) => 31 - KEPT + 1 + at);
    const expected = days.map((day) => day > 30 ? "2026-12-01" : `2026-11-${day}`);
    assertEquals(names(), expected.map((day) => `plexsync-${day}.db`));
    assertEquals([...Deno.readDirSync(folder)].length, KEPT);
  });
});

Deno.test("Backups makes one when the last is from the future: the clock was set back", async () => {
  await withRig(async ({ backups, runtime, names }) => {
    await backups.keep();
    runtime.jump(-3 * 24 * HOUR_MS);
    await backups.keep();
    assertEquals(names(), ["plexsync-2026-11-19.db", "plexsync-2026-11-22.db"]);
  });
});

Deno.test("Backups says a fault once, keeps what is there, and makes the next when it can", async () => {
  await withRig(async ({ backups, runtime, lines, folder, names }) => {
    Deno.writeTextFileSync(folder, "a file where the folder should be");
    for (let hour = 0; hour < 3; hour++, runtime.jump(HOUR_MS)) {
      assertEquals(await backups.keep(), null);
    }
    assertEquals(lines.filter((line) => line.includes("Cannot make the daily backup")).length, 1);
    Deno.removeSync(folder);
    await backups.keep();
    assertEquals(names().length, 1);
  });
});

Deno.test("Backups tells damage of the database, and removes no older backup for it", async () => {
  await withRig(async ({ store, backups, runtime, path, names }) => {
    store.jobs.enqueue(Array.from({ length: 5_000 }, (_, at) => `${at}`), "bulk", T0);
    store.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    await backups.keep();
    const file = join(path, "plexsync.db");
    const bytes = Deno.readFileSync(file);
    using raw = Deno.openSync(file, { write: true });
    raw.seekSync(bytes.length / 2, Deno.SeekMode.Start);
    raw.writeSync(new Uint8Array(40_960).fill(0x5a));
    // The pages that it holds in memory are from before.
    store.database.exec("PRAGMA shrink_memory");
    runtime.jump(25 * HOUR_MS);
    assertMatch(await backups.keep() ?? "", /page/i);
    assertEquals(names(), ["plexsync-2026-11-22.db"]);
  });
});

Deno.test("Backups rescues what an open database holds whose file is gone", async () => {
  await withRig(async ({ store, backups, path, names, folder }) => {
    await backups.keep();
    store.jobs.enqueue(["7"], "hook", T0);
    if (Deno.build.os !== "windows") {
      for (const end of ["", "-wal", "-shm"]) Deno.removeSync(join(path, `plexsync.db${end}`));
    }
    const rescued = await backups.rescue();
    assertEquals(rescued, join(folder, `plexsync-rescued-${START}.db`));
    assertEquals(names().length, 2);
    const copy = await openTestStore(rescued, "builtin");
    assertEquals(copy.jobs.get("7", TARGET)?.reason, "hook");
    copy.close();
  });
});

Deno.test("Backups does not bring a data directory back that was removed", async () => {
  await withRig(async ({ backups, path, lines }) => {
    Deno.renameSync(path, `${path}-gone`);
    try {
      await backups.keep();
      assert(lines.some((line) => line.includes("Cannot make the daily backup")));
      assertEquals(
        [...Deno.readDirSync(`${path}-gone`)].some(({ name }) => name === "backups"),
        false,
      );
    } finally {
      Deno.renameSync(`${path}-gone`, path);
    }
  });
});

Deno.test("listBackups() gives the newest first, and nothing that only looks like one", () => {
  using temp = new TempFolder();
  const files: [name: string, at: number][] = [
    ["plexsync-2026-11-20.db", 1_000],
    ["plexsync-rescued-1790000000000.db", 3_000],
    ["plexsync-2026-11-21.db", 2_000],
    ["plexsync-2026-11-21.db.77.part", 9_000],
    ["plexsync-mine.db", 9_000],
    ["notes.txt", 9_000],
  ];
  for (const [name, at] of files) {
    Deno.writeTextFileSync(temp.file(name), "");
    Deno.utimeSync(temp.file(name), at / 1000, at / 1000);
  }
  assertEquals(listBackups(temp.path), [
    { path: temp.file("plexsync-rescued-1790000000000.db"), at: 3_000, rescued: true },
    { path: temp.file("plexsync-2026-11-21.db"), at: 2_000, rescued: false },
    { path: temp.file("plexsync-2026-11-20.db"), at: 1_000, rescued: false },
  ]);
  assertEquals(listBackups(temp.file("nowhere")), []);
});

/**
 * Changes a key within an index on the disk: all pages are whole, but the index no longer has what
 * the table has.
 */
function breakIndex(path: string): void {
  const bytes = Deno.readFileSync(path);
  // The first two columns of an index on jobs; in the table itself they are not side by side.
  const key = new TextEncoder().encode("readyplex");
  let at = -1;
  do at = bytes.indexOf(key[0]!, at + 1); while (
    at >= 0 && !key.every((byte, index) => bytes[at + index] === byte)
  );
  assert(at > 0);
  bytes[at + 4] = "z".charCodeAt(0);
  Deno.writeFileSync(path, bytes);
}

Deno.test("Backups lets no copy with a broken index take the place of a good one", async () => {
  using temp = new TempFolder();
  const path = temp.file("plexsync.db");
  const folder = temp.file("backups");
  const runtime = new FakeRuntime(START);
  const { log, lines } = collect();
  const keep = async (store: Store) => {
    const damage = await new Backups({ folder, store, log, runtime, driver: "builtin" }).keep();
    store.close();
    return damage;
  };
  const first = await openTestStore(path, "builtin");
  first.jobs.enqueue(["1"], "hook", T0);
  assertEquals(await keep(first), null);
  const [good] = listBackups(folder);
  const before = Deno.readFileSync(good!.path);
  breakIndex(path);
  runtime.jump(25 * HOUR_MS);
  const second = await openTestStore(path, "builtin");
  // As on a disk that takes no more: the index stays broken.
  second.database.exec("PRAGMA query_only = ON");
  assertEquals(await keep(second), null);
  assertEquals(listBackups(folder), [good]);
  assertEquals(Deno.readFileSync(good!.path), before);
  assertMatch(lines.join(""), /Cannot make the daily backup.*The copy is not whole: row 1 missing/);
});

Deno.test("Backups makes a broken index anew, and copies the database then", async () => {
  using temp = new TempFolder();
  const path = temp.file("plexsync.db");
  const folder = temp.file("backups");
  const runtime = new FakeRuntime(START);
  const { log, lines } = collect();
  const keep = async (scenes: string[]) => {
    const store = await openTestStore(path, "builtin");
    store.jobs.enqueue(scenes, "hook", T0);
    const damage = await new Backups({ folder, store, log, runtime, driver: "builtin" }).keep();
    store.close();
    return damage;
  };
  assertEquals(await keep(["1"]), null);
  breakIndex(path);
  runtime.jump(25 * HOUR_MS);
  assertEquals(await keep([]), null);
  assertMatch(lines.join(""), /An index of the database was broken, and was made anew/);
  const copies = listBackups(folder);
  assertEquals(copies.length, 2);
  for (const file of [path, ...copies.map((copy) => copy.path)]) {
    assertEquals((await checkFile(file, { thorough: true })).kind, "whole");
  }
});
