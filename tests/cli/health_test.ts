import { assertEquals, assertMatch } from "@std/assert";
import { CLOSED } from "../../src/core/jobs/breaker.ts";
import { breakerOf } from "../../src/core/meta_keys.ts";
import { takeLock } from "../../src/app/data/lock.ts";
import { DataDir } from "./data_dir.ts";
import { fakeStash } from "./servers.ts";

/** What a daemon answers to one path under `/health/`. */
type Answer = { status: number; body: string };

const WELL: Answer = { status: 200, body: '{"problem":null}\n' };

const cases: { when: string; live: Answer; ready: Answer; code: number; says: RegExp }[] = [
  { when: "all is well", live: WELL, ready: WELL, code: 0, says: /^healthy\n$/ },
  {
    when: "the database cannot be written",
    live: WELL,
    ready: { status: 503, body: '{"ready":false,"problem":"The disk is full"}' },
    code: 3,
    says: /^The disk is full\n$/,
  },
  {
    when: "the worker is stuck",
    live: { status: 503, body: '{"live":false,"problem":"No step for 40 minutes"}' },
    ready: WELL,
    code: 3,
    says: /^No step for 40 minutes\n$/,
  },
  {
    when: "something else listens there",
    live: { status: 404, body: "{}" },
    ready: { status: 404, body: "<html>" },
    code: 3,
    says: /^http:\S+ answered 404\nhttp:\S+ gave no answer that can be read\n$/,
  },
];

for (const { when, live, ready, code, says } of cases) {
  Deno.test(`health ends with ${code} when ${when}`, async () => {
    using dir = new DataDir();
    const lock = takeLock(dir.file("plexsync.lock"), { pid: 42, since: 1 });
    const answers: Record<string, Answer> = { "/health/live": live, "/health/ready": ready };
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ url }) => {
        const { status, body } = answers[new URL(url).pathname]!;
        return new Response(body, { status });
      },
    );
    const listen = ["--listen", `0.0.0.0:${server.addr.port}`];
    const told = await dir.call("health", ...listen);
    assertEquals(told.code, code, told.stderr);
    assertMatch(told.stdout, says);
    const report = JSON.parse((await dir.call("health", "--json", ...listen)).stdout);
    assertEquals([report.healthy, report.problems.length === 0], [code === 0, code === 0]);
    assertEquals(report.daemon, { pid: 42, since_at: 1 });
    lock.release();
  });
}

Deno.test("health ends with 3 when nothing listens where the daemon should", async () => {
  using dir = new DataDir();
  const lock = takeLock(dir.file("plexsync.lock"), { pid: 42, since: 1 });
  const { code, stdout } = await dir.call("health", "--listen", "127.0.0.1:1");
  assertEquals(code, 3);
  assertMatch(stdout, /^http:\/\/127\.0\.0\.1:1 gave no answer/);
  lock.release();
});

Deno.test("health without a listener goes by the lock alone, and makes no file", async () => {
  using dir = new DataDir();
  assertEquals((await dir.call("health")).code, 3);
  assertEquals(dir.names(), []);
  const lock = takeLock(dir.file("plexsync.lock"), { pid: 42, since: 1 });
  const { code, stdout } = await dir.call("health", "--json");
  assertEquals([code, JSON.parse(stdout).asked], [0, null]);
  lock.release();
});

for (
  const [what, text] of [["is no TOML", "plex_url = ["], ["has an unknown key", "plex_urk = 1"]]
) {
  Deno.test(`health goes by the lock, and warns, while plexsync.toml ${what}`, async () => {
    using dir = new DataDir();
    Deno.writeTextFileSync(dir.file("plexsync.toml"), text!, { mode: 0o600 });
    const stopped = await dir.call("health");
    assertEquals([stopped.code, stopped.stdout], [2, ""]);
    const lock = takeLock(dir.file("plexsync.lock"), { pid: 42, since: 1 });
    const { code, stdout } = await dir.call("health");
    assertEquals(code, 0);
    assertMatch(stdout, /^healthy\nwarning: The settings cannot be read, .+ it has: .+\n$/);
    const report = JSON.parse((await dir.call("health", "--json")).stdout);
    assertEquals([report.healthy, report.daemon, report.warnings.length], [
      true,
      { pid: 42, since_at: 1 },
      1,
    ]);
    const typed = await dir.call("health", "--listen", "nowhere");
    assertEquals([typed.code, typed.stdout], [2, ""]);
    lock.release();
  });
}

Deno.test("health warns of a server that is down, and is healthy all the same", async () => {
  using dir = new DataDir();
  await dir.store((store) =>
    store.meta.set(breakerOf("plex"), { ...CLOSED, state: "open", cause: "connection refused" })
  );
  const lock = takeLock(dir.file("plexsync.lock"), { pid: 42, since: 1 });
  const { code, stdout } = await dir.call("health", "--plex-url", "http://127.0.0.1:1");
  assertEquals([code, stdout], [0, "healthy\nwarning: Plex is down: connection refused\n"]);
  const json = await dir.call("health", "--json", "--plex-url", "http://127.0.0.1:1");
  assertEquals(JSON.parse(json.stdout).warnings, ["Plex is down: connection refused"]);
  lock.release();
});

Deno.test("health warns of a server that does not answer now, which the daemon has not met", async () => {
  using dir = new DataDir();
  await using stash = fakeStash("key");
  const lock = takeLock(dir.file("plexsync.lock"), { pid: 42, since: 1 });
  const servers = {
    plex_url: "http://127.0.0.1:1",
    plex_token: "t",
    stash_url: stash.url,
    stash_api_key: "wrong",
  };
  const lines = Object.entries(servers).map(([key, value]) => `${key} = "${value}"\n`);
  Deno.writeTextFileSync(dir.file("plexsync.toml"), lines.join(""), { mode: 0o600 });
  const { code, stdout } = await dir.run("health");
  assertEquals(code, 0);
  const [well, plex, refused] = stdout.split("\n");
  assertEquals(well, "healthy");
  assertMatch(plex!, /^warning: Plex does not answer: /);
  assertMatch(refused!, /^warning: Stash refuses stash_api_key: /);
  lock.release();
});
