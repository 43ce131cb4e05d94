import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { SimStash } from "./server.ts";
import { ask, raw, withStash } from "./testing.ts";

async function control(stash: SimStash, method: string, path: string, body?: unknown) {
  const answer = await raw(`${stash.url}/__sim__/${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: answer.status, json: answer.text === "" ? undefined : JSON.parse(answer.text) };
}

Deno.test("POST /__sim__/scenes makes and changes scenes without a key", async () => {
  let now = Date.parse("2026-11-22T12:00:00Z");
  await withStash(
    { scenes: [{ title: "old", details: "kept", tags: ["t"] }], now: () => now },
    async (stash) => {
      now += 5000;
      const made = await control(stash, "POST", "scenes", [
        { id: "1", title: "new" },
        {
          title: "second",
          studio: { name: "S" },
          files: [{ path: "/x/y.mp4", size: 3, duration: 2.5 }],
        },
        { id: 40, title: "numbered" },
        { title: "after it" },
      ]);
      const at = "2026-11-22T12:00:05Z";
      assertEquals(made, {
        status: 200,
        json: ["1", "2", "40", "41"].map((id) => ({ id, updated_at: at })),
      });
      const { json } = await control(stash, "GET", "scenes");
      assertEquals([json[0].title, json[0].details, json[0].tags[0].name], ["new", "kept", "t"]);
      assertEquals([json[1].studio.name, json[1].files[0].basename], ["S", "y.mp4"]);
      assertEquals(json, JSON.parse(JSON.stringify(stash.scenes())));
    },
  );
});

const BAD: { path: string; body: unknown; reason: string }[] = [
  { path: "scenes", body: {}, reason: "expected array" },
  { path: "scenes", body: [{ title: "ok" }, { rating100: 101 }], reason: "1.rating100" },
  { path: "scenes", body: [{ titel: "x" }], reason: "titel" },
  { path: "scenes", body: [{ date: "tomorrow" }], reason: "0.date: must be YYYY-MM-DD" },
  { path: "scenes", body: [{ id: "abc" }], reason: "0.id" },
  { path: "scenes", body: [{ files: [{ size: 1 }] }], reason: "0.files.0.path" },
  { path: "scenes", body: [{ updated_at: 5 }], reason: "0.updated_at" },
  { path: "zone", body: { zone: "Mars/Base" }, reason: "Mars/Base" },
  { path: "clock", body: { jump_ms: 0.5 }, reason: "jump_ms" },
  { path: "system", body: { status: "TIRED" }, reason: "status" },
  { path: "system", body: {}, reason: "status" },
  { path: "destroy", body: { ids: ["1", "9"] }, reason: "scene with id 9 not found" },
  { path: "destroy", body: ["1"], reason: "body" },
  { path: "entities", body: [{ kind: "tag", new_name: "x" }], reason: "either id or name" },
  {
    path: "entities",
    body: [{ kind: "tag", name: "t", new_name: "u" }, { kind: "tag", name: "nope", new_name: "x" }],
    reason: 'no tag is named "nope"',
  },
  { path: "entities", body: [{ kind: "film", name: "t", new_name: "x" }], reason: "0.kind" },
  { path: "faults", body: [{ path: "x", nonsense: 1 }], reason: "nonsense" },
];
for (const { path, body, reason } of BAD) {
  Deno.test(`POST /__sim__/${path} with ${JSON.stringify(body)} is 400 and changes nothing`, () =>
    withStash({ scenes: [{ title: "kept", tags: ["t"] }] }, async (stash) => {
      const before = stash.scenes();
      const answer = await control(stash, "POST", path, body);
      assertEquals(answer.status, 400);
      assertStringIncludes(answer.json.error, reason);
      assertEquals(stash.scenes(), before);
    }));
}

Deno.test("a body that is no JSON is 400, an unknown control path 404", () =>
  withStash({}, async (stash) => {
    const answer = await raw(`${stash.url}/__sim__/scenes`, { method: "POST", body: "[{" });
    assertEquals(answer.status, 400);
    assertEquals((await control(stash, "GET", "nothing")).status, 404);
  }));

Deno.test("entities are renamed by name or id, scenes destroyed by id", () =>
  withStash({ scenes: [{ tags: ["t"], performers: ["p"] }, {}] }, async (stash) => {
    const renamed = await control(stash, "POST", "entities", [
      { kind: "tag", name: "t", new_name: "T2" },
      { kind: "performer", id: "1", new_name: "P2" },
    ]);
    assertEquals(renamed, { status: 200, json: [{ id: "1" }, { id: "1" }] });
    const destroyed = await control(stash, "POST", "destroy", { ids: ["2"] });
    assertEquals(destroyed, { status: 200, json: { destroyed: ["2"] } });
    const [scene, ...rest] = stash.scenes();
    assertEquals([scene?.tags[0]?.name, scene?.performers[0]?.name, rest], ["T2", "P2", []]);
    // The old name is free again, the new one is taken.
    stash.upsert([{ tags: ["t", "T2"] }]);
    assertEquals(stash.scenes()[1]?.tags.map((tag) => tag.id).sort(), ["1", "2"]);
  }));

Deno.test("a refused batch leaves no trace in what names mean", () =>
  withStash({ scenes: [{ tags: ["t"] }] }, async (stash) => {
    const batch = [
      { kind: "tag", name: "t", new_name: "u" },
      { kind: "tag", name: "nope", new_name: "x" },
    ];
    assertEquals((await control(stash, "POST", "entities", batch)).status, 400);
    stash.upsert([{ tags: ["t", "u"] }]);
    assertEquals(stash.scenes()[1]?.tags.map((tag) => tag.name), ["t", "u"]);
    assertEquals(stash.scenes()[1]?.tags[0]?.id, "1");
  }));

Deno.test("requests are logged with method, path, status and operation, never with a key", () =>
  withStash({ scenes: [{}] }, async (stash) => {
    await ask(stash, "query Named { version { hash } }");
    await ask(stash, "{ findScenes { count } }");
    await raw(`${stash.url}/scene/1/screenshot?apikey=${stash.apiKey}&t=1`);
    await raw(`${stash.url}/graphql`);
    const { json } = await control(stash, "GET", "requests");
    assertEquals(
      json.map((
        each: Record<string, unknown>,
      ) => [each.method, each.path, each.query, each.status, each.note]),
      [
        ["POST", "/graphql", "", 200, "Named"],
        ["POST", "/graphql", "", 200, "findScenes"],
        ["GET", "/scene/1/screenshot", "apikey=&t=1", 200, undefined],
        ["GET", "/graphql", "", 401, undefined],
      ],
    );
    assert(json.every((each: { ms: unknown }) => typeof each.ms === "number"));
    assertEquals((await control(stash, "DELETE", "requests")).status, 204);
    assertEquals(stash.requests(), []);
  }));

Deno.test("a fault hits the requests it names, so often as it says, and never the control API", () =>
  withStash({ scenes: [{}] }, async (stash) => {
    const locked = '{"errors":[{"message":"database is locked"}],"data":null}';
    stash.setFaults([
      { path: "#findScenes$", body: locked, content_type: "application/json", times: 1 },
      { path: "/screenshot", status: 503 },
      { path: "__sim__", status: 500 },
    ]);
    assertEquals((await ask(stash, "{ version { hash } }")).errors, undefined);
    assertEquals(
      (await ask(stash, "{ findScenes { count } }")).errors?.[0]?.message,
      "database is locked",
    );
    assertEquals((await ask(stash, "{ findScenes { count } }")).data.findScenes.count, 1);
    const image = `${stash.url}/scene/1/screenshot?apikey=${stash.apiKey}`;
    assertEquals((await raw(image)).status, 503);
    assertEquals((await control(stash, "POST", "faults", [])).status, 200);
    assertEquals((await raw(image)).status, 200);
  }));

Deno.test("a cut connection loses the answer; with applied the change is made all the same", () =>
  withStash({ scenes: [{ title: "old" }] }, async (stash) => {
    const update = 'mutation{sceneUpdate(input:{id:1,title:"new"}){id}}';
    stash.setFaults([{ path: "/graphql", close: true, times: 1 }]);
    await assertRejects(() => ask(stash, update), Error);
    assertEquals(stash.scenes()[0]?.title, "old");
    stash.setFaults([{ path: "/graphql", close: "body", applied: true, times: 1 }]);
    await assertRejects(() => ask(stash, update), Error);
    assertEquals(stash.scenes()[0]?.title, "new");
    assertEquals(stash.requests().map((each) => each.status), [0, 0]);
  }));

Deno.test("latency delays an answer without losing or changing it", () =>
  withStash({ latencyMs: 5, scenes: [{}] }, async (stash) => {
    const answers = await Promise.all([1, 2, 3].map(() => ask(stash, "{ findScenes { count } }")));
    assertEquals(answers.map((answer) => answer.data.findScenes.count), [1, 1, 1]);
    assert(stash.requests().every((each) => each.ms > 0));
  }));

Deno.test("close() ends requests that hang", () =>
  withStash({}, async (stash) => {
    stash.setFaults([{ path: "/graphql", hang: true }]);
    const hanging = assertRejects(() => ask(stash, "{ version { hash } }"), Error);
    while (stash.requests().length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await stash.close();
    await hanging;
  }));

Deno.test("scan, clean and identify are started by hand, hooks and logs looked at", () =>
  withStash({}, async (stash) => {
    const scan = await control(stash, "POST", "scan", { files: [{ path: "/a.mp4" }] });
    assertEquals(scan, { status: 200, json: { job: "1" } });
    await stash.until(() => stash.jobs().length === 0);
    assertEquals(stash.scenes()[0]?.files[0]?.path, "/a.mp4");
    for (
      const [path, body] of [["clean", { paths: [""] }], ["identify", [{ rating: 1 }]]] as const
    ) {
      assertEquals((await control(stash, "POST", path, body)).status, 400);
    }
    await stash.runTask("nobody");
    assertEquals((await control(stash, "GET", "hooks")).json, []);
    assertEquals((await control(stash, "GET", "logs")).json, stash.logs());
  }));

const NOT_READY = [
  {
    body: { status: "NEEDS_MIGRATION" },
    message: "database not initialized",
    status: "NEEDS_MIGRATION",
  },
  { body: { status: "SETUP" }, message: "database not initialized", status: "SETUP" },
  { body: { database: "locked" }, message: "database is locked", status: "OK" },
];
for (const { body, message, status } of NOT_READY) {
  Deno.test(`with ${JSON.stringify(body)} every answer about data is 200 with an error`, () =>
    withStash({ scenes: [{ title: "kept", tags: ["t"] }] }, async (stash) => {
      assertEquals((await control(stash, "POST", "system", body)).status, 200);
      const queries = [
        `{ findScene(id: 1) { id } }`,
        `{ a: findScene(id: 1) { id } b: findScene(id: 9) { id } }`,
        `{ findScenes { count } }`,
        `{ findTags { count } }`,
        `mutation { sceneUpdate(input: { id: 1, title: "x" }) { id } }`,
        `mutation { tagUpdate(input: { id: 1, name: "x" }) { id } }`,
      ];
      for (const query of queries) {
        const answer = await ask(stash, query);
        assertEquals(answer.status, 200);
        assertEquals(new Set(answer.errors?.map((error) => error.message)), new Set([message]));
      }
      const { data } = await ask(stash, "{ systemStatus { status } version { version } }");
      assertEquals([data.systemStatus.status, data.version.version], [status, "v0.30.1"]);
      const cover = await raw(`${stash.url}/scene/1/screenshot?apikey=${stash.apiKey}`);
      assertEquals([cover.status, cover.headers["content-type"]], [200, "image/svg+xml"]);
      assertEquals(stash.scenes()[0]?.title, "kept");

      await control(stash, "POST", "system", { status: "OK", database: "ok" });
      assertEquals((await ask(stash, "{ findScenes { count } }")).data.findScenes.count, 1);
    }));
}
