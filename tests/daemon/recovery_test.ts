import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "node:path";
import { DAY_MS } from "../../src/core/time/duration.ts";
import { UserError } from "../../src/core/failures/errors.ts";
import { filesOf } from "../../src/app/data/data_files.ts";
import { isRebuildWanted, wantRebuild } from "../../src/daemon/rebuild.ts";
import { openDaemonStore } from "../../src/daemon/recovery.ts";
import { backUp } from "../../src/store/files/backup.ts";
import type { Store } from "../../src/store/store.ts";
import { collect } from "../log/harness.ts";
import { T0 } from "../store/samples.ts";
import { makeOlder, openTestStore, TempFolder } from "../store/temp_store.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";
import { TARGETS } from "../one_target.ts";

const NOW = Date.UTC(2026, 10, 22, 10);

/** A data directory whose database has a job for scene 1. */
class Installation implements Disposable {
  readonly temp = new TempFolder();
  readonly files = filesOf(this.temp.path);

  static async create(): Promise<Installation> {
    const made = new Installation();
    await made.edit((store) => void store.jobs.enqueue(["1"], "hook", T0));
    return made;
  }

  /** Changes the database and closes it. */
  async edit(act: (store: Store) => void | Promise<void>): Promise<void> {
    const store = await openTestStore(this.files.database, "builtin");
    try {
      await act(store);
    } finally {
      store.close();
    }
  }

  /** Makes a backup of the database as it is, so many days old. */
  async backUp(name: string, daysOld: number): Promise<string> {
    const folder = this.temp.file("backups");
    Deno.mkdirSync(folder, { recursive: true });
    const path = join(folder, name);
    await this.edit(async (store) => void await backUp(store.database, path, { replace: true }));
    Deno.utimeSync(path, (NOW - daysOld * DAY_MS) / 1000, (NOW - daysOld * DAY_MS) / 1000);
    return path;
  }

  damage(): void {
    damage(this.files.database);
  }

  /** Names of the files in the data directory, those beside an open database left out. */
  names(): string[] {
    return this.temp.names().filter((name) => !/-(wal|shm)$/.test(name) && name !== "backups");
  }

  /** Opens it as the daemon does; gives the scenes queued, the wish to rebuild, and what was said. */
  async open() {
    const { log, lines } = collect();
    const store = await openDaemonStore({
      targets: TARGETS,
      files: this.files,
      log,
      runtime: new FakeRuntime(NOW),
    });
    try {
      return { scenes: scenes(store), rebuild: isRebuildWanted(store.meta), said: lines.join("") };
    } finally {
      store.close();
    }
  }

  [Symbol.dispose]() {
    this.temp[Symbol.dispose]();
  }
}

function scenes(store: Store): string[] {
  return store.queue.list(100).map((job) => job.scene_id).sort();
}

function damage(path: string): void {
  const bytes = Deno.readFileSync(path);
  bytes.fill(0x5a, 4_096, 40_960);
  Deno.writeFileSync(path, bytes);
}

const ASIDE = `plexsync.db.damaged-${NOW}`;

Deno.test("openDaemonStore() leaves a whole database as it is, and says nothing", async () => {
  using data = await Installation.create();
  await data.backUp("plexsync-2026-11-21.db", 1);
  await data.edit((store) => void store.jobs.enqueue(["2"], "hook", T0));
  assertEquals(await data.open(), { scenes: ["1", "2"], rebuild: false, said: "" });
  assertEquals(data.names(), ["plexsync.db"]);
});

Deno.test("openDaemonStore() refuses a database of an older layout, and leaves it in place", async () => {
  using data = await Installation.create();
  await data.backUp("plexsync-2026-11-20.db", 2);
  await data.edit((store) => makeOlder(store.database));
  await assertRejects(() => data.open(), UserError, "older layout");
  assertEquals(data.names(), ["plexsync.db"]);
});

