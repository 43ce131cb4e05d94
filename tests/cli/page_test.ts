import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { filesOf } from "../../src/app/data/data_files.ts";
import { takeLock } from "../../src/app/data/lock.ts";
import { LinkKeys } from "../../src/app/page/page_link.ts";
import { program } from "../../src/cli/frame/program.ts";
import { FACES } from "../../main.ts";
import { DataDir } from "./data_dir.ts";
import { fakeTerminal } from "./terminal.ts";

const TOKEN = "a-token-of-the-owner-4711";
const NOW = 1_790_000_000_000;

function holdLock(dir: DataDir): Disposable {
  const lock = takeLock(filesOf(dir.path).lock, { pid: 1, since: NOW });
  return { [Symbol.dispose]: () => lock.release() };
}

/** What listens as the daemon would. */
function daemon(): { listen: string; [Symbol.asyncDispose](): Promise<void> } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ problem: null }),
  );
  return {
    listen: `0.0.0.0:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function call(
  dir: DataDir,
  { isTerminal = true, listen = "0.0.0.0:1", args = [] as string[] } = {},
) {
  const env = { PLEXSYNC_LISTEN: listen, PLEXSYNC_LISTEN_TOKEN: TOKEN };
  const world = fakeTerminal({ env, terminal: { stdout: isTerminal }, now: NOW });
  const code = await program(["page", "--data-dir", dir.path, ...args], world, FACES);
  return { code, out: world.out.join(""), err: world.err() };
}

Deno.test("plexsync page prints a link on a terminal, which the daemon takes", async () => {
  using dir = new DataDir();
  using _lock = holdLock(dir);
  await using server = daemon();
  const { code, out, err } = await call(dir, server);
  assertEquals([code, err], [0, ""]);
  const key = /^http:\/\/127\.0\.0\.1:\d+\/sign-in\?key=(\S+)\n/.exec(out)?.[1] ?? "";
  assertEquals(new LinkKeys(TOKEN, NOW - 1).use(key, NOW + 1_000), true);
});

Deno.test("plexsync page prints no link where it would be kept, or be of no use", async () => {
  using dir = new DataDir();
  const stopped = await call(dir);
  assertStringIncludes(stopped.err, "the daemon does not run");
  using _lock = holdLock(dir);
  // Set since the daemon was started: nobody listens there.
  const deaf = { listen: "127.0.0.1:1" };
  for (const options of [{ isTerminal: false }, { args: ["--json"] }, { listen: "" }, deaf]) {
    const { code, out, err } = await call(dir, options);
    assertEquals([code === 0, out], [false, ""]);
    assertMatch(err, /no terminal|listen is not set|127\.0\.0\.1:1 gave no answer.*\n.*restart it/);
  }
});
