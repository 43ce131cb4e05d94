import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { gunzipSync } from "node:zlib";
import { file, type JsonRow, scenes, status, type TestClient, withSim } from "./plex/testing.ts";
import { ask, raw, withStash } from "./stash/testing.ts";

const LISTING = "/library/sections/1/all?type=1";

/** Bytes of a body as they come, up to a limit; then the connection is cut. */
async function bytesOf(response: Response, limit = Infinity): Promise<number> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > limit) break;
  }
  return bytes;
}

Deno.test("garbage is no JSON, and no error page either", async () => {
  await withSim({ items: scenes("a") }, async ({ sim, send }) => {
    sim.setFaults([{ route: "listing", answer: "garbage" }]);
    const response = await send("GET", LISTING);
    assertEquals([response.status, response.headers.get("content-type")], [
      200,
      "application/json",
    ]);
    const text = await response.text();
    assertStringIncludes(text, "garbage");
    assertThrows(() => JSON.parse(text), SyntaxError);
  });
});

Deno.test("a large answer has the size asked for, and is JSON", async () => {
  await withSim({}, async ({ sim, send }) => {
    sim.setFaults([{ path: "^/identity$", answer: "large", bytes: 3_000_000, times: 1 }]);
    const response = await send("GET", "/identity");
    const text = await response.text();
    assertEquals([text.length, JSON.parse(text)], [3_000_000, {}]);
    sim.setFaults([{ path: "^/identity$", answer: "large" }]);
    assertEquals(await bytesOf(await send("GET", "/identity")), 65 * 2 ** 20);
  });
});

Deno.test("an endless answer ends when its client goes away, and only then", async () => {
  await withSim({}, async ({ sim, send }) => {
    sim.setFaults([{ route: "identity", answer: "endless", times: 1 }]);
    const enough = 20 * 2 ** 20;
    assert(await bytesOf(await send("GET", "/identity"), enough) > enough);
    assertEquals(await status(send("GET", "/identity")), 200);
  });
});

Deno.test("a gzip bomb is small, whatever encodings are accepted, and unpacks to its size", async () => {
  await withStash({}, async (stash) => {
    stash.setFaults([{ route: "health", answer: "gzip_bomb", bytes: 5_000_001 }]);
    const bomb = await raw(`${stash.url}/healthz`);
    assertEquals([bomb.status, bomb.headers["content-encoding"]], [200, "gzip"]);
    assert(bomb.body.length < 50_000, `${bomb.body.length} bytes`);
    const unpacked = gunzipSync(bomb.body);
    assertEquals([unpacked.length, unpacked.toString().trim()], [5_000_001, "{}"]);
    // Deno unpacks it by itself, as it does for the daemon.
    assertEquals((await (await fetch(`${stash.url}/healthz`)).text()).length, 5_000_001);
  });
});

Deno.test("a gzip bomb of the usual size is made without its size", async () => {
  await withStash({}, async (stash) => {
    stash.setFaults([{ route: "health", answer: "gzip_bomb" }]);
    const { body } = await raw(`${stash.url}/healthz`);
    assert(body.length < 4 * 2 ** 20, `${body.length} bytes`);
    assertEquals(body.readUInt32LE(body.length - 4), 2 ** 30);
  });
});

Deno.test("a redirect is 302 with its location unless told otherwise", async () => {
  await withStash({ scenes: [{}, {}] }, async (stash) => {
    const cover = (id: number) => raw(`${stash.url}/scene/${id}/screenshot?apikey=${stash.apiKey}`);
    stash.setFaults([{ scene: "1", location: "/login" }]);
    const { status, headers } = await cover(1);
    assertEquals([status, headers.location], [302, "/login"]);
    assertEquals((await cover(2)).status, 200);
    stash.setFaults([{ scene: "1", location: "/x", status: 307 }]);
    assertEquals((await cover(1)).status, 307);
  });
});