Deno.test("openDaemonStore() passes over a backup of an older layout", async () => {
  using data = await Installation.create();
  await data.backUp("plexsync-2026-11-20.db", 2);
  const older = await openTestStore(await data.backUp("plexsync-2026-11-21.db", 1), "builtin");
  makeOlder(older.database);
  older.close();
  data.damage();
  const { scenes, said } = await data.open();
  assertEquals(scenes, ["1"]);
  assertMatch(said, /plexsync-2026-11-21\.db cannot be used: it has an older layout/);
  assertStringIncludes(said, "Restored the backup of 2026-11-20");
});

Deno.test("openDaemonStore() makes a new database on the first start, and says nothing", async () => {
  using temp = new TempFolder();
  const { log, lines } = collect();
  const files = filesOf(temp.path);
  const store = await openDaemonStore({
    targets: TARGETS,
    files,
    log,
    runtime: new FakeRuntime(NOW),
  });
  assertEquals([isRebuildWanted(store.meta), lines], [false, []]);
  store.close();
});

Deno.test("openDaemonStore() restores the newest good backup, and keeps the damaged file", async () => {
  using data = await Installation.create();
  await data.backUp("plexsync-2026-11-19.db", 3);
  await data.edit((store) => void store.jobs.enqueue(["2"], "hook", T0));
  await data.backUp("plexsync-2026-11-20.db", 2);
  await data.edit((store) => void store.jobs.enqueue(["3"], "hook", T0));
  damage(await data.backUp("plexsync-2026-11-21.db", 1));
  data.damage();
  const damaged = Deno.readFileSync(data.files.database);

  const { scenes, rebuild, said } = await data.open();
  assertEquals([scenes, rebuild], [["1", "2"], true]);
  for (const words of ["cannot be used", "plexsync-2026-11-21.db", "2026-11-20T10", ASIDE]) {
    assertStringIncludes(said, words);
  }
  assertEquals(data.names(), ["plexsync.db", ASIDE]);
  assertEquals(Deno.readFileSync(data.temp.file(ASIDE)), damaged);
  if (Deno.build.os !== "windows") {
    assertEquals(Deno.statSync(data.files.database).mode! & 0o777, 0o600);
  }
  // The next start finds nothing wrong any more.
  assertEquals((await data.open()).said, "");
});

Deno.test("openDaemonStore() begins an empty database without a good backup, and says what is lost", async () => {
  using data = await Installation.create();
  damage(await data.backUp("plexsync-2026-11-21.db", 1));
  data.damage();
  const { scenes, rebuild, said } = await data.open();
  assertEquals([scenes, rebuild], [[], true]);
  assertStringIncludes(said, "There is no good backup");
  assertStringIncludes(said, "Dead letters");
  assertEquals(data.names(), ["plexsync.db", ASIDE]);
});

Deno.test("openDaemonStore() puts the files beside a damaged database away with it", async () => {
  using data = await Installation.create();
  const store = await openTestStore(data.files.database, "builtin");
  store.jobs.enqueue(["2"], "hook", T0);
  // As a kill leaves it: with a log that must not be played into the new database.
  for (const end of ["", "-wal"]) {
    Deno.copyFileSync(data.files.database + end, data.temp.file("kept") + end);
  }
  store.close();
  for (const end of ["", "-wal"]) {
    Deno.renameSync(data.temp.file("kept") + end, data.files.database + end);
  }
  Deno.writeTextFileSync(data.files.database, "no database");
  const { scenes } = await data.open();
  assertEquals(scenes, []);
  const beside = data.temp.names().filter((name) => name.endsWith("-wal"));
  assertEquals(beside, [`${ASIDE}-wal`]);
});

Deno.test("openDaemonStore() restores a database that is gone though it was backed up", async () => {
  for (const trace of ["none", "an empty file"]) {
    using data = await Installation.create();
    await data.backUp("plexsync-2026-11-21.db", 1);
    Deno.removeSync(data.files.database);
    if (trace !== "none") Deno.writeTextFileSync(data.files.database, "");
    const { scenes, rebuild, said } = await data.open();
    assertEquals([scenes, rebuild], [["1"], true], trace);
    assertStringIncludes(said, "it is gone");
  }
});

