import { assert, assertEquals } from "@std/assert";
import type { SimPlexSwitches } from "./server.ts";
import { file, type JsonRow, scenes, status, tags, titles, withSim } from "./testing.ts";

const ALL = "/library/sections/1/all?type=1";
const five = scenes("a", "b", "c", "d", "e");

const pages: {
  what: string;
  query: string;
  switches?: Partial<SimPlexSwitches>;
  want: string;
  total?: number;
}[] = [
  { what: "no paging", query: "", want: "abcde" },
  {
    what: "start and size",
    query: "&X-Plex-Container-Start=1&X-Plex-Container-Size=2",
    want: "bc",
    total: 5,
  },
  {
    what: "a page behind the end",
    query: "&X-Plex-Container-Start=4&X-Plex-Container-Size=9",
    want: "e",
    total: 5,
  },
  {
    what: "size 0, the count only",
    query: "&X-Plex-Container-Start=0&X-Plex-Container-Size=0",
    want: "",
    total: 5,
  },
  { what: "size without start is ignored", query: "&X-Plex-Container-Size=2", want: "abcde" },
  {
    what: "size without start where it is honoured",
    query: "&X-Plex-Container-Size=2",
    switches: { sizeWithoutStart: "honour" },
    want: "ab",
    total: 5,
  },
  {
    what: "fewer rows than asked",
    query: "&X-Plex-Container-Start=0&X-Plex-Container-Size=4",
    switches: { pageCap: 3 },
    want: "abc",
    total: 5,
  },
  { what: "limit without paging", query: "&limit=2", want: "ab" },
  {
    what: "limit, which is the total as well",
    query: "&limit=3&X-Plex-Container-Start=2&X-Plex-Container-Size=2",
    want: "c",
    total: 3,
  },
];
for (const { what, query, switches, want, total } of pages) {
  Deno.test(`paging: ${what}`, async () => {
    await withSim({ items: five, switches }, async ({ get }) => {
      const container = await get(ALL + query);
      assertEquals(titles(container).join(""), want);
      assertEquals([container.size, container.totalSize], [want.length, total]);
    });
  });
}

Deno.test("paging by headers is mirrored in headers", async () => {
  await withSim({ items: five }, async ({ send }) => {
    const response = await send("GET", ALL, {
      headers: { "X-Plex-Container-Start": "2", "X-Plex-Container-Size": "2" },
    });
    assertEquals(response.headers.get("X-Plex-Container-Start"), "2");
    assertEquals(response.headers.get("X-Plex-Container-Total-Size"), "5");
    const { MediaContainer } = await response.json();
    assertEquals([MediaContainer.offset, titles(MediaContainer)], [2, ["c", "d"]]);
  });
});

Deno.test("a missing size answers 400 where the switch says so", async () => {
  await withSim({ items: five, switches: { missingSize: "400" } }, async ({ send }) => {
    assertEquals(await status(send("GET", ALL)), 400);
    const paged = `${ALL}&X-Plex-Container-Start=0&X-Plex-Container-Size=1`;
    assertEquals(await status(send("GET", paged)), 200);
  });
});

Deno.test("a listing shifts under a pager when titles change, and sort=id does not", async () => {
  await withSim({ items: five }, async ({ get, put }) => {
    const page = (start: number, sort: string) =>
      get(`${ALL}&sort=${sort}&X-Plex-Container-Start=${start}&X-Plex-Container-Size=2`);
    assertEquals(titles(await page(0, "titleSort")), ["a", "b"]);
    await put("/library/metadata/1", { "title.value": "z" });
    assertEquals(titles(await page(2, "titleSort")), ["d", "e"]);
    assertEquals(titles(await page(2, "id")), ["c", "d"]);
  });
});

Deno.test("a listing that is kept for its walk shows what changed, and what switches change", async () => {
  const items = five.map((seed) => ({ ...seed, updatedAt: 100, addedAt: 100 }));
  await withSim({ items }, async ({ sim, get, put }) => {
    const since = (second: number) => get(`${ALL}&updatedAt%3E=${second}&sort=id`);
    assertEquals(titles(await since(100)).join(""), "abcde");
    assertEquals(titles(await since(101)).join(""), "");
    await put("/library/metadata/2", { "title.value": "new" });
    assertEquals(titles(await since(101)).join(""), "new");
    sim.switches.dateCompare = "strict";
    assertEquals(titles(await since(100)).join(""), "new");
  });
});

