import { assert, assertEquals, assertMatch } from "@std/assert";
import { HttpRig, readAnswer, sceneHook, TOKEN } from "./http_rig.ts";

/** A hook's request up to the body, of which so many bytes are announced. */
function head(length: number, host = "127.0.0.1"): string {
  return [
    "POST /api/hook HTTP/1.1",
    `Host: ${host}`,
    `Authorization: Bearer ${TOKEN}`,
    "Content-Type: application/json",
    `Content-Length: ${length}`,
    "Connection: close",
    "\r\n",
  ].join("\r\n");
}

function ask(path: string, ...headers: string[]): string {
  return [`GET ${path} HTTP/1.1`, ...headers, "Connection: close", "\r\n"].join("\r\n");
}

const hosts = [
  { name: "its address", headers: ["Host: 127.0.0.1:9797"], status: 200 },
  { name: "a name of the own machine", headers: ["Host: localhost"], status: 200 },
  { name: "a name of the web", headers: ["Host: rebound.example:9797"], status: 403 },
  { name: "nothing", headers: ["Host:"], status: 403 },
];

for (const { name, headers, status } of hosts) {
  Deno.test(`a request whose Host is ${name} gets ${status}`, async () => {
    await using rig = await HttpRig.open();
    for (const path of ["/api/status", "/health/live", "/api/nothing"]) {
      const want = status === 200 && path === "/api/nothing" ? 404 : status;
      assertMatch(await rig.raw(ask(path, ...headers)), new RegExp(`^HTTP/1.1 ${want} `));
    }
  });
}

Deno.test("a hook for another Host is refused before its body is read", async () => {
  await using rig = await HttpRig.open();
  assertMatch(await rig.raw(head(1_000_000, "rebound.example")), /^HTTP\/1.1 403 /);
});

Deno.test("a hook is refused at once when it announces more than 64 MiB", async () => {
  await using rig = await HttpRig.open();
  assertMatch(await rig.raw(head((64 << 20) + 1)), /^HTTP\/1.1 413 /);
});

Deno.test("a hook that is cut off queues nothing", async () => {
  await using rig = await HttpRig.open();
  const body = sceneHook(1);
  using connection = await rig.connect(head(body.length + 1) + body);
  await connection.closeWrite();
  const answer = await readAnswer(connection);
  assert(!answer.startsWith("HTTP/1.1 200"), answer);
  assertEquals(rig.queued(), []);
  assertEquals((await rig.send("/api/hook", { body })).status, 200);
});

Deno.test("a body that does not come is not waited for", async () => {
  await using rig = await HttpRig.open();
  rig.hurry = true;
  const answer = await rig.raw(head(100) + '{"args":');
  assertMatch(answer, /^HTTP\/1.1 408 [^]*did not come in time/);
});

Deno.test("requests beyond a number are told to come again, and those before are served", async () => {
  await using rig = await HttpRig.open();
  const body = sceneHook(1);
  const first = body.slice(0, 10);
  const held = await Promise.all(
    Array.from({ length: 32 }, () => rig.connect(head(body.length) + first)),
  );
  let answer = "";
  while (!answer.startsWith("HTTP/1.1 503")) {
    answer = await rig.raw(ask("/health/live", "Host: localhost"));
  }
  assertMatch(answer.toLowerCase(), /retry-after: 1\r\n[^]*too many requests/);
  const answers = await Promise.all(held.map(async (connection) => {
    await connection.write(new TextEncoder().encode(body.slice(10)));
    return await readAnswer(connection);
  }));
  for (const connection of held) connection.close();
  for (const each of answers) assertMatch(each, /^HTTP\/1.1 200 /);
  assertEquals(rig.queued(), ["1"]);
});

Deno.test("closing waits for no client: neither for a half body nor for an idle connection", async () => {
  await using rig = await HttpRig.open();
  using half = await rig.connect(head(100) + '{"args":');
  using idle = await rig.connect("");
  await rig.get("/health/live");
  await rig.close();
  const answer = await readAnswer(half);
  assert(answer === "" || answer.startsWith("HTTP/1.1 503"), answer);
  assertEquals(await readAnswer(idle), "");
});
