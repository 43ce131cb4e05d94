/** Other settings are taken over while somebody asks: nobody is turned away for it. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Program, runProgram } from "../program.ts";
import { hookDocument } from "../http/http_rig.ts";
import { hasSockets } from "./has_sockets.ts";
import { tokenOf, withListener } from "./listening.ts";
import { until, type World } from "./world.ts";

const NOT_ON_WINDOWS = { ignore: Deno.build.os === "windows" };

function hookOf(sceneId: number): string {
  return JSON.stringify(
    hookDocument({ id: sceneId, type: "Scene.Update.Post", input: null, inputFields: ["title"] }),
  );
}

/** What a client writes that asks, or hands a body in. */
function requestOf(path: string, token: string, body: string | null, keep: boolean): Uint8Array {
  const lines = [
    `${body === null ? "GET" : "POST"} ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    `Authorization: Bearer ${token}`,
    `Connection: ${keep ? "keep-alive" : "close"}`,
    ...(body === null ? [] : ["Content-Type: application/json", `Content-Length: ${body.length}`]),
  ];
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}

/** The status of one answer on a connection, its body read; or what became of the connection. */
async function answerOn(connection: Deno.Conn, request: Uint8Array): Promise<string> {
  const buffer = new Uint8Array(65_536);
  const decoder = new TextDecoder();
  try {
    // In two pieces, as a network may bring it.
    await connection.write(request.subarray(0, 50));
    await connection.write(request.subarray(50));
    for (let text = "";;) {
      const count = await connection.read(buffer);
      if (count === null) return `closed after "${text.slice(0, 20)}"`;
      text += decoder.decode(buffer.subarray(0, count));
      const [head, body] = text.split("\r\n\r\n", 2);
      const length = Number(/content-length: (\d+)/i.exec(head!)?.[1]);
      if (body !== undefined && new TextEncoder().encode(body).length >= length) {
        return /\d{3}/.exec(head!)![0];
      }
    }
  } catch (error) {
    return (error as Error).name;
  }
}

/** Asks again and again until it is stopped. Resolves with how often it got what. */
async function asking(
  port: number,
  request: Uint8Array,
  keeps: boolean,
  stop: AbortSignal,
): Promise<Record<string, number>> {
  const got: Record<string, number> = {};
  let kept: Deno.Conn | null = null;
  while (!stop.aborted) {
    let answer: string;
    try {
      kept ??= await Deno.connect({ hostname: "127.0.0.1", port });
      answer = await answerOn(kept, request);
    } catch (error) {
      answer = (error as Error).name;
    }
    got[answer] = (got[answer] ?? 0) + 1;
    if (keeps && answer === "200") continue;
    kept?.close();
    kept = null;
  }
  kept?.close();
  return got;
}

/** How often a daemon of this process began to answer. */
function listens(daemon: Program): number {
  return daemon.stderr.lines.filter((line) => line.includes("HTTP listens on")).length;
}

/** Lets the daemon go on with another log level, and waits until it does. */
async function takeOver(world: World, daemon: Program, level: string): Promise<void> {
  const before = listens(daemon);
  await world.configure({ log_level: level });
  daemon.kill("SIGHUP");
  await until("the next daemon", () => listens(daemon) > before);
}

Deno.test({
  name: "who asks without pause while settings are taken over gets right answers and nothing else",
  ...NOT_ON_WINDOWS,
  fn: () =>
    withListener({}, async (world, url) => {
      await world.syncAll();
      await using daemon = await world.start(["run"]);
      await daemon.stderr.line("HTTP listens on");
      const port = Number(new URL(url).port);
      const token = tokenOf(world);
      const over = new AbortController();
      const asked = [
        requestOf("/health/live", token, null, false),
        requestOf("/api/status", token, null, true),
        requestOf("/api/hook", token, hookOf(1), false),
        requestOf("/api/hook", token, hookOf(2), true),
      ].map((request, n) => asking(port, request, n % 2 === 1, over.signal));
      for (let round = 0; round < 6; round++) {
        await takeOver(world, daemon, round % 2 === 0 ? "debug" : "info");
      }
      over.abort();
      for (const got of await Promise.all(asked)) {
        assertEquals(Object.keys(got), ["200"], JSON.stringify(got));
      }
    }),
});

Deno.test({
  name: "settings that cannot be used turn nobody away: the address that was listens on",
  ...NOT_ON_WINDOWS,
  fn: () =>
    withListener({}, async (world, url) => {
      await using daemon = await world.start(["run"]);
      await daemon.stderr.line("HTTP listens on");
      const port = Number(new URL(url).port);
      const over = new AbortController();
      const request = requestOf("/health/live", tokenOf(world), null, false);
      const asked = asking(port, request, false, over.signal);
      using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      await world.configure({ listen: `127.0.0.1:${taken.addr.port}` });
      daemon.kill("SIGHUP");
      await daemon.stderr.line(/The new settings cannot be used, those before stay: Cannot listen/);
      await until("the old ones", () => listens(daemon) === 2);
      over.abort();
      assertEquals(Object.keys(await asked), ["200"]);
    }),
});

Deno.test({
  name: "another address is listened on as soon as it is set, and the one before no more",
  ...NOT_ON_WINDOWS,
  fn: () =>
    withListener({}, async (world, url) => {
      await using daemon = await world.start(["run"]);
      await daemon.stderr.line("HTTP listens on");
      const next = new URL(url);
      next.port = String(Number(next.port) + 1);
      await world.configure({ listen: next.host });
      daemon.kill("SIGHUP");
      await daemon.stderr.line(`HTTP listens on ${next.host}`);
      const answer = await fetch(new URL("/health/live", next));
      assertEquals(answer.status, 200);
      await answer.body?.cancel();
      await until("the old one to be closed", () =>
        fetch(url).then((answer) => answer.body?.cancel().then(() => false), () => true));
      await world.configure({ listen: undefined });
      daemon.kill("SIGHUP");
      await daemon.stderr.line("listen has changed: starting anew");
      await until("none to be open", () =>
        fetch(next).then((answer) =>
          answer.body?.cancel().then(() =>
            false
          ), () => true));
      daemon.kill();
      assertEquals((await daemon.result).code, 0);
    }),
});

Deno.test({
  name: "enabled = false ends the process, and who asked it is not kept waiting",
  ...NOT_ON_WINDOWS,
  fn: () =>
    withListener({}, async (world, url) => {
      await using daemon = await world.start(["run"]);
      await daemon.stderr.line("HTTP listens on");
      // A browser opens connections before it needs them.
      using _silent = await Deno.connect({
        hostname: "127.0.0.1",
        port: Number(new URL(url).port),
      });
      await world.configure({ enabled: false });
      daemon.kill("SIGHUP");
      const { code, stderr } = await daemon.result;
      assertEquals(code, 0, stderr);
      assertMatch(stderr, /enabled = false: nothing is done/);
      await assertRejects(() => fetch(url), TypeError);
    }),
});

Deno.test({
  name: "a page that is open is told to its end, asks again, and goes on being told",
  ...NOT_ON_WINDOWS,
  fn: () =>
    withListener({}, async (world, url) => {
      await using daemon = await world.start(["run"]);
      await daemon.stderr.line("HTTP listens on");
      const signedIn = await fetch(`${url}/sign-in`, {
        method: "POST",
        body: new URLSearchParams({ token: tokenOf(world) }),
        redirect: "manual",
      });
      await signedIn.body?.cancel();
      const cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!;
      const watch = () => fetch(`${url}/live?page=/`, { headers: { cookie } });
      const told = await watch();
      // A stream that is cut off rejects here.
      const whole = told.text();
      await takeOver(world, daemon, "debug");
      assertMatch(await whole, /^event: page\n/);
      const again = (await watch()).body!.pipeThrough(new TextDecoderStream()).getReader();
      assertMatch((await again.read()).value!, /^event: page\n/);
      await again.cancel();
    }),
});

Deno.test({
  name: "a command that the service carries out goes on while settings are taken over",
  ignore: !await hasSockets(),
  fn: () =>
    withListener({}, async (world) => {
      const folder = world.path("run");
      Deno.mkdirSync(folder);
      await using daemon = await world.start(["run"], { env: { RUNTIME_DIRECTORY: folder } });
      await daemon.stderr.line("Commands are taken on");
      await world.expect(0, "pause");
      const env = { PLEXSYNC_SOCKET: `${folder}/plexsync.sock` };
      const waits = runProgram(["sync", "--scene", "1,2", "--wait"], { env });
      await until("what it asks for", () => world.query("SELECT id FROM jobs").length === 2);
      await takeOver(world, daemon, "debug");
      await world.expect(0, "resume");
      const { code, stdout, stderr } = await waits;
      assertEquals([code, stderr.includes("error")], [0, false], stderr);
      assertMatch(stdout, /^2 scenes: 2 written$/m);
    }),
});
