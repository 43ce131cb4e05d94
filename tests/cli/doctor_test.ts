import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { takeLock } from "../../src/app/data/lock.ts";
import { VERSION } from "../../src/core/version.ts";
import { buried, claimed } from "../store/samples.ts";
import { DataDir } from "./data_dir.ts";

interface Row {
  check: string;
  verdict: "ok" | "warn" | "fail";
  id: string | null;
  detail: string;
  hint: string | null;
}

/** A Plex and a Stash in one that answer what is asked of them; `ahead` is their clock's. */
function serve(ahead = 0) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const headers = { Date: new Date(Date.now() + ahead).toUTCString() };
      if (new URL(request.url).pathname !== "/graphql") {
        const Directory = [{ key: "1", title: "Scenes", type: "movie", Location: [] }];
        const MediaContainer = {
          machineIdentifier: "m",
          version: "1",
          friendlyName: "H",
          Directory,
        };
        return Response.json({ MediaContainer }, { headers });
      }
      await request.body?.cancel();
      const data = {
        version: { version: "v0.30.1", hash: "", build_time: "" },
        systemStatus: { status: "OK", databaseSchema: 1, appSchema: 1 },
        findScenes: { count: 0, scenes: [] },
      };
      return Response.json({ data }, { headers });
    },
  );
  return server;
}

async function examine(dir: DataDir, ...args: string[]) {
  const told = await dir.call("doctor", "--json", ...args);
  const rows = JSON.parse(told.stdout) as Row[];
  const of = (check: string) => rows.filter((row) => row.check === check);
  return { code: told.code, rows, of };
}

function configure(dir: DataDir, url: string) {
  const lines = { plex_url: url, plex_token: "tok-en-1", stash_url: url, stash_api_key: "k-ey-1" };
  const text = Object.entries(lines).map(([key, value]) => `${key} = "${value}"\n`).join("");
  Deno.writeTextFileSync(dir.file("plexsync.toml"), text, { mode: 0o600 });
}

async function openWell(ahead = 0, daemonRuns = true) {
  const dir = new DataDir();
  const server = serve(ahead);
  configure(dir, `http://127.0.0.1:${server.addr.port}`);
  const lock = daemonRuns
    ? takeLock(dir.file("plexsync.lock"), { pid: 42, since: Date.now() })
    : undefined;
  await dir.store(() => {});
  Deno.chmodSync(dir.file("plexsync.db"), 0o600);
  const end = async () => {
    lock?.release();
    await server.shutdown();
    dir[Symbol.dispose]();
  };
  return { dir, [Symbol.asyncDispose]: end };
}

Deno.test("doctor ends with 0 where nothing fails, and tells of all that it looked at", async () => {
  await using well = await openWell();
  const { code, rows } = await examine(well.dir);
  assertEquals(rows.filter(({ verdict }) => verdict === "fail"), []);
  assertEquals(code, 0);
  assertEquals(
    new Set(rows.map(({ check }) => check)),
    new Set([
      ...["settings", "data directory", "file system", "disk space", "database", "daemon"],
      ...["driver", "Plex", "Plex token", "Plex libraries", "Path rules", "Stash", "Plex's clock"],
      ...["Files in Plex", "Stash's clock", "dead letters", "not in Plex", "Stash plugin"],
    ]),
  );
});

const faults: {
  what: string;
  ahead?: number;
  spoil?: (dir: DataDir) => unknown;
  check: string;
  id: string;
  code: 0 | 3;
}[] = [
  {
    what: "a clock that is ahead",
    ahead: 3_600_000,
    check: "Plex's clock",
    id: "clock_differs",
    code: 0,
  },
  {
    what: "a clock that is behind",
    ahead: -3_600_000,
    check: "Stash's clock",
    id: "clock_differs",
    code: 0,
  },
  {
    what: "a database that others can read",
    spoil: (dir) => Deno.chmodSync(dir.file("plexsync.db"), 0o644),
    check: "data directory",
    id: "folder_open",
    code: 0,
  },
  {
    what: "a damaged database",
    spoil: (dir) => {
      using file = Deno.openSync(dir.file("plexsync.db"), { write: true });
      file.seekSync(4096, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(8192).fill(255));
    },
    check: "database",
    id: "database_damaged",
    code: 3,
  },
  {
    what: "a file that is no database",
    spoil: (dir) => Deno.writeTextFileSync(dir.file("plexsync.db"), "no database".repeat(1000)),
    check: "database",
    id: "database_damaged",
    code: 3,
  },
  {
    what: "jobs that were given up",
    spoil: (dir) => dir.store((store) => buried(store, "7", Date.now(), {})),
    check: "dead letters",
    id: "dead_letters",
    code: 0,
  },
  {
    what: "a setting that is not there",
    spoil: (dir) => Deno.writeTextFileSync(dir.file("plexsync.toml"), "", { mode: 0o600 }),
    check: "settings",
    id: "settings_wrong",
    code: 3,
  },
  {
    what: "a setting that is wrong",
    spoil: (dir) =>
      Deno.writeTextFileSync(dir.file("plexsync.toml"), "batch_size = 0", { mode: 0o600 }),
    check: "settings",
    id: "settings_wrong",
    code: 3,
  },
  {
    what: "a server that does not answer",
    spoil: (dir) => configure(dir, "http://127.0.0.1:9"),
    check: "Stash",
    id: "stash_unreachable",
    code: 3,
  },
];

for (const { what, ahead, spoil, check, id, code } of faults) {
  Deno.test(`doctor finds ${what}, and says what to do`, async () => {
    await using well = await openWell(ahead);
    await spoil?.(well.dir);
    const found = await examine(well.dir);
    const row = found.of(check).find((each) => each.id === id);
    assert(row !== undefined, JSON.stringify(found.rows, null, 1));
    assertEquals(row.verdict, code === 0 ? "warn" : "fail");
    assert(row.hint !== null);
    assertEquals(found.code, code);
  });
}

Deno.test("doctor says when no daemon runs", async () => {
  await using well = await openWell(0, false);
  const { of, code } = await examine(well.dir);
  assertEquals(of("daemon")[0]!.id, "daemon_stopped");
  assertEquals(code, 3);
});

Deno.test("doctor makes no files where there are none", async () => {
  using dir = new DataDir();
  await examine(dir);
  assertEquals(dir.names(), []);
});

Deno.test("the report for a bug tells what was found, and no secret, address, path or name", async () => {
  await using well = await openWell();
  const { dir } = well;
  await dir.store((store) => {
    claimed(store, "5", Date.now());
    buried(store, "7", Date.now(), { errorMessage: "Cannot write: Anna's film", path: "/a/b.mp4" });
  });
  const file = dir.file("report.json");
  await dir.call("doctor", "--report", file);
  const text = Deno.readTextFileSync(file);
  const report = JSON.parse(text);
  assertEquals(report.plexsync.version, VERSION);
  assertStringIncludes(text, '"dead_letters"');
  for (const private_ of [dir.path, "tok-en-1", "k-ey-1", "127.0.0.1", "Anna", "b.mp4", "Scenes"]) {
    assert(!text.includes(private_), private_);
  }
  if (Deno.build.os !== "windows") assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
});
