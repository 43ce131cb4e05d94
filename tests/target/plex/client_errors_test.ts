import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { PlexsyncError, UserError } from "../../../src/core/failures/errors.ts";
import type { Edit, ItemRef } from "../../../src/core/sync/item.ts";
import type { PlexClient } from "../../../src/target/plex/client.ts";
import { clientOf, collect, container, movie, putEdit, TOKEN } from "./plex_fixture.ts";
import { json, refusedUrl, type Seen, serve, serveRaw } from "./stub_server.ts";

const ITEM: ItemRef = { id: "12", section: "3", type: "movie" };
const EDIT: Edit = { text: { title: "New" }, names: {}, lock: ["title"] };

/** Every kind of call, with an argument that must never show up in an error. */
const CALLS: { name: string; onItem: boolean; call: (plex: PlexClient) => Promise<unknown> }[] = [
  { name: "identity", onItem: false, call: (plex) => plex.identity() },
  { name: "checkToken", onItem: false, call: (plex) => plex.checkToken() },
  { name: "sections", onItem: false, call: (plex) => plex.sections() },
  { name: "items", onItem: false, call: (plex) => plex.items(["12"]) },
  { name: "sweep", onItem: false, call: (plex) => collect(plex.sweep("3", 1, 10)) },
  { name: "delta", onItem: false, call: (plex) => collect(plex.delta("3", 1, 5)) },
  { name: "refreshPath", onItem: false, call: (plex) => plex.refreshPath("3", "/private/path") },
  { name: "edit", onItem: true, call: (plex) => putEdit(plex, ITEM, EDIT) },
  { name: "posters", onItem: true, call: (plex) => plex.posters("12", "poster") },
  {
    name: "uploadImage",
    onItem: true,
    call: (plex) => plex.uploadImage("12", "background", new Uint8Array(3), "image/png"),
  },
  {
    name: "selectImage",
    onItem: true,
    call: (plex) => plex.selectImage("12", "poster", "upload://private"),
  },
  { name: "setRating", onItem: true, call: (plex) => plex.setRating("12", 8) },
];

/** All that a log or a dead letter can show of an error. */
function shown(error: PlexsyncError): string {
  const cause = error.cause instanceof Error ? `${error.cause.message} ${error.cause.stack}` : "";
  return `${error.message} ${error.hint} ${error.stack} ${cause} ${JSON.stringify(error)}`;
}

for (const { name, onItem, call } of CALLS) {
  Deno.test(`${name}() sends the token as a header only, and asks for JSON`, async () => {
    await using stub = serve(() => container({ machineIdentifier: "m", Metadata: [movie(12)] }));
    await call(clientOf(stub));
    const [{ path, headers }] = stub.seen as [Seen];
    assert(!path.includes(TOKEN), path);
    assertEquals(headers.get("x-plex-token"), TOKEN);
    assertEquals(headers.get("accept"), "application/json");
    assertEquals(headers.get("x-plex-client-identifier"), "install-1");
    assertEquals(headers.get("x-plex-product"), "plexsync");
    assertEquals(headers.get("x-plex-version"), "1.2.3");
  });

  Deno.test(`${name}() fails with the type of the status, and shows no secret`, async () => {
    await using stub = serve(() => new Response("<h1>401 Unauthorized</h1>", { status: 401 }));
    const error = await assertRejects(() => call(clientOf(stub)), PlexsyncError);
    assertEquals(error.type, "PlexUnauthorized");
    assertEquals(error.status, 401);
    assert(!shown(error).includes(TOKEN) && !shown(error).includes("private"), shown(error));
    assertMatch(error.message, /^Cannot .*: Plex answered 401$/);
  });

  Deno.test(`${name}() fails as PlexServerDown when nothing listens`, async () => {
    const error = await assertRejects(() => call(clientOf({ url: refusedUrl() })), PlexsyncError);
    assertEquals(error.type, "PlexServerDown");
    assert(!shown(error).includes(TOKEN) && !shown(error).includes("private"), shown(error));
    assert(!shown(error).includes("?"), shown(error));
  });

  // These two have limits of their own, which are not to be waited for here.
  if (name === "identity" || name === "uploadImage") continue;
  const late = onItem ? "TransientError" : "PlexServerDown";
  Deno.test(`${name}() fails as ${late} when Plex does not answer in time`, async () => {
    await using stub = await serveRaw(() => {});
    const client = clientOf(stub, { connectTimeoutMs: 10, readTimeoutMs: 10 });
    const error = await assertRejects(() => call(client), PlexsyncError);
    assertEquals(error.type, late);
  });
}

