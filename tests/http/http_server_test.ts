import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { UserError } from "../../src/core/failures/errors.ts";
import { readExposition } from "../cli/exposition.ts";
import { hookDocument, HttpRig, PLEX_TOKEN, sceneHook, type Sent, TOKEN } from "./http_rig.ts";
import { TARGET } from "../one_target.ts";

Deno.test("a hook is kept before it is answered, and wakes the worker", async () => {
  await using rig = await HttpRig.open();
  const { status, json, headers } = await rig.send("/api/hook", { body: sceneHook(45) });
  assertEquals([status, json], [200, { output: "queued" }]);
  assertEquals(headers.get("access-control-allow-origin"), null);
  assertEquals([rig.queued(), rig.store.jobs.get("45", TARGET)?.reason], [["45"], "hook"]);
  assertEquals(rig.worker.woken, 1);
});

Deno.test("a renamed performer is kept for the daemon to fan out", async () => {
  await using rig = await HttpRig.open();
  const context = { id: 7, type: "Performer.Update.Post", input: null, inputFields: ["name"] };
  const body = JSON.stringify(hookDocument(context));
  assertEquals((await rig.send("/api/hook", { body })).json, { output: "queued" });
  const [fanout] = rig.store.fanouts.list();
  assertEquals([fanout?.kind, fanout?.entity_id, rig.worker.woken], ["performer", "7", 1]);
});

Deno.test("a hook that changes nothing is answered with the reason and wakes nobody", async () => {
  await using rig = await HttpRig.open();
  const context = { id: 7, type: "Scene.Update.Post", inputFields: ["id", "o_counter"] };
  const { status, json } = await rig.send("/api/hook", {
    body: JSON.stringify(hookDocument(context)),
  });
  assertEquals([status, json], [200, { output: "nothing to do: no synced field changed" }]);
  assertEquals([rig.queued(), rig.worker.woken], [[], 0]);
});

Deno.test("a cover of 20 MiB inside a hook is passed over", async () => {
  await using rig = await HttpRig.open();
  const { json } = await rig.send("/api/hook", { body: sceneHook(45, 20 << 20) });
  assertEquals([json, rig.queued()], [{ output: "queued" }, ["45"]]);
});

Deno.test("a poke queues each named scene once, and tells how many are new", async () => {
  await using rig = await HttpRig.open();
  const poke = (scenes: unknown) => rig.send("/api/sync", { body: JSON.stringify({ scenes }) });
  assertEquals((await poke([1, "2", 2, "3"])).json, { queued: 3, added: 3, merged: 0 });
  assertEquals((await poke(["3", 4])).json, { queued: 2, added: 1, merged: 1 });
  assertEquals((await poke([])).json, { queued: 0, added: 0, merged: 0 });
  assertEquals([rig.queued().sort(), rig.worker.woken], [["1", "2", "3", "4"], 2]);
  assertEquals(rig.store.jobs.get("1", TARGET)?.reason, "poke");
});

interface Refused extends Sent {
  when: string;
  path?: string;
  status: number;
  says: RegExp;
}

