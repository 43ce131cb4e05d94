import { assertEquals } from "@std/assert";
import { CLIENT_IDENTIFIER } from "../../src/core/meta_keys.ts";
import { DatabaseFiles, fateOf, type FileId } from "../../src/daemon/database_files.ts";
import { aborted } from "../../src/core/aborted.ts";
import { Upkeep } from "../../src/daemon/upkeep.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";
import { FakeRuntime } from "../worker/fake_runtime.ts";

const OPENED: FileId = { dev: 1, ino: 7 };
const FATES: readonly [found: FileId | null, fate: ReturnType<typeof fateOf>][] = [
  [{ dev: 1, ino: 7 }, null],
  [{ dev: 1, ino: 8 }, "replaced"],
  [{ dev: 2, ino: 7 }, "replaced"],
  [null, "deleted"],
];
for (const [found, fate] of FATES) {
  Deno.test(`fateOf() is ${fate} when ${JSON.stringify(found)} stands at the path`, () => {
    assertEquals(fateOf(OPENED, found), fate);
  });
}

Deno.test("fateOf() tells deletion alone where the system has no file numbers", () => {
  const opened = { dev: 0, ino: null };
  assertEquals([fateOf(opened, { ...opened }), fateOf(opened, null)], [null, "deleted"]);
});

const ignore = Deno.build.os === "windows";

/** What is done to the files of an open database, and what is said of it. */
const EVENTS: readonly [name: string, act: (path: string) => void, want: RegExp | null][] = [
  ["nothing", () => {}, null],
  ["writing", (path) => Deno.utimeSync(path, 1, 1), null],
  ["deletion", (path) => Deno.removeSync(path), /plexsync\.db was deleted$/],
  ["renaming", (path) => Deno.renameSync(path, `${path}.old`), /plexsync\.db was deleted$/],
  ["replacement", (path) => {
    Deno.copyFileSync(path, `${path}.copy`);
    Deno.renameSync(`${path}.copy`, path);
  }, /plexsync\.db was replaced$/],
  [
    "deletion of the log",
    (path) => Deno.removeSync(`${path}-wal`),
    /plexsync\.db-wal was deleted$/,
  ],
];
for (const [name, act, want] of EVENTS) {
  Deno.test({
    name: `DatabaseFiles notices ${name} under an open database: ${want === null ? "no" : "yes"}`,
    ignore,
    fn: async () => {
      using folder = new TempFolder();
      const path = folder.file("plexsync.db");
      const store = await openTestStore(path, "builtin");
      try {
        store.meta.set(CLIENT_IDENTIFIER, "value");
        const files = new DatabaseFiles(path);
        assertEquals(files.change(), null);
        act(path);
        const change = files.change();
        assertEquals(change === null ? null : want?.test(change), want === null ? null : true);
      } finally {
        store.close();
      }
    },
  });
}

Deno.test("DatabaseFiles takes a path that cannot be read for no change", () => {
  let fails = false;
  const files = new DatabaseFiles("/data/plexsync.db", () => {
    if (fails) throw new Error("Input/output error");
    return OPENED;
  });
  fails = true;
  assertEquals(files.change(), null);
});

Deno.test("Upkeep looks at the file every few seconds and at the backup each hour", async () => {
  const runtime = new FakeRuntime();
  const stop = new AbortController();
  let checks = 0;
  let kept = 0;
  runtime.after(3 * 60 * 60_000, () => stop.abort());
  const database = { change: () => (checks++, null) };
  const backups = { keep: () => (kept++, Promise.resolve(null)) };
  assertEquals(await new Upkeep({ database, backups, runtime }).run(stop.signal), undefined);
  assertEquals([checks, kept], [3 * 60 * 60 / 3, 3]);
});

Deno.test("Upkeep ends with the reason when the file is gone, or a backup finds damage", async () => {
  const runtime = new FakeRuntime();
  const never = new AbortController().signal;
  const well = { change: () => null };
  const gone = { change: () => runtime.sleeps.length > 2 ? "it was deleted" : null };
  const keep = () => Promise.resolve(null);
  const change = async (database: typeof gone, backups: { keep(): Promise<string | null> }) => {
    const end = await new Upkeep({ database, backups, runtime }).run(never);
    return end?.change;
  };
  assertEquals(await change(gone, { keep }), "it was deleted");
  const damaged = { keep: () => Promise.resolve("page 7") };
  assertEquals(await change(well, damaged), "the database is damaged: page 7");
});

Deno.test("Upkeep stopped amid a backup has it cut off, and ends", async () => {
  const stop = new AbortController();
  const runtime = new FakeRuntime();
  let isCut = false;
  const backups = {
    async keep(cut?: AbortSignal) {
      await aborted(cut!);
      isCut = true;
      return null;
    },
  };
  const upkeep = new Upkeep({ database: { change: () => null }, backups, runtime });
  const running = upkeep.run(stop.signal);
  let isThrough = false;
  const ended = upkeep.backupEnded().then(() => isThrough = true);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([isCut, isThrough], [false, false]);
  stop.abort();
  assertEquals(await running, undefined);
  await ended;
  assertEquals(isCut, true);
});

Deno.test("Upkeep goes on with backups when the clock was set back", async () => {
  const runtime = new FakeRuntime();
  const stop = new AbortController();
  let kept = 0;
  runtime.after(60_000, () => {
    runtime.jump(-7 * 24 * 60 * 60_000);
    runtime.after(10_000, () => stop.abort());
  });
  const backups = { keep: () => (kept++, Promise.resolve(null)) };
  await new Upkeep({ database: { change: () => null }, backups, runtime }).run(stop.signal);
  assertEquals(kept, 2);
});