Deno.test("openDaemonStore() passes over a backup that a newer plexsync made", async () => {
  using data = await Installation.create();
  await data.backUp("plexsync-2026-11-20.db", 2);
  await data.edit(({ database }) => database.exec("PRAGMA user_version = 999"));
  Deno.copyFileSync(data.files.database, join(data.temp.file("backups"), "plexsync-2026-11-21.db"));
  data.damage();
  const { scenes, said } = await data.open();
  assertEquals(scenes, ["1"]);
  assertStringIncludes(said, "a newer plexsync made it");
});

Deno.test("openDaemonStore() refuses a newer schema, and sets nothing aside for it", async () => {
  using data = await Installation.create();
  await data.backUp("plexsync-2026-11-20.db", 2);
  await data.edit(({ database }) => database.exec("PRAGMA user_version = 999"));
  const before = Deno.readFileSync(data.files.database);
  await assertRejects(() => data.open(), UserError, "schema 999");
  assertEquals(Deno.readFileSync(data.files.database), before);
  assertEquals(data.names(), ["plexsync.db"]);
});

Deno.test("openDaemonStore() refuses a folder in the database's place, and touches nothing", async () => {
  using data = await Installation.create();
  await data.backUp("plexsync-2026-11-20.db", 2);
  Deno.removeSync(data.files.database);
  Deno.mkdirSync(data.files.database);
  await assertRejects(() => data.open(), UserError, "is a folder");
  assertEquals(data.names(), ["plexsync.db"]);
});

/** Where a kill can cut a restoration off, and what the next start makes of it. */
const CUTS: Readonly<Record<string, (data: Installation, replacement: string) => void>> = {
  "while the replacement is written": (data, replacement) => {
    data.damage();
    Deno.writeFileSync(replacement, Deno.readFileSync(replacement).subarray(0, 5_000));
  },
  "before anything is moved": (data) => data.damage(),
  "when the damaged file is put away": (data) => {
    data.damage();
    Deno.renameSync(data.files.database, data.temp.file("plexsync.db.damaged-1"));
  },
};
for (const [when, cut] of Object.entries(CUTS)) {
  Deno.test(`a restoration that is cut off ${when} is made up for at the next start`, async () => {
    using data = await Installation.create();
    const backup = await data.backUp("plexsync-2026-11-21.db", 1);
    const replacement = `${data.files.database}.replacement`;
    Deno.copyFileSync(backup, replacement);
    await data.edit((store) => void store.jobs.enqueue(["2"], "hook", T0));
    cut(data, replacement);
    assertEquals((await data.open()).scenes, ["1"]);
    const left = data.names().filter((name) => !name.startsWith("plexsync.db.damaged-"));
    assertEquals(left, ["plexsync.db"]);
    assertEquals(data.names().length, 2);
  });
}

Deno.test("a new beginning that is cut off is still known for one at the next start", async () => {
  using data = await Installation.create();
  const replacement = await openTestStore(`${data.files.database}.replacement`, "builtin");
  wantRebuild(replacement.meta, NOW);
  replacement.close();
  Deno.renameSync(data.files.database, data.temp.file("plexsync.db.damaged-1"));
  const { scenes, rebuild } = await data.open();
  assertEquals([scenes, rebuild], [[], true]);
});

Deno.test("what a run held whose database was exchanged is told once, and scenes are looked at", async () => {
  using data = await Installation.create();
  const rescued = await data.backUp(`plexsync-rescued-${NOW}.db`, 0);
  const first = await data.open();
  assert(first.rebuild);
  assertStringIncludes(first.said, "was exchanged while plexsync ran");
  assertStringIncludes(first.said, rescued);
  assertEquals((await data.open()).said, "");
});

Deno.test("a run whose database was deleted goes on where it was: nothing is told twice", async () => {
  using data = await Installation.create();
  await data.backUp("plexsync-2026-11-21.db", 1);
  await data.edit((store) => void store.jobs.enqueue(["2"], "hook", T0));
  await data.backUp(`plexsync-rescued-${NOW}.db`, 0);
  Deno.removeSync(data.files.database);
  const { scenes, rebuild, said } = await data.open();
  assertEquals([scenes, rebuild, said.includes("exchanged")], [["1", "2"], true, false]);
  assertEquals((await data.open()).said, "");
});
