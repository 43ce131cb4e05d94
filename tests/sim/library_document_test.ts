import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  BadLibrary,
  type LibraryDocument,
  readLibrary,
  readPlexHalf,
  readStashHalf,
} from "./library_document.ts";
import { startSimPlex } from "./plex/server.ts";
import { type JsonRow, titles, withSim } from "./plex/testing.ts";
import { withStash } from "./stash/testing.ts";

/** Every kind of row that a document can hold. */
const FULL: LibraryDocument = {
  plex: {
    sections: [
      { key: "1", title: "Films", type: "movie", locations: ["/mnt/a", "\\\\nas\\video"] },
      { key: 2, title: "Series", type: "show", locations: ["/mnt/series"] },
      { key: "3", title: "Films again", type: "movie", locations: ["/mnt/a"] },
    ],
    items: [
      {
        ratingKey: "1",
        section: "2",
        show: "S",
        media: [{ parts: [{ file: "/mnt/series/1.mp4" }] }],
      },
      {
        ratingKey: "10",
        section: "1",
        title: "Plain",
        addedAt: 1000,
        updatedAt: 2000,
        genres: ["Old"],
        locked: ["title"],
        media: [{ parts: [{ file: "/mnt/a/x.mp4", size: 5, duration_ms: 7000 }] }],
      },
      { ratingKey: 11, section: "3", media: [{ parts: [{ file: "/mnt/a/x.mp4" }] }] },
      {
        ratingKey: "12",
        section: "1",
        addedAt: 4_000_000_000,
        updatedAt: null,
        media: [
          {
            parts: [{ file: "\\\\nas\\video\\pt1.mkv", size: 1 }, {
              file: "\\\\nas\\video\\pt2.mkv",
            }],
          },
          { proxyType: 42, parts: [{ file: "/mnt/a/Plex Versions/Mobile/x.mp4", size: 2 }] },
          { deletedAt: 900, parts: [{ file: "C:\\gone.mp4", size: 3, duration_ms: 1 }] },
        ],
      },
      {
        ratingKey: "13",
        section: "1",
        deletedAt: 950,
        media: [{ parts: [{ file: "/mnt/a/t.mp4" }] }],
      },
    ],
  },
  stash: {
    scenes: [
      {
        id: "7",
        title: "Seven",
        studio: "New",
        tags: ["t"],
        files: [{ path: "F:\\x.mp4", size: 5, duration: 7 }],
      },
      { id: 3, updated_at: "2030-01-01T00:00:00Z" },
    ],
  },
};

Deno.test("a library holds versions, parts, trash, unknown sizes and several sections", async () => {
  const { sections, items } = readPlexHalf(FULL);
  await withSim({ sections, items }, async ({ get, item }) => {
    const listed = async (query: string) => (await get(query)).Metadata as JsonRow[];
    const films = await listed("/library/sections/1/all?type=1&sort=id");
    assertEquals(films.map((row) => row.ratingKey), ["10", "12", "13"]);
    const [plain, versions, trashed] = films as [JsonRow, JsonRow, JsonRow];
    assertEquals([plain.title, plain.addedAt, plain.updatedAt, plain.duration], [
      "Plain",
      1000,
      2000,
      7000,
    ]);
    assertEquals((await item("10")).Field, [{ name: "title", locked: true }]);
    assertEquals([versions.addedAt, versions.updatedAt, versions.duration], [
      4_000_000_000,
      undefined,
      undefined,
    ]);
    const [stacked, optimized, gone] = versions.Media;
    assertEquals(stacked.Part.map((part: JsonRow) => [part.size, part.duration]), [
      [1, undefined],
      [undefined, undefined],
    ]);
    assertEquals([optimized.proxyType, gone.deletedAt], [42, 900]);
    assertEquals([trashed.deletedAt, trashed.Media[0].deletedAt], [950, 950]);
    assertEquals(titles(await get("/library/sections/3/all?type=1")), ["x"]);
    const [episode] = await listed("/library/sections/2/all?type=4");
    assertEquals([episode?.ratingKey, episode?.grandparentTitle], ["1", "S"]);
    // Its show is made on the way, under a key that nobody gave.
    assert(Number(episode?.grandparentRatingKey) > 13);
  });
});