/** Shortest of some answers, in ms: the one that was disturbed least. */
async function fastest(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < 20; at++) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}

Deno.test("a page of a filtered listing takes as long with 40,000 items as with 1,000", async () => {
  const page = async (count: number) => {
    const items = scenes(...Array.from({ length: count }, (_, at) => `s${at}`));
    let ms = 0;
    await withSim({ items }, async ({ get }) => {
      const filter = "updatedAt%3E=5&or=1&addedAt%3E=5&sort=addedAt";
      const paging = "X-Plex-Container-Start=50&X-Plex-Container-Size=1";
      ms = await fastest(() => get(`${ALL}&${filter}&${paging}`));
    });
    return ms;
  };
  const [few, many] = [await page(1_000), await page(40_000)];
  assert(many < few * 8, `${many} ms with 40,000, ${few} ms with 1,000`);
});

// "The c" sorts as "c", between "b" and "Zed".
const sorts: [string, string][] = [
  ["", "b,The c,Zed"],
  ["titleSort:desc", "Zed,The c,b"],
  ["id", "Zed,The c,b"],
  ["year", "The c,b,Zed"],
  ["year:desc", "Zed,b,The c"],
  ["year:nullsLast", "b,Zed,The c"],
  ["addedAt:desc,id", "b,The c,Zed"],
  ["nonsense", "b,The c,Zed"],
];
for (const [sort, want] of sorts) {
  Deno.test(`sort=${sort || "(none)"} gives ${want}`, async () => {
    const items = [
      { title: "Zed", files: [file("1.mp4")], originallyAvailableAt: "2020-01-01", addedAt: 10 },
      { title: "The c", files: [file("2.mp4")], addedAt: 20 },
      { title: "b", files: [file("3.mp4")], originallyAvailableAt: "2010-01-01", addedAt: 30 },
    ];
    await withSim({ items }, async ({ get }) => {
      assertEquals(titles(await get(`${ALL}&sort=${sort}`)).join(","), want);
    });
  });
}

const rich = {
  files: [file("rich.mp4")],
  genres: ["G1", "G2", "G3", "G4"],
  actors: [{ name: "Ann", role: "Self", thumb: "http://x/ann.jpg" }, "Bea"],
  labels: ["L"],
  collections: ["C"],
  guids: ["imdb://tt1"],
  locked: ["title", "genre"],
};

Deno.test("a listing truncates tags and leaves out what only details have", async () => {
  await withSim({ items: [rich] }, async ({ sim, get }) => {
    const row = (await get(ALL)).Metadata[0];
    assertEquals(row.Genre, [{ tag: "G1" }, { tag: "G2" }, { tag: "G3" }]);
    assertEquals(row.Role, [{ tag: "Ann" }, { tag: "Bea" }]);
    for (const name of ["Collection", "Field", "Guid", "Label"]) assert(!(name in row), name);
    assert(!("Stream" in row.Media[0].Part[0]));
    assertEquals(row.Media[0].Part[0].file, "/data/scenes/rich.mp4");
    assertEquals((await get(`${ALL}&includeGuids=1`)).Metadata[0].Guid, [{ id: "imdb://tt1" }]);
    sim.switches.labelsInListing = true;
    sim.switches.listedTags = 2;
    const other = (await get(ALL)).Metadata[0];
    assertEquals([tags(other, "Label"), tags(other, "Genre")], [["L"], ["G1", "G2"]]);
    const trimmed =
      (await get(`${ALL}&excludeElements=Genre,Role&excludeFields=summary`)).Metadata[0];
    for (const name of ["Genre", "Role", "summary"]) assert(!(name in trimmed), name);
  });
});

Deno.test("a detail has complete tags with ids, locks, collections and streams", async () => {
  await withSim({ items: [rich] }, async ({ item }) => {
    const row = await item("1");
    assertEquals(tags(row, "Genre"), ["G1", "G2", "G3", "G4"]);
    const [ann] = row.Role;
    assertEquals([ann.tag, ann.role, ann.thumb], ["Ann", "Self", "http://x/ann.jpg"]);
    assertEquals(ann.filter, `actor=${ann.id}`);
    assertEquals([tags(row, "Label"), tags(row, "Collection")], [["L"], ["C"]]);
    assertEquals(row.Field, [{ name: "genre", locked: true }, { name: "title", locked: true }]);
    assertEquals([row.librarySectionID, row.librarySectionTitle], [1, "Scenes"]);
    assert(row.Media[0].Part[0].Stream.length > 0);
  });
});