Deno.test("wrong_id: Plex answers with another item, or with one other among several", async () => {
  await withSim({ items: scenes("a", "b") }, async ({ sim, get }) => {
    const keys = async (target: string) =>
      (await get(target)).Metadata.map((row: JsonRow) => row.ratingKey);
    sim.setFaults([{ item: "1", answer: "wrong_id" }]);
    assertEquals(await keys("/library/metadata/1,2"), ["1000000001", "2"]);
    assertEquals(await keys("/library/metadata/2"), ["2"]);
    sim.setFaults([{ route: "item", answer: "wrong_id" }]);
    assertEquals(await keys("/library/metadata/1,2"), ["1000000001", "1000000002"]);
  });
});

Deno.test("wrong_id: Stash answers with another scene under an alias and in a list", async () => {
  await withStash({ scenes: [{ tags: ["t"] }, {}] }, async (stash) => {
    stash.setFaults([{ scene: "1", answer: "wrong_id" }]);
    const aliased = await ask(
      stash,
      `{ a: findScene(id: "1") { id tags { id } } b: findScene(id: 2) { id } }`,
    );
    assertEquals(aliased.data, {
      a: { id: "1000000001", tags: [{ id: "1" }] },
      b: { id: "2" },
    });
    const listed = await ask(stash, `{ findScenes(ids: [1, 2]) { scenes { id } } }`);
    assertEquals(listed.data.findScenes.scenes, [{ id: "1000000001" }, { id: "2" }]);
  });
});

Deno.test("nothing: an item is left out of its list, a scene is null under its alias", async () => {
  await withSim({ items: scenes("a", "b") }, async ({ sim, get }) => {
    sim.setFaults([{ item: "1", answer: "nothing" }]);
    const { Metadata } = await get("/library/metadata/1,2");
    assertEquals(Metadata.map((row: JsonRow) => row.ratingKey), ["2"]);
    sim.setFaults([{ route: "listing", answer: "nothing" }]);
    const listing = await get(LISTING);
    assertEquals([listing.Metadata, listing.size], [[], 2]);
  });
  await withStash({ scenes: [{}, {}] }, async (stash) => {
    stash.setFaults([{ scene: "1", answer: "nothing" }]);
    const { data } = await ask(
      stash,
      `{ a: findScene(id: "1") { id } b: findScene(id: 2) { id } }`,
    );
    assertEquals(data, { a: null, b: { id: "2" } });
  });
});

Deno.test("big_number: one row of a listing has numbers beyond 64 bits", async () => {
  await withSim({ items: scenes("a", "b") }, async ({ sim, send }) => {
    sim.setFaults([{ route: "listing", item: "2", answer: "big_number" }]);
    const text = await (await send("GET", LISTING)).text();
    assertEquals(text.match(/123456789012345678901234567890/g)?.length, 6);
    const [first, second] = JSON.parse(text).MediaContainer.Metadata;
    assert(
      Number.isSafeInteger(first.addedAt) && Number.isSafeInteger(first.Media[0].Part[0].size),
    );
    for (const value of [second.addedAt, second.updatedAt, second.Media[0].Part[0].size]) {
      assertEquals(value, 1.2345678901234568e29);
    }
  });
});

Deno.test("a request line that is too long is dropped, a shorter one is not", async () => {
  await withSim({ items: scenes("a") }, async ({ sim, put }) => {
    sim.setFaults([{ longer_than: 1000, close: true }]);
    assertEquals(await put("/library/metadata/1", { "summary.value": "x".repeat(100) }), 200);
    await assertRejects(() => put("/library/metadata/1", { "summary.value": "x".repeat(1000) }));
    assertEquals(sim.items()[0]?.summary?.length, 100);
  });
});

Deno.test("a share of the writes fails, and with the same rules it is the same share", async () => {
  await withSim({ items: scenes("a") }, async ({ sim, put }) => {
    const rules = [{ route: "edit", percent: 60, status: 500 }];
    const round = async () => {
      sim.setFaults(rules);
      const all: number[] = [];
      for (let n = 0; n < 60; n++) {
        all.push(await put("/library/metadata/1", { "studio.value": "x" }));
      }
      return all;
    };
    const first = await round();
    const failed = first.filter((code) => code === 500).length;
    assert(failed > 24 && failed < 48, `${failed} of 60`);
    assertEquals(await round(), first);
  });
});

