import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { exists } from "../exists.ts";
import { type ProgramResult, runProgram } from "../program.ts";
import { hasSockets } from "./has_sockets.ts";
import { withWorld, type World } from "./world.ts";

const NO_SOCKETS = !await hasSockets();

/** A daemon as systemd starts one, and how somebody without its secrets asks it. */
interface Service {
  world: World;
  socket: string;
  /** Of the daemon. */
  pid: number;
  /** Calls the program with a home of its own that has nothing in it. */
  ask(...args: string[]): Promise<ProgramResult>;
}

async function withService(
  use: (service: Service) => Promise<void>,
  config: Readonly<Record<string, number>> = {},
): Promise<void> {
  await withWorld({ scenes: 6, seed: 3, missingPercent: 0, config }, async (world) => {
    // Where a person's own service has it: /run/user/1000.
    const runtime = world.path("run");
    const folder = join(runtime, "plexsync");
    Deno.mkdirSync(folder, { recursive: true });
    await using daemon = await world.start(["run"], { env: { RUNTIME_DIRECTORY: folder } });
    await daemon.stderr.line(/Commands are taken on/);
    const socket = join(folder, "plexsync.sock");
    const ask = (...args: string[]) => runProgram(args, { env: { XDG_RUNTIME_DIR: runtime } });
    await use({ world, socket, ask, pid: daemon.pid });
    daemon.kill("SIGTERM");
    assertEquals((await daemon.result).code, 0);
    // It goes with the daemon.
    assert(!exists(socket));
  });
}

/** Whether a process has its lock on a file, where the system lists them. */
async function holds(pid: number, path: string): Promise<boolean> {
  if (Deno.build.os !== "linux") return true;
  const { stdout } = await new Deno.Command("cat", { args: ["/proc/locks"] }).output();
  const { ino } = Deno.statSync(path);
  return new TextDecoder().decode(stdout).split("\n")
    .some((line) => line.includes(` ${pid} `) && line.includes(`:${ino} `));
}