Deno.test("several ids in one detail request: missing ones are left out, none is 404", async () => {
  await withSim({ items: five }, async ({ sim, get, send }) => {
    assertEquals(titles(await get("/library/metadata/3,99,1")).sort(), ["a", "c"]);
    assertEquals(await status(send("GET", "/library/metadata/98,99")), 404);
    sim.switches.missingIds = "404";
    assertEquals(await status(send("GET", "/library/metadata/3,99")), 404);
  });
});

Deno.test("items come with versions, stacked parts, optimized versions, odd paths, trash and no stamp", async () => {
  const items = [
    { files: [file("two.mp4"), file("two.mkv"), file("opt.mp4", { optimized: true })] },
    { stacks: [[file("s1.avi"), file("s2.avi")]] },
    { files: [{ path: "\\\\?\\P:\\scenes\\long.mp4" }], withoutUpdatedAt: true },
    { files: [file("gone.mp4")], trashed: true },
  ];
  await withSim({ items }, async ({ get }) => {
    const rows: JsonRow[] = (await get(`${ALL}&sort=id`)).Metadata;
    assertEquals(rows[0]?.Media.map((m: JsonRow) => m.proxyType ?? 0), [0, 0, 42]);
    assertEquals(rows[1]?.Media[0].Part.map((p: JsonRow) => p.file), [
      "/data/scenes/s1.avi",
      "/data/scenes/s2.avi",
    ]);
    assertEquals([rows[2]?.title, "updatedAt" in (rows[2] ?? {})], ["long", false]);
    assertEquals(typeof rows[3]?.deletedAt, "number");
  });
});

Deno.test("a show section lists shows without a type, episodes with type 4, and 500 for file= without", async () => {
  const sections = [{ key: "2", title: "Shows", type: "show" as const, locations: ["/tv"] }];
  const items = [{ show: "S", files: [{ path: "/tv/e1.mp4" }] }, {
    show: "S",
    files: [{ path: "/tv/e2.mp4" }],
  }];
  await withSim({ sections, items }, async ({ get, send }) => {
    assertEquals(titles(await get("/library/sections/2/all")), ["S"]);
    assertEquals(titles(await get("/library/sections/2/all?type=4")), ["e1", "e2"]);
    assertEquals(titles(await get("/library/sections/2/all?type=4&show.title=s")), ["e1", "e2"]);
    assertEquals(await status(send("GET", "/library/sections/2/all?file=e1.mp4")), 500);
    assertEquals(titles(await get("/library/sections/2/all?type=4&file=e1.mp4")), ["e1"]);
  });
});

Deno.test("the whole server can be listed and searched by title", async () => {
  await withSim({ items: five }, async ({ get }) => {
    assertEquals(titles(await get("/library/all?type=1&title=c")), ["c"]);
    const hubs = (await get("/hubs/search?query=d&sectionId=1&limit=3")).Hub;
    assertEquals(titles(hubs[0]), ["d"]);
    assertEquals((await get("/library/search?query=e")).SearchResult[0].Metadata.title, "e");
  });
});

Deno.test("tag menus list the tags in use with the ids that filters take", async () => {
  await withSim(
    { items: [rich, { files: [file("b.mp4")], studio: "St" }] },
    async ({ get, put }) => {
      const menu = (await get("/library/sections/1/genre?type=1")).Directory;
      assertEquals(menu.map((row: JsonRow) => row.title), ["G1", "G2", "G3", "G4"]);
      assertEquals(titles(await get(`${ALL}&genre=${menu[1].key}`)), ["rich"]);
      assertEquals((await get("/library/sections/1/studio")).Directory[0].title, "St");
      assertEquals((await get("/library/sections/1/label")).Directory[0].title, "L");
      await put("/library/metadata/1", { "genre[].tag.tag-": "G1" });
      const later = (await get("/library/sections/1/genre?type=1")).Directory;
      assertEquals(later.map((row: JsonRow) => row.title), ["G2", "G3", "G4"]);
    },
  );
});
