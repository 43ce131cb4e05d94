import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseSwitches } from "./switches.ts";
import { file, scenes, status, type TestClient, withSim } from "./testing.ts";

/** One control request, without any token. */
async function control({ sim }: TestClient, method: string, path: string, body?: unknown) {
  const response = await fetch(`${sim.url}/__sim__/${path}`, {
    method,
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

Deno.test("/__sim__/items shows every item, unset scalars as null, in fixed names", async () => {
  const full = {
    files: [file("b.mp4"), file("b.mkv")],
    title: "B",
    studio: "S",
    summary: "M",
    tagline: "T",
    originallyAvailableAt: "2020-01-02",
    userRating: 7,
    genres: ["G"],
    actors: ["A"],
    collections: ["C"],
    labels: ["L"],
    locked: ["title"],
  };
  await withSim({ items: [...scenes("a"), full] }, async (client) => {
    const { json } = await control(client, "GET", "items");
    const empty = {
      studio: null,
      summary: null,
      tagline: null,
      originallyAvailableAt: null,
      userRating: null,
    };
    const none = { genres: [], actors: [], collections: [], labels: [], locked: [] };
    const images = { poster: null, art: null };
    const { files: _files, ...values } = full;
    assertEquals(json, [
      { ratingKey: "1", title: "a", ...empty, ...none, files: ["/data/scenes/a.mp4"], ...images },
      { ratingKey: "2", ...values, files: ["/data/scenes/b.mp4", "/data/scenes/b.mkv"], ...images },
    ]);
    assertEquals(json, client.sim.items());
  });
});

Deno.test("/__sim__/requests keeps raw queries, blanks tokens, leaves itself out, and is cleared", async () => {
  await withSim({ items: scenes("a") }, async (client) => {
    const { sim, send } = client;
    const target = `/library/metadata/1?title.value=a%20b&genre%5B%5D.tag.tag-=x%252Cy`;
    await status(send("PUT", `${target}&X-Plex-Token=${sim.token}&z=1`));
    const { json } = await control(client, "GET", "requests");
    assertEquals(json.length, 1);
    const { at, ms, ...entry } = json[0];
    assertEquals(entry, {
      method: "PUT",
      path: "/library/metadata/1",
      query: "title.value=a%20b&genre%5B%5D.tag.tag-=x%252Cy&X-Plex-Token=&z=1",
      status: 200,
    });
    assertEquals([typeof at, typeof ms], ["number", "number"]);
    const [request] = sim.requests();
    assertEquals(request?.param("title.value"), "a b");
    assertEquals(request?.param("genre[].tag.tag-"), "x%2Cy");
    await control(client, "DELETE", "requests");
    assertEquals(sim.requests(), []);
  });
});

Deno.test("/__sim__/files makes files appear in Plex", async () => {
  await withSim({ switches: { scanDelayMs: 0, scanStepMs: 0 } }, async (client) => {
    const files = [{ path: "/data/scenes/x/New one.mkv", size: 5, duration_ms: 7 }];
    assertEquals((await control(client, "POST", "files", files)).status, 200);
    await client.sim.addFiles([]);
    let rows: { title: string; Media: { Part: { size: number; duration: number }[] }[] }[] = [];
    while (rows.length === 0) rows = (await client.get("/library/sections/1/all")).Metadata ?? [];
    const part = rows[0]?.Media[0]?.Part[0];
    assertEquals([rows[0]?.title, part?.size, part?.duration], ["New one", 5, 7]);
  });
});

const refused: [string, unknown, RegExp][] = [
  ["files", { path: "x" }, /must be an array/],
  ["files", [{ size: 1 }], /path must be a string/],
  ["files", [{ path: "/data/scenes/a", size: -1 }], /size must be a number/],
  ["files", [{ path: "/nowhere/a.mp4" }], /is in no section/],
  ["switches", { nonsense: true }, /Unknown switch "nonsense"/],
  ["switches", { deaf: 1 }, /deaf must be a boolean/],
  ["switches", { singleTagEdit: "both" }, /must be one of replace, add/],
  ["faults", [{ path: "(", status: 500 }], /path is no regular expression/],
];
for (const [path, body, reason] of refused) {
  Deno.test(`POST /__sim__/${path} refuses ${JSON.stringify(body)} with its reason`, async () => {
    await withSim({}, async (client) => {
      const answer = await control(client, "POST", path, body);
      assertEquals(answer.status, 400);
      assertMatch(answer.json.error, reason);
      assertEquals(client.sim.items(), []);
    });
  });
}

Deno.test("/__sim__/switches sets switches at run time and /__sim__/violations tells of misuse", async () => {
  await withSim({ items: scenes("a") }, async (client) => {
    await control(client, "POST", "switches", { deaf: true });
    assertEquals((await control(client, "GET", "switches")).json.deaf, true);
    await client.put("/library/metadata/1", { "studio.value": "x" });
    assertEquals(client.sim.items()[0]?.studio, null);
    await control(client, "POST", "switches", { deaf: false });
    await client.put("/library/sections/1/all", { "studio.value": "x" });
    assertEquals((await control(client, "GET", "violations")).json.length, 1);
  });
});

Deno.test("the control API is never faulted, and an unknown control is 404", async () => {
  await withSim({}, async (client) => {
    await control(client, "POST", "faults", [{ path: ".*", status: 500 }]);
    assertEquals(await status(client.send("GET", "/")), 500);
    assertEquals((await control(client, "GET", "items")).status, 200);
    assertEquals((await control(client, "GET", "nonsense")).status, 404);
    await control(client, "POST", "faults", []);
    assertEquals(await status(client.send("GET", "/")), 200);
  });
});

Deno.test("parseSwitches() refuses what is no object and no whole number", () => {
  for (const bad of [[], null, "deaf", { latencyMs: -1 }, { latencyMs: 1.5 }]) {
    assertThrows(() => parseSwitches(bad), Error);
  }
});

Deno.test("the clock jumps, and with it stamps and the Date of answers", async () => {
  const options = { items: scenes("a"), now: () => 5_000_000_000 };
  await withSim(options, async (client) => {
    const { sim, put, item, send } = client;
    sim.jumpClock(86_400_000);
    await put("/library/metadata/1", { "studio.value": "x" });
    assertEquals((await item("1")).updatedAt, 5_000_000 + 86_400);
    const back = await control(client, "POST", "clock", { jump_ms: -2 * 86_400_000 });
    assertEquals(back.json, { now: new Date(5_000_000_000 - 86_400_000).toISOString() });
    const response = await send("GET", "/identity");
    await response.body?.cancel();
    assertEquals(response.headers.get("date"), new Date(5_000_000_000 - 86_400_000).toUTCString());
    assertEquals((await control(client, "POST", "clock", { jump_ms: "x" })).status, 400);
  });
});

Deno.test("a new file may be added days ahead, its size and length unknown", async () => {
  await withSim({ switches: { scanDelayMs: 0, scanStepMs: 0 } }, async (client) => {
    const ahead = Math.floor(Date.now() / 1000) + 3 * 86_400;
    const files = [{ path: "/data/scenes/x.mkv", size: null, duration_ms: null, added_at: ahead }];
    assertEquals((await control(client, "POST", "files", files)).status, 200);
    await client.sim.addFiles([]);
    let rows: Record<string, unknown>[] = [];
    while (rows.length === 0) rows = (await client.get("/library/sections/1/all")).Metadata ?? [];
    const [row] = rows;
    assertEquals([row?.addedAt, row?.duration], [ahead, undefined]);
  });
});
