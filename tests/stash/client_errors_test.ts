import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import type { ErrorType } from "../../src/core/failures/error_types.ts";
import { PlexsyncError, UserError } from "../../src/core/failures/errors.ts";
import type { StashClient } from "../../src/stash/client.ts";
import { json, refusedUrl, serve, serveRaw } from "../target/plex/stub_server.ts";
import { API_KEY, clientOf, collect } from "./stash_fixture.ts";

const CALLS: { name: string; call: (stash: StashClient) => Promise<unknown> }[] = [
  { name: "scenes", call: (stash) => stash.scenes(["1"]) },
  { name: "scenesUpdatedAfter", call: (stash) => collect(stash.scenesUpdatedAfter("2026", 5)) },
  { name: "allSceneIds", call: (stash) => collect(stash.allSceneIds(5)) },
  { name: "newestUpdatedAt", call: (stash) => stash.newestUpdatedAt() },
  { name: "sceneCount", call: (stash) => stash.sceneCount() },
  { name: "version", call: (stash) => stash.version() },
  { name: "systemStatus", call: (stash) => stash.systemStatus() },
  { name: "screenshot", call: (stash) => stash.screenshot("1") },
];

function shown(error: Error & { hint?: string | undefined }): string {
  const cause = error.cause instanceof Error ? `${error.cause.message} ${error.cause.stack}` : "";
  return `${error.message} ${error.hint} ${error.stack} ${cause} ${JSON.stringify(error)}`;
}

for (const { name, call } of CALLS) {
  Deno.test(`${name}() fails as StashUnavailable, key unseen, when nothing listens`, async () => {
    const error = await assertRejects(() => call(clientOf({ url: refusedUrl() })), PlexsyncError);
    assertEquals(error.type, "StashUnavailable");
    assert(!shown(error).includes(API_KEY), shown(error));
  });

  Deno.test(`${name}() fails as StashUnavailable when Stash does not answer in time`, async () => {
    await using stub = await serveRaw(() => {});
    const stash = clientOf(stub, { connectTimeoutMs: 10, readTimeoutMs: 10 });
    const error = await assertRejects(() => call(stash), PlexsyncError);
    assertEquals(error.type, "StashUnavailable");
    assertMatch(error.message, /^Cannot .*: Stash gave no answer within 0 s$/);
  });

  Deno.test(`${name}() fails as StashUnavailable when the answer is cut off`, async () => {
    await using stub = await serveRaw((socket) =>
      void socket.end("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99\r\n\r\n{")
    );
    const error = await assertRejects(() => call(clientOf(stub)), PlexsyncError);
    assertEquals(error.type, "StashUnavailable");
  });

  for (const status of [301, 302, 400, 401, 403, 413, 429, 500, 502, 503]) {
    Deno.test(`${name}() fails as StashUnavailable when the answer is ${status}`, async () => {
      await using stub = serve(() => new Response("text", { status }));
      const error = await assertRejects(() => call(clientOf(stub)), PlexsyncError);
      assertEquals([error.type, error.status], ["StashUnavailable", status]);
      assert(!shown(error).includes(API_KEY), shown(error));
    });
  }
}

const locations = [{ line: 1, column: 2 }];
const ANSWERS: { when: string; status: number; body: unknown; type: ErrorType }[] = [
  {
    when: "the database is locked",
    status: 200,
    body: { errors: [{ message: "database is locked", path: ["s0"] }], data: null },
    type: "StashUnavailable",
  },
  {
    when: "Stash panics",
    status: 200,
    body: { errors: [{ message: "Internal system error" }], data: null },
    type: "StashUnavailable",
  },
  {
    when: "a field is unknown (422)",
    status: 422,
    body: {
      errors: [{
        message: 'Cannot query field "code" on type "Scene".',
        locations,
        extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
      }],
      data: null,
    },
    type: "PermanentError",
  },
  {
    when: "a field is unknown (400)",
    status: 400,
    body: { errors: [{ message: "?", extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }] },
    type: "PermanentError",
  },
  {
    when: "a field is unknown (200)",
    status: 200,
    body: { errors: [{ message: "?", extensions: { code: "GRAPHQL_PARSE_FAILED" } }], data: null },
    type: "PermanentError",
  },
  { when: "there are no data", status: 200, body: { data: null }, type: "StashUnavailable" },
  { when: "the answer is a list", status: 200, body: [1], type: "StashUnavailable" },
  { when: "errors are nonsense", status: 200, body: { errors: 7 }, type: "StashUnavailable" },
];