/** Sends a request as any program can. */
async function post(socket: string, path: string, body: string, more = ""): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path: socket });
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
    `Connection: close\r\n${more}Content-Length: ${body.length}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head + body));
  return await new Response(connection.readable).text().catch(() => "");
}

const called = (...args: string[]) =>
  JSON.stringify({
    args,
    terminal: { stdin: false, stdout: false, stderr: false, columns: null },
    env: {},
  });

Deno.test({
  name: "commands beside the service work without its settings and secrets",
  ignore: NO_SOCKETS,
  fn: () =>
    withService(async ({ world, ask, socket, pid }) => {
      assertEquals(Deno.statSync(socket).mode! & 0o777, 0o660);
      const synced = await ask("sync", "--scene", "1,2,3,4,5,6", "--wait");
      assertEquals([synced.code, synced.stderr.includes("error")], [0, false], synced.stderr);
      assertMatch(synced.stdout, /^6 scenes: 6 written$/m);
      assertEquals(await world.differences(), []);
      const status = JSON.parse((await ask("status", "--json")).stdout);
      assert(status.daemon !== null, JSON.stringify(status));
      for (
        const args of [
          ["plan", "--all"],
          ["reconcile", "--dry-run"],
          ["queue", "list"],
          ["dead", "list"],
          ["explain", "1"],
          ["history", "1"],
          ["config", "check", "--online"],
          ["doctor"],
          ["health"],
        ]
      ) {
        const { code, stdout, stderr } = await ask(...args);
        assertEquals(code, 0, `${args.join(" ")}: ${stdout}${stderr}`);
        assert(stdout.length > 0);
        assert(await holds(pid, world.path("plexsync.db")), `${args.join(" ")} took its hold away`);
      }
      const undone = await ask("undo", "--all", "--yes");
      assertEquals(undone.code, 0, undone.stderr);
    }),
});

Deno.test({
  name: "a command by the socket says, prints and ends as it does beside the data directory",
  ignore: NO_SOCKETS,
  fn: () =>
    withService(async ({ world, ask }) => {
      await world.expect(0, "pause");
      for (
        const args of [
          ["queue", "clear"],
          ["dead", "show", "77"],
          ["sync", "--scene", "x"],
          ["stats"],
          ["match", "pin", "1", "no"],
          ["pause", "--json"],
        ]
      ) {
        const own = await world.run(args);
        const served = await ask(...args);
        assertEquals([served.code, served.stderr], [own.code, own.stderr], args.join(" "));
        // What is counted, such as the seconds since the start, moves on.
        if (args[0] !== "stats") assertEquals(served.stdout, own.stdout, args.join(" "));
      }
    }),
});

Deno.test({
  name: "the service works by its own settings and files alone, whatever a caller sends",
  ignore: NO_SOCKETS,
  fn: () =>
    withService(async ({ world, socket }) => {
      const target = world.path("stolen");
      const refused: [string[], RegExp][] = [
        [["plan", "--all", "--plex-url", "http://127.0.0.1:9"], /does not take --plex-url/],
        [["plan", "--all", "--stash-url=http://127.0.0.1:9"], /does not take --stash-url/],
        [["config", "show", "--config", "/etc/passwd"], /does not take --config/],
        [["status", "--data-dir", "/tmp"], /does not take --data-dir/],
        [["status", "--log-target", "file"], /does not take --log-target/],
        [["dead", "export", "--output", target], /does not take --output/],
        [["doctor", "--report", target], /does not take --report/],
        [["backup", target], /does not do this for others: backup/],
        [["run"], /does not do this for others: run/],
        [["restore", target, "--yes"], /does not do this for others/],
        [["install", "systemd"], /does not do this for others/],
        [["--stats", "--plex-url", "http://127.0.0.1:9"], /does not take --plex-url/],
      ];
      for (const [args, says] of refused) {
        const answer = await post(socket, "/api/command", called(...args));
        assertMatch(answer, says, args.join(" "));
        assertMatch(answer, /\{"exit":2\}/, args.join(" "));
      }
      assert(!exists(target));
      for (
        const body of ["", "[]", "{}", '{"args":[]}', called().replace('"args":[]', '"args":[1]')]
      ) {
        assertMatch(await post(socket, "/api/command", body), /^HTTP\/1\.1 400 /, body);
      }
      const page = await post(socket, "/api/command", called("status"), "Origin: http://x.org\r\n");
      assertMatch(page, /^HTTP\/1\.1 403 /);
      // What the listener takes it takes here too, without a token.
      assertMatch(await post(socket, "/api/sync", '{"scenes":[1]}'), /"queued":1/);
      // Nobody's question holds the daemon up.
      const asked = await post(
        socket,
        "/api/command",
        called("detach").replace('"stdin":false', '"stdin":true'),
      );
      assert(/"exit":0|"ask":"--yes"|"exit":2/.test(asked), asked);
    }),
});

Deno.test({
  name: "who goes away, or takes nothing, neither stops the daemon nor keeps it from ending",
  ignore: NO_SOCKETS,
  fn: () =>
    withService(async ({ world, socket, ask }) => {
      await world.expect(0, "pause");
      // Ends only when its scenes have: they never do while all rests.
      const waiting = await Promise.all([1, 2, 3, 4].map(async (id) => {
        const connection = await Deno.connect({ transport: "unix", path: socket });
        const body = called("sync", "--scene", String(id), "--wait");
        await connection.write(
          new TextEncoder().encode(
            `POST /api/command HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
              `Content-Length: ${body.length}\r\n\r\n${body}`,
          ),
        );
        await connection.read(new Uint8Array(16));
        return connection;
      }));
      const refused = await ask("status");
      assertEquals(refused.code, 1);
      assertStringIncludes(refused.stderr, "Too many commands at once");
      for (const connection of waiting.slice(1)) connection.close();
      // Their places are free again, as soon as the daemon has seen that they are gone.
      while ((await ask("status")).code !== 0);
      await world.expect(0, "resume");
      // One still waits while the daemon ends.
      waiting[0]!.close();
    }),
});

Deno.test({
  name: "a socket that a killed daemon left is taken over, one that is in use is not",
  ignore: NO_SOCKETS,
  async fn() {
    await withWorld({ scenes: 1 }, async (world) => {
      const folder = world.path("run");
      Deno.mkdirSync(folder);
      const env = { RUNTIME_DIRECTORY: folder };
      const socket = join(folder, "plexsync.sock");
      const ask = () => runProgram(["status", "--offline"], { env: { PLEXSYNC_SOCKET: socket } });
      {
        await using first = await world.start(["run"], { env });
        await first.stderr.line(/Commands are taken on/);
        first.kill("SIGKILL");
        await first.result;
      }
      assert(exists(socket));
      const alone = await ask();
      assertEquals(alone.code, 1);
      assertStringIncludes(alone.stderr, "The service does not run");
      await using second = await world.start(["run"], { env });
      await second.stderr.line(/Commands are taken on/);
      assertEquals((await ask()).code, 0);
      // Another daemon, with a data directory of its own.
      await withWorld({ scenes: 1 }, async (other) => {
        await using third = await other.start(["run"], { env });
        await third.stderr.line(/No commands are taken on .*another program listens there/);
      });
      assertEquals((await ask()).code, 0);
    });
  },
});