const refusals: Refused[] = [
  {
    when: "the token is missing",
    headers: { authorization: undefined },
    status: 401,
    says: /A token is needed.*listen_token/,
  },
  {
    when: "the token is wrong",
    headers: { authorization: "Bearer x" },
    status: 401,
    says: /The token is wrong/,
  },
  {
    when: "a page of another origin asks",
    headers: { origin: "http://evil.example" },
    status: 403,
    says: /another origin/,
  },
  {
    when: "there is nothing at the path",
    path: "/api/nothing",
    status: 404,
    says: /There are: \/api\/hook, /,
  },
  { when: "the method is wrong", method: "PUT", status: 405, says: /Use POST/ },
  { when: "a browser asks for leave first", method: "OPTIONS", status: 405, says: /Use POST/ },
  {
    when: "the body is said to be a form",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    status: 415,
    says: /application\/json/,
  },
  {
    when: "the body has no type",
    headers: { "content-type": "" },
    status: 415,
    says: /application\/json/,
  },
  { when: "the body is empty", body: "", status: 400, says: /empty/ },
  { when: "the body is no JSON", body: `{"secret": "${PLEX_TOKEN}`, status: 400, says: /not JSON/ },
  { when: "the document is a list", body: "[]", status: 400, says: /JSON object/ },
  {
    when: "the document is neither of a hook nor of a task",
    body: '{"args":{}}',
    status: 400,
    says: /of no hook.*\/api\/sync/,
  },
  {
    when: "the hook is no object",
    body: '{"args":{"hookContext":[1]}}',
    status: 400,
    says: /hookContext/,
  },
  {
    when: "a poke names no scenes",
    path: "/api/sync",
    body: "{}",
    status: 400,
    says: /a list \\"scenes\\"/,
  },
  {
    when: "a poke has a typing error",
    path: "/api/sync",
    body: '{"scenes":[],"sceens":[1]}',
    status: 400,
    says: /Unknown member \\"sceens/,
  },
  {
    when: "a poke names no whole number",
    path: "/api/sync",
    body: '{"scenes":[1,1.5]}',
    status: 400,
    says: /it is 1\.5/,
  },
  {
    when: "a poke names a number that was rounded while it was read",
    path: "/api/sync",
    body: '{"scenes":[1,9007199254740993]}',
    status: 400,
    says: /2\^53/,
  },
  ...['{"toString":1}', "[]", "7"].map((type) => ({
    when: `a hook's type is ${type}`,
    body: `{"args":{"hookContext":{"id":1,"type":${type}}}}`,
    status: 400,
    says: /hookContext\.type must be a text/,
  })),
  {
    when: "a poke names a path",
    path: "/api/sync",
    body: '{"scenes":["../1"]}',
    status: 400,
    says: /whole number/,
  },
  {
    when: "a poke is too large",
    path: "/api/sync",
    body: " ".repeat(1 + (1 << 20)),
    status: 413,
    says: /at most 1 MiB/,
  },
  {
    when: "a hook is large without long strings",
    body: " ".repeat(5 << 20),
    status: 413,
    says: /at most 4 MiB may be left/,
  },
];