Deno.test("a file in two sections is two items, and each is found by it", async () => {
  const { sections, items } = readPlexHalf(FULL);
  await withSim({ sections, items }, async ({ get }) => {
    for (const [section, want] of [["1", "10"], ["3", "11"]]) {
      const rows =
        (await get(`/library/sections/${section}/all?type=1&file=/mnt/a/x.mp4`)).Metadata;
      assertEquals(rows.map((row: JsonRow) => row.ratingKey), [want]);
    }
  });
});

Deno.test("what is in the trash is not on disk: a scan leaves it there", async () => {
  const { sections, items } = readPlexHalf(FULL);
  await withSim(
    { sections, items, switches: { scanDelayMs: 0, scanStepMs: 0 } },
    async (client) => {
      await client.sim.addFiles([{ path: "/mnt/a/new.mp4" }]);
      const rows = (await client.get("/library/sections/1/all?type=1&trash=1")).Metadata;
      assertEquals(rows.map((row: JsonRow) => row.ratingKey), ["13"]);
    },
  );
});

Deno.test("a smaller library in the place of a larger one is another one: no order is kept", async () => {
  const items = ["a", "b", "c", "d"].map((name) => ({
    files: [{ path: `/data/scenes/${name}.mp4` }],
  }));
  await withSim({ items }, async ({ sim, get }) => {
    const listed = async () => titles(await get("/library/sections/1/all?type=1"));
    const counter = async () => (await get("/library/sections")).Directory[0].contentChangedAt;
    assertEquals(await listed(), ["a", "b", "c", "d"]);
    const before = await counter();
    const section = { key: "1", title: "S", type: "movie" as const, locations: ["/x"] };
    sim.load([section], [{ files: [{ path: "/x/z.mp4" }] }]);
    assertEquals(await listed(), ["z"]);
    assert(await counter() > before);
  });
});

