import { assert, assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../src/core/failures/errors.ts";
import { json, type Seen, serve, type Stub } from "../target/plex/stub_server.ts";
import { API_KEY, clientOf, collect, graphqlOf } from "./stash_fixture.ts";

/** Answers `findScene` aliases from a table: a scene, or null for one that is not there. */
function scenesStub(known: readonly string[]): Stub {
  return serve((request) => {
    const { variables } = graphqlOf(request);
    const data = Object.fromEntries(
      Object.entries<string>(variables as never).map(([name, id]) => [
        name.replace("i", "s"),
        known.includes(id) ? { id, title: `Scene ${id}` } : null,
      ]),
    );
    return json({ data });
  });
}

Deno.test("scenes() asks for all in one request and leaves out those that are gone", async () => {
  await using stub = scenesStub(["1", "3"]);
  const found = await clientOf(stub).scenes(["1", "2", "3", "1"]);
  assertEquals([...found.keys()], ["1", "3"]);
  assertEquals(found.get("3")!.title, "Scene 3");
  assertEquals(stub.seen.length, 1);
  const { query, variables } = graphqlOf(stub.seen[0]!);
  assertEquals<unknown>(variables, { i0: "1", i1: "2", i2: "3" });
  assert(query.includes("s2: findScene(id: $i2)"), query);
});

Deno.test("scenes() takes ids that cannot exist as missing, without asking", async () => {
  await using stub = scenesStub(["1"]);
  const ids = ["", "0", "-1", "abc", "1 ", "007", "99999999999999999999", '1"){id}'];
  assertEquals((await clientOf(stub).scenes(ids)).size, 0);
  assertEquals(stub.seen.length, 0);
  assertEquals([...(await clientOf(stub).scenes([...ids, "1"])).keys()], ["1"]);
});

const SCENE_ANSWERS: { when: string; answer: unknown }[] = [
  {
    when: "one of several scenes failed",
    answer: {
      errors: [{ message: "database is locked", path: ["s1"] }],
      data: { s0: { id: "1" }, s1: null },
    },
  },
  { when: "an answer lacks a scene", answer: { data: { s0: { id: "1" } } } },
  { when: "another scene comes than asked", answer: { data: { s0: { id: "2" }, s1: null } } },
  { when: "a scene has no id", answer: { data: { s0: {}, s1: null } } },
];

for (const { when, answer } of SCENE_ANSWERS) {
  Deno.test(`scenes() never takes a scene for gone when ${when}`, async () => {
    await using stub = serve(() => json(answer));
    const error = await assertRejects(() => clientOf(stub).scenes(["1", "2"]), PlexsyncError);
    assertEquals(error.type, "StashUnavailable");
  });
}

Deno.test("Requests carry the key as a header only and ask for plain JSON", async () => {
  await using stub = scenesStub([]);
  await clientOf(stub).scenes(["1"]);
  const [{ method, path, headers }] = stub.seen as [Seen];
  assertEquals(`${method} ${path}`, "POST /graphql");
  assertEquals(headers.get("apikey"), API_KEY);
  assertEquals(headers.get("accept"), "application/json");
  assertEquals(headers.get("content-type"), "application/json");
});

Deno.test("An empty key is not sent at all", async () => {
  await using stub = scenesStub([]);
  await clientOf(stub, { apiKey: "" }).scenes(["1"]);
  await clientOf(stub, { apiKey: undefined }).scenes(["1"]);
  for (const { headers } of stub.seen) assertEquals(headers.has("apikey"), false);
});

Deno.test("A path prefix of stash_url stays for queries and images", async () => {
  await using stub = serve(({ path }) =>
    path.endsWith("graphql")
      ? json({ data: { s0: null } })
      : new Response("<svg/>", { headers: { "Content-Type": "image/svg+xml" } })
  );
  const stash = clientOf({ url: `${stub.url}/media/stash/` });
  await stash.scenes(["1"]);
  await stash.screenshot("1");
  assertEquals(stub.seen.map(({ path }) => path), [
    "/media/stash/graphql",
    "/media/stash/scene/1/screenshot",
  ]);
});

interface Row {
  id: string;
  updated_at: string;
}

/** Answers `findScenes` as Stash does: keyset filters, text compare, page size. */
function library(rows: Row[], before?: (number: number) => void): Stub {
  return serve((request, number) => {
    before?.(number);
    const { query, variables: { filter, scenes } } = graphqlOf(request);
    const found = rows.filter((row) =>
      Number(row.id) > (scenes?.id?.value ?? 0) &&
      row.updated_at > (scenes?.updated_at?.value ?? "")
    );
    const order = filter.sort === "updated_at"
      ? found.toSorted((a, b) => a.updated_at < b.updated_at ? 1 : -1)
      : found.toSorted((a, b) => Number(a.id) - Number(b.id));
    const count = query.includes("count") ? { count: found.length } : {};
    const page = order.slice(0, filter.per_page);
    return json({ data: { findScenes: { ...count, scenes: page } } });
  });
}

const ROWS: Row[] = [2, 10, 3, 1, 7].map((id) => ({
  id: String(id),
  updated_at: `2026-01-10T21:00:${String(id).padStart(2, "0")}+01:00`,
}));

Deno.test("allSceneIds() walks by id, counting once", async () => {
  await using stub = library(ROWS);
  const pages = await collect(clientOf(stub).allSceneIds(2));
  assertEquals(pages.map(({ scenes }) => scenes.map(({ id }) => id)), [
    ["1", "2"],
    ["3", "7"],
    ["10"],
  ]);
  assertEquals(pages.map(({ count }) => count), [5, 5, 5]);
  const asked = stub.seen.map(graphqlOf);
  assertEquals(asked.map(({ query }) => query.includes("count")), [true, false, false, false]);
  assertEquals(asked[1]!.variables, {
    filter: { page: 1, per_page: 2, sort: "id", direction: "ASC" },
    scenes: { id: { value: 2, modifier: "GREATER_THAN" } },
  });
});

Deno.test("allSceneIds() gives every scene that stays, though others vanish meanwhile", async () => {
  const rows = [...ROWS];
  await using stub = library(rows, (number) => {
    if (number === 1) rows.splice(rows.findIndex(({ id }) => id === "1"), 1);
  });
  const pages = await collect(clientOf(stub).allSceneIds(2));
  assertEquals(pages.flatMap(({ scenes }) => scenes.map(({ id }) => id)), [
    "1",
    "2",
    "3",
    "7",
    "10",
  ]);
});

Deno.test("allSceneIds() gives all when Stash returns fewer than asked", async () => {
  await using stub = serve((request) => {
    const after = graphqlOf(request).variables.scenes!.id!.value;
    const scenes = after < 3 ? [{ id: String(after + 1), updated_at: "" }] : [];
    return json({ data: { findScenes: { count: 3, scenes } } });
  });
  const pages = await collect(clientOf(stub).allSceneIds(100));
  assertEquals(pages.flatMap(({ scenes }) => scenes.map(({ id }) => id)), ["1", "2", "3"]);
});

Deno.test("allSceneIds() throws, and so proves nothing gone, when a later page fails", async () => {
  await using stub = serve((_, number) =>
    number === 0
      ? json({ data: { findScenes: { count: 9, scenes: [{ id: "1", updated_at: "" }] } } })
      : json({ errors: [{ message: "database is locked" }], data: null })
  );
  const error = await assertRejects(() => collect(clientOf(stub).allSceneIds(1)), PlexsyncError);
  assertEquals(error.type, "StashUnavailable");
});

Deno.test("scenesUpdatedAfter() filters by text and walks by id", async () => {
  await using stub = library(ROWS);
  const pages = await collect(clientOf(stub).scenesUpdatedAfter("2026-01-10T21:00:03", 2));
  assertEquals(pages, [
    [
      { id: "3", updatedAt: "2026-01-10T21:00:03+01:00" },
      { id: "7", updatedAt: "2026-01-10T21:00:07+01:00" },
    ],
    [{ id: "10", updatedAt: "2026-01-10T21:00:10+01:00" }],
  ]);
  const asked = stub.seen.map(graphqlOf);
  assertEquals(asked[0]!.variables.scenes, {
    id: { value: 0, modifier: "GREATER_THAN" },
    updated_at: { value: "2026-01-10T21:00:03", modifier: "GREATER_THAN" },
  });
  assertEquals(asked.map(({ query }) => query.includes("count")), [true, false, false]);
});

Deno.test("scenesUpdatedAfter() costs one request and gives no page when nothing changed", async () => {
  await using stub = library(ROWS);
  assertEquals(await collect(clientOf(stub).scenesUpdatedAfter("2027", 100)), []);
  assertEquals(stub.seen.length, 1);
});

Deno.test("scenesUpdatedAfter() stops with the caller's reason", async () => {
  const stop = new AbortController();
  const reason = new Error("shutdown");
  await using stub = library(ROWS, () => stop.abort(reason));
  const walk = clientOf(stub).scenesUpdatedAfter(null, 1, stop.signal);
  assertEquals(await assertRejects(() => collect(walk)), reason);
});

Deno.test("newestUpdatedAt() is the greatest text, null without scenes", async () => {
  await using stub = library(ROWS);
  assertEquals(await clientOf(stub).newestUpdatedAt(), "2026-01-10T21:00:10+01:00");
  assertEquals(graphqlOf(stub.seen[0]!).variables.filter, {
    page: 1,
    per_page: 1,
    sort: "updated_at",
    direction: "DESC",
  });
  await using empty = library([]);
  assertEquals(await clientOf(empty).newestUpdatedAt(), null);
});

Deno.test("sceneCount() counts without reading scenes", async () => {
  await using stub = library(ROWS);
  assertEquals(await clientOf(stub).sceneCount(), 5);
  assertEquals(graphqlOf(stub.seen[0]!).variables.filter, { per_page: 0 });
});

Deno.test("version() and systemStatus() read leniently", async () => {
  await using stub = serve((request) =>
    json({
      data: graphqlOf(request).query.includes("systemStatus")
        ? { systemStatus: { status: "NEEDS_MIGRATION", databaseSchema: null, appSchema: 75 } }
        : { version: { version: null, hash: "abc", build_time: "2026-01-01 00:00:00" } },
    })
  );
  const stash = clientOf(stub);
  const { now: _, ...version } = await stash.version();
  assertEquals(version, {
    version: "",
    hash: "abc",
    buildTime: "2026-01-01 00:00:00",
  });
  assertEquals(await stash.systemStatus(), {
    status: "NEEDS_MIGRATION",
    databaseSchema: null,
    appSchema: 75,
  });
});