for (const { when, path = "/api/hook", status, says, ...sent } of refusals) {
  Deno.test(`a changing call is refused with ${status} when ${when}`, async () => {
    await using rig = await HttpRig.open();
    const got = await rig.send(path, { body: sceneHook(1), ...sent });
    assertEquals(got.status, status, got.text);
    assertMatch(got.text, says);
    assertEquals(Object.keys(got.json), ["error", "hint"]);
    assertEquals([rig.queued(), rig.worker.woken], [[], 0]);
    assertEquals(got.headers.get("allow"), status === 405 ? "POST" : null);
    assertEquals(got.headers.get("access-control-allow-origin"), null);
    // What is refused for the same reason again and again is said once.
    await rig.send(path, { body: sceneHook(1), ...sent });
    const warnings = rig.lines.filter((line) => line.startsWith("\x01w"));
    for (const text of [got.text, ...rig.lines]) {
      assertEquals(/\bat \S+ \(|\.ts:\d/.test(text), false, text);
    }
    assertEquals(warnings.length, [401, 403, 413, 415].includes(status) ? 1 : 0);
  });
}

Deno.test("a page of the listener's own origin may ask", async () => {
  await using rig = await HttpRig.open();
  const headers = { origin: `http://127.0.0.1:${rig.port}` };
  assertEquals((await rig.send("/api/hook", { headers, body: sceneHook(1) })).status, 200);
});

Deno.test("questions need no token on the own machine, and are answered to HEAD too", async () => {
  await using rig = await HttpRig.open();
  for (const path of ["/health/live", "/health/ready", "/api/status", "/api/stats", "/metrics"]) {
    const got = await rig.get(path);
    assertEquals(got.status, 200, path);
    const head = await rig.send(path, { method: "HEAD" });
    assertEquals([head.status, head.text], [200, ""]);
    assertEquals(head.headers.get("content-type"), got.headers.get("content-type"));
    assertEquals(got.headers.get("cache-control"), "no-store");
  }
});

Deno.test("open to the network, paths and errors need the token; health and metrics do not", async () => {
  await using rig = await HttpRig.open({ listen: "0.0.0.0:0" });
  const asked = ["/api/status", "/api/stats", "/health/live", "/health/ready", "/metrics"];
  const statuses = await Promise.all(asked.map(async (path) => (await rig.get(path)).status));
  assertEquals(statuses, [401, 401, 200, 200, 200]);
  assertEquals((await rig.send("/api/status", { method: "GET" })).status, 200);
});

Deno.test("status, stats and metrics tell what the commands tell, without secrets", async () => {
  await using rig = await HttpRig.open();
  rig.store.jobs.enqueue(["1", "2"], "hook", Date.now());
  rig.store.outages.begin("plex", Date.now(), `refused ${PLEX_TOKEN}`);
  const status = await rig.get("/api/status");
  assertEquals(status.json.queue, { ready: 2, running: 0, waiting: 0 });
  assertStringIncludes(status.text, "refused ********");
  const stats = await rig.get("/api/stats");
  assertEquals([stats.json.jobs_processed, stats.json.queue.ready], [0, 2]);
  const metrics = await rig.get("/metrics");
  assertMatch(metrics.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const families = readExposition(metrics.text);
  assertEquals(families.get("plexsync_queue_jobs")?.series.get('state="ready"'), 2);
  for (const { text } of [status, stats, metrics]) {
    assert(!text.includes(PLEX_TOKEN) && !text.includes(TOKEN), text);
  }
});

Deno.test("a fault of the database is an answer with a hint, and costs the listener nothing", async () => {
  await using rig = await HttpRig.open();
  rig.store.database.exec("PRAGMA query_only = ON");
  const hook = await rig.send("/api/hook", { body: sceneHook(1) });
  assertEquals(hook.status, 503);
  assertMatch(hook.json.hint, /writable/);
  const said = rig.lines.filter((line) => line.startsWith("\x01e"));
  assertMatch(
    said.join(),
    /POST \/api\/hook failed error_message="Cannot write to what is read-only/,
  );
  assertEquals(said.join().includes("Unknown"), false, said.join());
  const ready = await rig.get("/health/ready");
  assertEquals([ready.status, ready.json.ready], [503, false]);
  assertMatch(ready.json.problem, /cannot be written/);
  assertEquals((await rig.get("/health/live")).status, 200);
  rig.store.database.exec("PRAGMA query_only = OFF");
  rig.aheadMs += 60_000;
  assertEquals((await rig.get("/health/ready")).status, 200);
  assertEquals((await rig.send("/api/hook", { body: sceneHook(1) })).status, 200);
});

Deno.test("a worker that took no step for long is not live, all else goes on", async () => {
  await using rig = await HttpRig.open();
  rig.aheadMs += 31 * 60_000;
  const { status, json } = await rig.get("/health/live");
  assertEquals([status, json.live], [503, false]);
  assertMatch(json.problem, /no step for 31 minutes/);
  assertEquals((await rig.get("/health/ready")).status, 200);
});

Deno.test("no line of the log holds a token or a body", async () => {
  await using rig = await HttpRig.open();
  await rig.send("/api/hook", { body: sceneHook(1) });
  await rig.send("/api/hook", { headers: { authorization: `Bearer not-${TOKEN}` } });
  await rig.send("/api/hook", { body: `{"a": "${PLEX_TOKEN}"` });
  const log = rig.lines.join("");
  assertStringIncludes(log, "HTTP listens on 127.0.0.1:");
  assertStringIncludes(log, "POST /api/hook refused: The token is wrong");
  for (const secret of [TOKEN, PLEX_TOKEN, "MTc2"]) assert(!log.includes(secret), log);
});

Deno.test("an address in use is an error that names it", async () => {
  await using rig = await HttpRig.open();
  const taken = `127.0.0.1:${rig.port}`;
  let thrown: unknown;
  try {
    await using _second = await HttpRig.open({ listen: taken });
  } catch (error) {
    thrown = error;
  }
  assert(thrown instanceof UserError);
  assertStringIncludes(thrown.message, `Cannot listen on ${taken}: `);
});
