import { assert, assertEquals, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import type { Edit, ItemRef } from "../../../src/core/sync/item.ts";
import { clientOf, container, movie, putEdit, TOKEN } from "./plex_fixture.ts";
import { serve } from "./stub_server.ts";

const ITEM: ItemRef = { id: "12", section: "3", type: "movie" };
const EDIT: Edit = { text: { title: "New" }, names: {}, lock: ["title"] };

Deno.test("items() reads full detail, by ratingKey, missing ones left out", async () => {
  await using stub = serve(({ path }) =>
    path.includes("/14?") ? new Response("", { status: 404 }) : container({
      librarySectionID: 3,
      Metadata: [
        movie(13, { type: "episode", librarySectionID: "4" }),
        movie(12, {
          studio: "S",
          summary: "Long",
          tagline: "T",
          originallyAvailableAt: "2020-01-02",
          userRating: "7.5",
          Genre: [{ id: 1, tag: "One" }, { id: 2, tag: "Two" }, { id: 3 }],
          Role: [{ tag: "Ann", role: "Bob" }, { tag: "Cid" }],
          Collection: [{ tag: "Set" }],
          Field: [{ name: "title", locked: true }, { name: "art", locked: "1" }, {
            name: "genre",
            locked: false,
          }, { name: "titleSort", locked: true }],
          thumb: "/library/metadata/12/thumb/1",
          year: 2020,
        }),
        movie(99),
      ],
    })
  );
  const found = await clientOf(stub).items(["12", "13", "14", "12"]);
  assertEquals(stub.seen.map(({ path }) => path), [
    "/library/metadata/12,13,14?skipRefresh=1",
    "/library/metadata/14?skipRefresh=1",
  ]);
  assertEquals([...found.keys()].sort(), ["12", "13"]);
  assertEquals(found.get("12"), {
    id: "12",
    section: "3",
    type: "movie",
    values: {
      title: ["Movie 12"],
      studio: ["S"],
      summary: ["Long"],
      tagline: ["T"],
      date: ["2020-01-02"],
      performers: ["Ann", "Cid"],
      tags: ["One", "Two"],
      collection: ["Set"],
      poster: ["/library/metadata/12/thumb/1"],
      background: [],
      rating: ["7.5"],
    },
    roles: { Ann: "Bob" },
    locked: ["title", "background"],
    stamp: 2012,
    along: { date: "2020" },
    files: [{ path: "/m/12.mp4", size: 12, durationMs: 59_000 }],
  });
  assertEquals([found.get("13")!.type, found.get("13")!.section], ["episode", "4"]);
});

Deno.test("items() asks for at most a hundred at once, and for none with none", async () => {
  await using stub = serve(({ path }) => {
    const ids = path.slice("/library/metadata/".length, path.indexOf("?")).split(",");
    return container({ Metadata: ids.map((id) => movie(Number(id))) });
  });
  const plex = clientOf(stub);
  assertEquals((await plex.items([])).size, 0);
  assertEquals(stub.seen.length, 0);
  await plex.items(Array.from({ length: 250 }, (_, at) => String(at)));
  const sizes = stub.seen.map(({ path }) => path.split(",").length);
  assertEquals(sizes, [100, 100, 50]);
});

Deno.test("items() gives an empty map when Plex knows none of them", async () => {
  await using stub = serve(() => new Response("<h1>404</h1>", { status: 404 }));
  assertEquals((await clientOf(stub).items(["1", "2"])).size, 0);
});

Deno.test("items() takes no item for gone that an answer of 200 left out, and asks once more for it", async () => {
  // One that asks for ever gets another answer in the end.
  await using stub = serve((_, number) =>
    number > 5 ? new Response("", { status: 404 }) : container({ Metadata: [movie(1)] })
  );
  const error = await assertRejects(() => clientOf(stub).items(["1", "2"]), PlexsyncError);
  assertEquals([error.type, error.status], ["PlexTemporaryError", 200]);
  assertEquals(error.message, "Cannot read item 2: Plex answered 200 without it");
  assertEquals(stub.seen.length, 2);
});

Deno.test("Ids that are no numbers never reach the server", async () => {
  await using stub = serve(() => container({}));
  const plex = clientOf(stub);
  const calls = [
    () => plex.items(["1", "2/refresh"]),
    () => plex.put({ ...ITEM, id: "" }, ["/"]),
    () => plex.posters("../1", "poster"),
    () => plex.uploadImage("", "poster", new Uint8Array(1), "image/png"),
    () => plex.selectImage("1?", "poster", "upload://x"),
    () => plex.setRating("1&rating=1", 5),
    () => plex.setRating("1", 11),
    () => plex.setRating("1", NaN),
    () => plex.refreshPath("all", "/"),
  ];
  for (const call of calls) await assertRejects(call, RangeError);
  assertEquals(stub.seen.length, 0);
});

Deno.test("identity() says who answers; sections() reads the libraries leniently", async () => {
  await using stub = serve(({ path }) =>
    path === "/identity"
      ? container({ machineIdentifier: "abc", version: "1.43.2.10687-x" })
      : container({
        allowSync: false,
        Directory: [{
          key: 3,
          title: "Scenes",
          type: "movie",
          refreshing: "1",
          scannedAt: "1700000000",
          contentChangedAt: 42,
          Location: [{ id: 1, path: "/data" }, { id: 2, path: "/more" }],
        }, { key: "4", title: "Empty", type: "show", allowSync: "1" }],
      })
  );
  const plex = clientOf(stub);
  const { now, ...identity } = await plex.identity();
  assertEquals(identity, { machineIdentifier: "abc", version: "1.43.2.10687-x" });
  assert(now !== null);
  const { sections, isWhole } = await plex.sections();
  assertEquals(isWhole, true);
  assertEquals(sections, [
    {
      key: "3",
      title: "Scenes",
      type: "movie",
      locations: ["/data", "/more"],
      scannedAt: 1700000000,
      contentChangedAt: 42,
      refreshing: true,
      allowSync: false,
    },
    {
      key: "4",
      title: "Empty",
      type: "show",
      locations: [],
      scannedAt: 0,
      contentChangedAt: 0,
      refreshing: false,
      allowSync: true,
    },
  ]);
});

const LISTED = { key: "3", title: "Scenes", type: "movie" };
for (
  const { when, answer, whole } of [
    { when: "it counts what it gives", answer: { size: 1, Directory: [LISTED] }, whole: true },
    { when: "it does not count", answer: { Directory: [LISTED] }, whole: true },
    {
      when: "it counts more than it gives",
      answer: { size: 2, Directory: [LISTED] },
      whole: false,
    },
    { when: "it is empty", answer: { size: 0 }, whole: false },
    { when: "a row has no key", answer: { size: 2, Directory: [LISTED, {}] }, whole: false },
  ]
) {
  Deno.test(`sections() says ${whole ? "" : "not "}that a list is whole when ${when}`, async () => {
    await using stub = serve(() => container(answer));
    const { sections, isWhole } = await clientOf(stub).sections();
    assertEquals(isWhole, whole);
    assertEquals(sections.map(({ key }) => key), answer.Directory === undefined ? [] : ["3"]);
  });
}

Deno.test("identity() fails when something else than Plex answers", async () => {
  await using stub = serve(() => container({}));
  const error = await assertRejects(() => clientOf(stub).identity(), PlexsyncError);
  assertEquals(error.type, "PlexTemporaryError");
});

Deno.test("put() sends the requests in order, each as it is", async () => {
  await using stub = serve(() => new Response(null));
  await clientOf(stub).put(ITEM, ["/a?b=c%2C", "/d"]);
  assertEquals(stub.seen.map(({ method, path }) => `${method} ${path}`), [
    "PUT /a?b=c%2C",
    "PUT /d",
  ]);
});

Deno.test("Images are listed, uploaded as raw bytes and selected under Plex's two names", async () => {
  await using stub = serve(({ method }) =>
    method !== "GET" ? new Response(null) : container({
      Metadata: [
        { ratingKey: "upload://posters/abc", selected: true },
        { ratingKey: "metadata://posters/def", selected: "0" },
        { thumb: "without a key" },
      ],
    })
  );
  const plex = clientOf(stub);
  assertEquals(await plex.posters("12", "poster"), [
    { ratingKey: "upload://posters/abc", selected: true },
    { ratingKey: "metadata://posters/def", selected: false },
  ]);
  await plex.uploadImage("12", "poster", new Uint8Array([0xff, 0x00, 0x0a]), "image/jpeg");
  await plex.selectImage("12", "background", "upload://posters/a b");
  await plex.posters("12", "background");
  assertEquals(stub.seen.map(({ method, path }) => `${method} ${path}`), [
    "GET /library/metadata/12/posters",
    "POST /library/metadata/12/posters",
    "PUT /library/metadata/12/art?url=upload%3A%2F%2Fposters%2Fa%20b",
    "GET /library/metadata/12/arts",
  ]);
  assertEquals(stub.seen[1]!.body, new Uint8Array([0xff, 0x00, 0x0a]));
  assertEquals(stub.seen[1]!.headers.get("content-type"), "image/jpeg");
});

Deno.test("uploadImage() refuses what Plex would answer with a misleading 500", async () => {
  await using stub = serve(() => new Response(null));
  const error = await assertRejects(
    () => clientOf(stub).uploadImage("12", "poster", new Uint8Array(10_480_001), "image/png"),
    PlexsyncError,
  );
  assertEquals(error.type, "PlexPermanentError");
  assertEquals(stub.seen.length, 0);
});

Deno.test("setRating() rates and clears, refreshPath() scans one folder", async () => {
  await using stub = serve(() => new Response(null));
  const plex = clientOf(stub);
  await plex.setRating("12", 7.5);
  await plex.setRating("12", null);
  await plex.refreshPath("3", "/data/new folder & more");
  assertEquals(stub.seen.map(({ method, path }) => `${method} ${path}`), [
    "PUT /:/rate?identifier=com.plexapp.plugins.library&key=12&rating=7.5",
    "PUT /:/rate?identifier=com.plexapp.plugins.library&key=12&rating=-1",
    "GET /library/sections/3/refresh?path=%2Fdata%2Fnew%20folder%20%26%20more",
  ]);
});

Deno.test("A path prefix of plex_url stays; a query and user info of it are never sent", async () => {
  await using stub = serve(() => container({ machineIdentifier: "m" }));
  const url = `${stub.url.replace("//", "//user:pass@")}/plex/?X-Plex-Token=${TOKEN}`;
  await clientOf({ url }).identity();
  assertEquals(stub.seen[0]!.path, "/plex/identity");
  assertEquals(stub.seen[0]!.headers.get("authorization"), null);
});

Deno.test("onRequest hears of each request, without its query", async () => {
  await using stub = serve(() => new Response(null));
  const heard: unknown[] = [];
  await putEdit(clientOf(stub, { onRequest: (request) => heard.push(request) }), ITEM, EDIT);
  assertEquals(heard, [{ method: "PUT", path: "/library/sections/3/all" }]);
});

Deno.test("uploadImage() waits longer than the read time-out", async () => {
  await using stub = serve(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return new Response(null);
  });
  const plex = clientOf(stub, { connectTimeoutMs: 10, readTimeoutMs: 90 });
  await plex.uploadImage("12", "poster", new Uint8Array(1), "image/png");
  const error = await assertRejects(() => plex.setRating("12", 1), PlexsyncError);
  assertEquals(error.type, "TransientError");
});
