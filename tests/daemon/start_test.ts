import { assert, assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import type { LogFormat } from "../../src/config/config.ts";
import { DAY_MS } from "../../src/core/time/duration.ts";
import { runDaemon } from "../../src/daemon/daemon.ts";
import { filesOf } from "../../src/app/data/data_files.ts";
import { LOG_FIELDS } from "../../src/log/line_fields.ts";
import type { Store } from "../../src/store/store.ts";
import { load } from "../config/harness.ts";
import { collect } from "../log/harness.ts";
import { buried } from "../store/samples.ts";
import { openTestStore, TempFolder } from "../store/temp_store.ts";
import { countersIn, NO_STATS, NOW, PYTHON_FILE, PYTHON_STATS, STATS } from "./samples.ts";

const SECRETS = { PLEXSYNC_PLEX_TOKEN: "plex-token", PLEXSYNC_STASH_API_KEY: "stash-key" };

/** One start with nothing to do: no server is asked. */
async function start(
  folder: TempFolder,
  options: { format?: LogFormat; before?: (store: Store) => void; now?: number } = {},
) {
  const { config } = load({
    requireFor: "daemon",
    env: {
      PLEXSYNC_PLEX_URL: "http://127.0.0.1:1",
      PLEXSYNC_STASH_URL: "http://127.0.0.1:1",
      ...SECRETS,
    },
  });
  const files = filesOf(folder.path);
  const { format = "text", now = NOW } = options;
  const { log, lines } = collect({ format, component: "Main" });
  // A turn for others, as each real wait is: a thread could not be heard otherwise.
  const sleep = () => new Promise<void>((resolve) => setImmediate(resolve));
  const runtime = { now: () => now, random: () => 0, sleep };
  if (options.before !== undefined) await withStore(files.database, options.before);
  const stop = new AbortController().signal;
  await runDaemon({ config, files, log, runtime, pid: 42 }, stop, {
    once: true,
    idleExitMs: null,
  });
  return { lines, stats: files.stats };
}

async function withStore(database: string, use: (store: Store) => void): Promise<void> {
  const store = await openTestStore(database, "builtin");
  try {
    use(store);
  } finally {
    store.close();
  }
}

Deno.test("without a snapshot and a database counting begins at 0, and now", async () => {
  using folder = new TempFolder();
  const { stats, lines } = await start(folder);
  assertEquals(countersIn(stats), { ...NO_STATS, session_start: NOW / 1000 });
  assertEquals(lines.filter((line) => line.startsWith("\x01w")), []);
});

Deno.test("the Python plugin's snapshot becomes the base, once", async () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("stats.json"), PYTHON_FILE);
  const first = await start(folder);
  assertEquals(countersIn(first.stats), PYTHON_STATS);
  const again = await start(folder, { now: NOW + DAY_MS });
  assertEquals(countersIn(again.stats), PYTHON_STATS);
});

Deno.test("the database goes before a snapshot that says something else", async () => {
  using folder = new TempFolder();
  await start(folder);
  Deno.writeTextFileSync(folder.file("stats.json"), PYTHON_FILE);
  const { stats } = await start(folder, { now: NOW + DAY_MS });
  assertEquals(countersIn(stats), { ...NO_STATS, session_start: NOW / 1000 });
});

Deno.test("a missing snapshot is rebuilt from the database, with the first start ever", async () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("stats.json"), PYTHON_FILE);
  await start(folder);
  Deno.removeSync(folder.file("stats.json"));
  const { stats } = await start(folder, { now: NOW + DAY_MS });
  assertEquals(countersIn(stats), PYTHON_STATS);
});

Deno.test("a damaged snapshot is set aside, said, and rebuilt from the database", async () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("stats.json"), JSON.stringify(STATS));
  await start(folder);
  Deno.writeTextFileSync(folder.file("stats.json"), '{"jobs_proce');
  const now = NOW + DAY_MS;
  const { stats, lines } = await start(folder, { now });
  assertEquals(countersIn(stats), STATS);
  assertEquals(Deno.readTextFileSync(`${stats}.damaged-${now}`), '{"jobs_proce');
  assertEquals(lines.filter((line) => line.startsWith("\x01w")), [
    "\x01w\x02[PlexSync Main] stats.json was damaged (it is no JSON) and is rebuilt from the " +
    `database file=${stats}.damaged-${now}\n`,
  ]);
});

Deno.test("a start says how many old dead letters it removed, what is left, and the five newest", async () => {
  using folder = new TempFolder();
  const more = { errorType: "PlexNotFound", errorMessage: `Plex has ${"no ".repeat(40)}` } as const;
  const { lines } = await start(folder, {
    before: (store) => {
      for (const scene of ["1", "2"]) buried(store, scene, NOW - 31 * DAY_MS);
      for (let age = 7; age > 0; age--) buried(store, `${20 - age}`, NOW - age * DAY_MS, more);
    },
  });
  const message = `Plex has ${"no ".repeat(40)}`.slice(0, 80);
  assertEquals(lines.filter((line) => /Removed|DLQ/.test(line)), [
    "\x01i\x02[PlexSync Main] Removed 2 dead letters older than 30 days\n",
    "\x01w\x02[PlexSync Main] DLQ contains 7 failed jobs requiring review\n",
    ...[19, 18, 17, 16, 15].map((scene) =>
      `\x01w\x02[PlexSync Main] DLQ #${scene - 10}: scene ${scene} - PlexNotFound: ${message}\n`
    ),
  ]);
});

Deno.test("a start says nothing of dead letters when there are none", async () => {
  using folder = new TempFolder();
  const { lines } = await start(folder);
  assertEquals(lines.filter((line) => /DLQ|dead letter/.test(line)), []);
});

Deno.test("a single pass ends with the daily backup made, however short it is", async () => {
  using folder = new TempFolder();
  await start(folder);
  const names = [...Deno.readDirSync(folder.file("backups"))].map(({ name }) => name);
  assertEquals(names, [`plexsync-${new Date(NOW).toISOString().slice(0, 10)}.db`]);
});

Deno.test("a start without work says no summary", async () => {
  using folder = new TempFolder();
  const { lines } = await start(folder);
  assertEquals(lines.filter((line) => /summary|Stats/.test(line)), []);
});

Deno.test("JSON lines of a start have documented fields only", async () => {
  using folder = new TempFolder();
  const { lines } = await start(folder, {
    format: "json",
    before: (store) => buried(store, "1", NOW - DAY_MS),
  });
  const known = ["ts", "level", "component", "message", "truncated", ...Object.keys(LOG_FIELDS)];
  for (const line of lines) {
    const record = JSON.parse(line.slice(line.indexOf("{")));
    for (const key of Object.keys(record)) assert(known.includes(key), `${key} in ${line}`);
  }
});