async function post(url: string, body: unknown) {
  const response = await fetch(`${url}/__sim__/library`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

Deno.test("POST /__sim__/library replaces all of Plex, images and collections included", async () => {
  const items = [{
    files: [{ path: "/data/scenes/old.mp4" }],
    collections: ["Old"],
    genres: ["G"],
  }];
  await withSim({ items, switches: { imageLagMs: 0 } }, async ({ sim, get, send }) => {
    const body = new Uint8Array([1]);
    await (await send("POST", "/library/metadata/1/posters", { body })).body?.cancel();
    const before = (await get("/library/sections")).Directory[0].contentChangedAt;
    assertEquals(await post(sim.url, FULL), { status: 200, json: { sections: 3, items: 5 } });
    const sections = (await get("/library/sections")).Directory;
    assertEquals(sections.map((s: JsonRow) => s.key), ["1", "2", "3"]);
    assertEquals(sections[0].contentChangedAt > before, true);
    assertEquals(titles(await get("/library/sections/1/all?type=1&sort=id")), [
      "Plain",
      "pt1",
      "t",
    ]);
    assertEquals(titles(await get("/library/sections/1/collections")), []);
    assertEquals(sim.items().map((view) => view.poster), [null, null, null, null, null]);
    // New ratingKeys are above those given.
    await sim.addFiles([{ path: "/mnt/a/n.mp4" }]);
    assertEquals(Number(sim.items().find((v) => v.title === "n")?.ratingKey) > 13, true);
  });
});

Deno.test("POST /__sim__/library replaces all of Stash", async () => {
  const old = {
    title: "old",
    tags: ["t"],
    studio: "Old",
    performers: ["P"],
    groups: [{ name: "G" }],
    files: [{ path: "/old.mp4" }],
  };
  await withStash({ scenes: [old, {}] }, async (stash) => {
    assertEquals(await post(stash.url, FULL), { status: 200, json: { scenes: 2 } });
    assertEquals(stash.scenes().map(({ id, title }) => [id, title]), [["3", ""], ["7", "Seven"]]);
    const [, seven] = stash.scenes();
    const { tags, studio, performers, groups, files } = seven ?? {};
    assertEquals([tags, studio?.id, performers, groups], [[{ id: "1", name: "t" }], "1", [], []]);
    assertEquals(files?.map(({ id, path }) => [id, path]), [["1", "F:\\x.mp4"]]);
    assertEquals(stash.scenes()[0]?.updated_at, "2030-01-01T00:00:00Z");
    stash.upsert([{ title: "next" }]);
    assertEquals(stash.scenes().at(-1)?.id, "8");
  });
});

type Path = (string | number)[];

/** The full document with one member changed; undefined takes it away. */
function spoilt(path: Path, value: unknown): unknown {
  const copy = structuredClone(FULL) as unknown;
  // deno-lint-ignore no-explicit-any -- walks wherever the row says
  let at = copy as any;
  for (const step of path.slice(0, -1)) at = at[step];
  at[path.at(-1) as string] = value;
  return copy;
}

const BAD: { path: Path; value: unknown; reason: RegExp }[] = [
  { path: ["plex"], value: undefined, reason: /^plex: / },
  { path: ["stash"], value: [], reason: /^stash: / },
  { path: ["more"], value: 1, reason: /more/ },
  { path: ["plex", "sections"], value: [], reason: /^plex\.sections: / },
  { path: ["plex", "sections", 0, "type"], value: "music", reason: /^plex\.sections\.0\.type: / },
  { path: ["plex", "sections", 0, "key"], value: "2", reason: /sections\.1\.key: "2" is taken/ },
  { path: ["plex", "items", 0, "section"], value: "9", reason: /no section has the key "9"/ },
  {
    path: ["plex", "items", 2, "ratingKey"],
    value: "10",
    reason: /items\.2\.ratingKey: "10" is taken/,
  },
  { path: ["plex", "items", 0, "ratingKey"], value: "x", reason: /items\.0\.ratingKey/ },
  { path: ["plex", "items", 0, "media"], value: [], reason: /items\.0\.media/ },
  { path: ["plex", "items", 0, "media", 0, "parts"], value: [], reason: /media\.0\.parts/ },
  { path: ["plex", "items", 0, "media", 0, "proxyType"], value: 41, reason: /proxyType/ },
  {
    path: ["plex", "items", 0, "media", 0, "parts", 0, "size"],
    value: -1,
    reason: /parts\.0\.size/,
  },
  { path: ["plex", "items", 0, "titel"], value: "x", reason: /titel/ },
  {
    path: ["stash", "scenes", 0, "files"],
    value: [{ size: 1 }],
    reason: /scenes\.0\.files\.0\.path/,
  },
  { path: ["stash", "scenes", 1, "id"], value: 7, reason: /scenes\.1\.id: "7" is taken/ },
];
for (const { path, value, reason } of BAD) {
  const what = `${path.join(".")} = ${JSON.stringify(value)}`;
  Deno.test(`readLibrary() refuses ${what} and says where`, () => {
    const error = assertThrows(() => readLibrary(spoilt(path, value)), BadLibrary);
    assertMatch(error.message, reason);
  });
}

Deno.test("each half is read without the other", () => {
  assertEquals(readPlexHalf({ plex: FULL.plex }).items.length, 5);
  assertEquals(readStashHalf({ stash: FULL.stash, plex: "broken" }).length, 2);
});

Deno.test("only the first mistakes are named", () => {
  const items = Array.from({ length: 40 }, () => ({ ratingKey: "0" }));
  const error = assertThrows(() => readLibrary(spoilt(["plex", "items"], items)), BadLibrary);
  assertStringIncludes(error.message, "and ");
  assertEquals(error.message.split("; ").length, 11);
});

Deno.test("a refused library changes nothing, on either server", async () => {
  const bad = { plex: { sections: [] }, stash: { scenes: [{ titel: "x" }] } };
  const plex = await startSimPlex({ items: [{ files: [{ path: "/data/scenes/a.mp4" }] }] });
  try {
    await withStash({ scenes: [{ title: "kept" }] }, async (stash) => {
      for (const url of [plex.url, stash.url]) {
        const { status, json } = await post(url, bad);
        assertEquals(status, 400);
        assertMatch(json.error, /plex\.sections|stash\.scenes\.0/);
      }
      assertEquals(plex.items().map(({ title }) => title), ["a"]);
      assertEquals(stash.scenes().map(({ title }) => title), ["kept"]);
    });
  } finally {
    await plex.close();
  }
});