/** One request of each kind about item 1, and the same about item 2. */
const ABOUT_ITEM: { route: string; method: string; target: (id: string) => string }[] = [
  { route: "item", method: "GET", target: (id) => `/library/metadata/${id}` },
  { route: "item", method: "GET", target: (id) => `/library/metadata/${id},3` },
  { route: "item", method: "GET", target: (id) => `/library/metadata/3%2C${id}` },
  { route: "edit", method: "PUT", target: (id) => `/library/metadata/${id}?studio.value=x` },
  {
    route: "edit",
    method: "PUT",
    target: (id) => `/library/sections/1/all?type=1&id=3,${id}&a.value=x`,
  },
  { route: "images", method: "GET", target: (id) => `/library/metadata/${id}/posters` },
  { route: "upload", method: "POST", target: (id) => `/library/metadata/${id}/posters` },
  { route: "select", method: "PUT", target: (id) => `/library/metadata/${id}/art?url=x` },
  { route: "image", method: "GET", target: (id) => `/library/metadata/${id}/thumb/1` },
  { route: "rate", method: "PUT", target: (id) => `/:/rate?identifier=x&rating=1&key=${id}` },
];
for (const { route, method, target } of ABOUT_ITEM) {
  Deno.test(`a fault of item 1 hits ${method} ${target("1")} (${route}) and not that of item 2`, async () => {
    await withSim({ items: scenes("a", "b", "c") }, async ({ sim, send }) => {
      const asked = (id: string) => status(send(method, target(id)));
      sim.setFaults([{ item: "1", route, status: 418 }]);
      assertEquals(await asked("1"), 418);
      assert(await asked("2") !== 418);
      assertEquals(await status(send("GET", LISTING)), 200);
    });
  });
}

async function shared({ send }: TestClient): Promise<number[]> {
  const targets = ["/identity", "/", "/library/sections", LISTING, "/activities", "/:/prefs"];
  return await Promise.all(targets.map((target) => status(send("GET", target))));
}

Deno.test("a fault of an item leaves what all share alone, and 401 for one item is that alone", async () => {
  await withSim({ items: [{ files: [file("a.mp4")] }, ...scenes("b")] }, async (client) => {
    client.sim.setFaults([{ item: 1, status: 401 }]);
    assertEquals(new Set(await shared(client)), new Set([200]));
    assertEquals(await status(client.send("GET", "/library/metadata/1")), 401);
    assertEquals(await status(client.send("GET", "/library/metadata/2")), 200);
  });
});

const ABOUT_SCENE = [
  `{ findScene(id: "1") { id } }`,
  `{ a: findScene(id: 2) { id } b: findScene(id: 1) { id } }`,
  `query($ids: [ID!]) { findScenes(ids: $ids) { scenes { id } } }`,
  `mutation { sceneUpdate(input: { id: 1, title: "x" }) { id } }`,
];
for (const query of ABOUT_SCENE) {
  Deno.test(`a fault of scene 1 hits ${query}`, async () => {
    await withStash({ scenes: [{}, {}] }, async (stash) => {
      const send = async (text: string, ids: string[]) =>
        (await raw(`${stash.url}/graphql`, {
          method: "POST",
          headers: { "Content-Type": "application/json", ApiKey: stash.apiKey },
          body: JSON.stringify({ query: text, variables: text.includes("$ids") ? { ids } : {} }),
        })).status;
      stash.setFaults([{ scene: "1", status: 500 }]);
      assertEquals(await send(query, ["2", "1"]), 500);
      const others = query.replaceAll(/id: "?1"?/g, "id: 2");
      assertEquals(await send(others, ["2"]), 200);
      assertEquals(await send("{ findScenes { count } }", []), 200);
    });
  });
}