for (const { when, status, body, type } of ANSWERS) {
  Deno.test(`Queries fail as ${type} when ${when}`, async () => {
    await using stub = serve(() => json(body, { status }));
    for (const { name, call } of CALLS) {
      if (name === "screenshot") continue;
      const error = await assertRejects(() => call(clientOf(stub)), PlexsyncError);
      assertEquals([name, error.type], [name, type]);
    }
  });
}

for (const body of ["<html>Sign in</html>", '{"data":{"s0":', "", "null"]) {
  Deno.test(`Queries fail as StashUnavailable when a 200 holds ${JSON.stringify(body)}`, async () => {
    await using stub = serve(() => new Response(body));
    const error = await assertRejects(() => clientOf(stub).scenes(["1"]), PlexsyncError);
    assertEquals(error.type, "StashUnavailable");
  });
}

Deno.test("A refused query says that Stash may be too old", async () => {
  await using stub = serve(() => json(ANSWERS[2]!.body, { status: 422 }));
  const error = await assertRejects(() => clientOf(stub).scenes(["1"]), PlexsyncError);
  assert(error.hint.includes("older than v0.27"), error.hint);
  assertEquals(
    error.message,
    'Cannot read scene 1: Stash does not understand the query: Cannot query field "code" on type "Scene".',
  );
});

Deno.test("A 403 is told in Stash's own words, in one bounded line", async () => {
  const words = `Public access\u0001 \n refused ${"x".repeat(5000)}`;
  await using stub = serve(() => new Response(words, { status: 403 }));
  const error = await assertRejects(() => clientOf(stub).scenes(["1"]), PlexsyncError);
  assert(error.message.includes("Stash answered 403: Public access refused xxx"), error.message);
  assert(error.message.length < 300);
});

Deno.test("A wrong key is told as such", async () => {
  await using stub = serve(() => new Response(null, { status: 401 }));
  const error = await assertRejects(() => clientOf(stub).scenes(["1"]), PlexsyncError);
  assert(error.hint.includes("stash_api_key"), error.hint);
});

for (const apiKey of ["with blank", "line\nbreak", "ünïcode"]) {
  Deno.test(`createStashClient() refuses the key ${JSON.stringify(apiKey)} without showing it`, () => {
    const error = assertThrows(() => clientOf({ url: "http://h" }, { apiKey }), UserError);
    assert(!shown(error).includes(apiKey));
  });
}

Deno.test("a proxy with basic authentication gets user and password, in the header alone", async () => {
  await using stub = serve(({ headers }) =>
    headers.get("authorization") === "Basic bWU6cMOkc3Mgd8O2cmQ="
      ? json({ data: { version: { version: "v0.30.1" } } })
      : new Response("bWU6cMOkc3Mgd8O2cmQ= is wrong", {
        status: 401,
        headers: { "www-authenticate": 'Basic realm="nas"' },
      })
  );
  const right = { user: "me", password: "päss wörd" };
  assertEquals((await clientOf(stub, right).version()).version, "v0.30.1");
  const error = await assertRejects(() => clientOf(stub).version(), PlexsyncError);
  assertMatch(error.hint, /set stash_user and stash_password/);
  assertEquals(stub.seen.some(({ path }) => path.includes("bWU6") || path.includes("me")), false);
});

Deno.test("what a proxy says back of the password is masked", async () => {
  await using stub = serve(() => new Response("no bWU6c2VjcmV0LTE= nor secret-1", { status: 403 }));
  const stash = clientOf(stub, { user: "me", password: "secret-1" });
  const { message } = await assertRejects(() => stash.version(), PlexsyncError);
  assertMatch(message, /no \*+ nor \*+$/);
});