const GARBAGE: [string, () => Response][] = [
  [
    "HTML",
    () => new Response("<html>Sign in</html>", { headers: { "Content-Type": "text/html" } }),
  ],
  ["cut JSON", () => new Response('{"MediaContainer":{"Metadata":[{"rat')],
  ["other JSON", () => json(["hello"])],
  ["null", () => json(null)],
  ["a container that is a list", () => json({ MediaContainer: [] })],
  ["nothing", () => new Response(null)],
  ["bytes", () => new Response(new Uint8Array([0xff, 0xfe, 0x00]))],
];

for (const [what, answer] of GARBAGE) {
  Deno.test(`Reads fail as PlexTemporaryError when a 200 holds ${what}`, async () => {
    await using stub = serve(answer);
    const plex = clientOf(stub);
    for (const { name, call } of CALLS) {
      if (!["identity", "checkToken", "sections", "items", "sweep", "posters"].includes(name)) {
        continue;
      }
      const error = await assertRejects(() => call(plex), PlexsyncError);
      assertEquals([name, error.type], [name, "PlexTemporaryError"]);
    }
  });

  Deno.test(`Writes succeed when a 200 holds ${what}`, async () => {
    await using stub = serve(answer);
    await putEdit(clientOf(stub), ITEM, EDIT);
    // Of a rating the answer is all that tells whether Plex itself took it.
    const rate = () => clientOf(stub).setRating("12", null);
    if (what === "bytes") await assertRejects(rate, PlexsyncError, "without the expected JSON");
    else await rate();
  });
}

Deno.test("items() survives rows of the wrong shape", async () => {
  await using stub = serve(() =>
    container({
      Metadata: [null, 7, "x", [], {}, {
        ratingKey: 12,
        type: 5,
        title: ["x"],
        Media: { Part: 3 },
        Role: "x",
        Field: [null],
        userRating: "abc",
      }],
    })
  );
  const found = await clientOf(stub).items(["12"]);
  assertEquals([...found.keys()], ["12"]);
  assertEquals(found.get("12")!.values.title, []);
});

Deno.test("edit() and uploads tell a missing item as PlexNotFound", async () => {
  await using stub = serve(() => new Response(null, { status: 404 }));
  const plex = clientOf(stub);
  for (const { name, onItem, call } of CALLS) {
    if (!onItem) continue;
    const error = await assertRejects(() => call(plex), PlexsyncError);
    assertEquals([name, error.type], [name, "PlexNotFound"]);
  }
});

Deno.test("Retry-After of an overloaded server travels with the error", async () => {
  await using stub = serve(() =>
    new Response(null, { status: 503, headers: { "Retry-After": "9" } })
  );
  const error = await assertRejects(() => putEdit(clientOf(stub), ITEM, EDIT), PlexsyncError);
  assertEquals([error.type, error.retryAfterMs], ["PlexServerDown", 9_000]);
});

for (const token of ["with blank", "line\nbreak", "ünïcode"]) {
  Deno.test(`createPlexClient() refuses the token ${JSON.stringify(token)} without showing it`, () => {
    const error = assertThrows(() => clientOf({ url: "http://h" }, { token }), UserError);
    assert(!shown(error as unknown as PlexsyncError).includes(token));
  });
}

Deno.test("An aborted client rejects with the reason of the abort", async () => {
  const stop = new AbortController();
  const reason = new Error("shutdown");
  await using stub = await serveRaw(() => stop.abort(reason));
  const thrown = await assertRejects(() => clientOf(stub, { signal: stop.signal }).sections());
  assertEquals(thrown, reason);
});
