import { assert, assertEquals } from "@std/assert";
import type { SimPlexSwitches } from "./server.ts";
import { file, type JsonRow, scenes, status, tags, titles, withSim } from "./testing.ts";

const forms = [
  { form: "item", path: "/library/metadata/1", extra: {} as Record<string, string> },
  { form: "section", path: "/library/sections/1/all", extra: { type: "1", id: "1" } },
];
for (const { form, path, extra } of forms) {
  Deno.test(`${form} form: one PUT writes fields, locks and tags together`, async () => {
    await withSim({ items: scenes("a", "b") }, async ({ put, item, sim }) => {
      const edit = {
        ...extra,
        "title.value": "New",
        "title.locked": "1",
        "studio.value": "Studio",
        "summary.value": "Text",
        "genre[0].tag.tag": "One",
        "genre[1].tag.tag": "Two",
        "genre.locked": "1",
        "actor[0].tag.tag": "Ann",
        "actor[0].tagging.text": "Self",
        "nonsense.value": "x",
        "bogus[0].tag.tag": "x",
      };
      assertEquals(await put(path, edit), 200);
      const row = await item("1");
      assertEquals([row.title, row.studio, row.summary], ["New", "Studio", "Text"]);
      assertEquals(tags(row, "Genre"), ["One", "Two"]);
      assertEquals([row.Role[0].tag, row.Role[0].role], ["Ann", "Self"]);
      assertEquals(row.Field, [{ name: "genre", locked: true }, { name: "title", locked: true }]);
      assertEquals(sim.items()[1]?.title, "b");
    });
  });
}

Deno.test("an empty value clears a field, which then is absent", async () => {
  const seed = {
    files: [file("a.mp4")],
    tagline: "t",
    originallyAvailableAt: "2020-02-03",
    userRating: 5,
  };
  await withSim({ items: [seed] }, async ({ put, item, sim }) => {
    const edit = { "tagline.value": "", "originallyAvailableAt.value": "", "userRating.value": "" };
    assertEquals(await put("/library/metadata/1", edit), 200);
    const row = await item("1");
    for (const name of ["tagline", "originallyAvailableAt", "year", "userRating"]) {
      assert(!(name in row), name);
    }
    assertEquals(sim.items()[0]?.tagline, null);
  });
});

Deno.test("the year follows the date and cannot be written", async () => {
  await withSim({ items: scenes("a") }, async ({ put, item }) => {
    await put("/library/metadata/1", { "originallyAvailableAt.value": "1999-12-31" });
    assertEquals((await item("1")).year, 1999);
    await put("/library/metadata/1", { "year.value": "2005" });
    assertEquals((await item("1")).year, 1999);
  });
});

Deno.test("a new title brings a new sort title unless that is locked or sent as well", async () => {
  await withSim({ items: scenes("a") }, async ({ put, item }) => {
    await put("/library/metadata/1", { "title.value": "The One", "titleSort.value": "Zzz" });
    assertEquals((await item("1")).titleSort, "Zzz");
    await put("/library/metadata/1", { "title.value": "The Two" });
    assertEquals((await item("1")).titleSort, "Two");
    await put("/library/metadata/1", { "titleSort.value": "Fixed", "titleSort.locked": "1" });
    await put("/library/metadata/1", { "title.value": "The Three" });
    assertEquals((await item("1")).titleSort, "Fixed");
  });
});

Deno.test("only .locked changes no value, and 0 unlocks", async () => {
  const seed = { files: [file("a.mp4")], summary: "s", genres: ["G"], locked: ["summary"] };
  await withSim({ items: [seed] }, async ({ put, item }) => {
    await put("/library/metadata/1", {
      "summary.locked": "0",
      "genre.locked": "1",
      "thumb.locked": "1",
    });
    const row = await item("1");
    assertEquals([row.summary, tags(row, "Genre")], ["s", ["G"]]);
    assertEquals(row.Field, [{ name: "genre", locked: true }, { name: "thumb", locked: true }]);
  });
});

const positions: { what: string; switches: Partial<SimPlexSwitches>; want: unknown }[] = [
  { what: "a write locks nothing by default", switches: {}, want: [" x ", []] },
  {
    what: "lockOnWrite locks what was written",
    switches: { lockOnWrite: true },
    want: [" x ", ["genre", "studio"]],
  },
  { what: "deaf: 200 and nothing changed", switches: { deaf: true }, want: [null, []] },
  { what: "trimValues cuts blanks off", switches: { trimValues: true }, want: ["x", []] },
  { what: "plusIsSpace off", switches: { plusIsSpace: false }, want: [" x ", []] },
];
for (const { what, switches, want } of positions) {
  Deno.test(`switch: ${what}`, async () => {
    await withSim({ items: scenes("a"), switches }, async ({ put, sim }) => {
      const edit = { "studio.value": " x ", "genre[0].tag.tag": "g" };
      assertEquals(await put("/library/metadata/1", edit), 200);
      const view = sim.items()[0];
      assertEquals([view?.studio, view?.locked], want);
    });
  });
}

Deno.test("switch plusIsSpace decides what a plus in a query means", async () => {
  await withSim({ items: scenes("a") }, async ({ send, sim }) => {
    const write = () => status(send("PUT", "/library/metadata/1?studio.value=a+b%2Bc"));
    assertEquals(await write(), 200);
    assertEquals(sim.items()[0]?.studio, "a b+c");
    sim.switches.plusIsSpace = false;
    assertEquals(await write(), 200);
    assertEquals(sim.items()[0]?.studio, "a+b+c");
  });
});

Deno.test("editionTitle takes effect with Plex Pass only", async () => {
  await withSim({ items: scenes("a") }, async ({ put, item, sim }) => {
    await put("/library/metadata/1", { "editionTitle.value": "Cut" });
    assertEquals((await item("1")).editionTitle, undefined);
    sim.switches.plexPass = true;
    await put("/library/metadata/1", { "editionTitle.value": "Cut" });
    assertEquals((await item("1")).editionTitle, "Cut");
  });
});

Deno.test("an edit bumps updatedAt and the section's counter, unless the switch holds the stamp", async () => {
  let now = 5_000_000;
  await withSim({ items: scenes("a"), now: () => now }, async ({ put, get, item, sim }) => {
    const before = (await get("/library/sections")).Directory[0].contentChangedAt;
    now += 60_000;
    await put("/library/metadata/1", { "studio.value": "x" });
    assertEquals((await item("1")).updatedAt, 5060);
    assert((await get("/library/sections")).Directory[0].contentChangedAt > before);
    sim.switches.editsBumpUpdatedAt = false;
    now += 60_000;
    await put("/library/metadata/1", { "studio.value": "y" });
    assertEquals((await item("1")).updatedAt, 5060);
  });
});

const bad: Record<string, string>[] = [
  { "originallyAvailableAt.value": "yesterday" },
  { "originallyAvailableAt.value": "2021-02-30" },
  { "userRating.value": "eleven" },
  { "rating.value": "11" },
  { "addedAt.value": "soon" },
];
for (const edit of bad) {
  Deno.test(`bad data in a known field answers 500 and changes nothing: ${JSON.stringify(edit)}`, async () => {
    await withSim({ items: scenes("a") }, async ({ put, sim }) => {
      assertEquals(await put("/library/metadata/1", { "studio.value": "x", ...edit }), 500);
      assertEquals(sim.items()[0]?.studio, null);
    });
  });
}

Deno.test("a section PUT without id edits everything, and is remembered as a violation", async () => {
  await withSim({ items: scenes("a", "b", "c") }, async ({ put, sim }) => {
    assertEquals(
      await put("/library/sections/1/all", { type: "1", id: "2", "studio.value": "x" }),
      200,
    );
    assertEquals(sim.violations(), []);
    assertEquals(sim.items().map((view) => view.studio), [null, "x", null]);
    assertEquals(await put("/library/sections/1/all", { type: "1", "studio.value": "y" }), 200);
    assertEquals(sim.items().map((view) => view.studio), ["y", "y", "y"]);
    // A filter that is not understood selects everything as well.
    await put("/library/sections/1/all", { type: "1", id: "abc", "studio.value": "z" });
    assertEquals(sim.items().map((view) => view.studio), ["z", "z", "z"]);
    assertEquals(sim.violations().length, 2);
  });
});

Deno.test("a section PUT obeys filters beside the edit", async () => {
  await withSim({ items: scenes("a", "b", "c") }, async ({ put, sim }) => {
    await put("/library/sections/1/all", { type: "1", title: "b", "studio.value": "x" });
    assertEquals(sim.items().map((view) => view.studio), [null, "x", null]);
  });
});

Deno.test("unknown ids in an edit: the known are edited, none is 404", async () => {
  await withSim({ items: scenes("a", "b") }, async ({ put, sim }) => {
    const path = "/library/sections/1/all";
    assertEquals(await put(path, { type: "1", id: "1,9", "studio.value": "x" }), 200);
    assertEquals(sim.items().map((view) => view.studio), ["x", null]);
    assertEquals(await put(path, { type: "1", id: "9", "studio.value": "x" }), 404);
  });
});

Deno.test("a section edit reaches no item of another section", async () => {
  const sections = ["1", "2"].map((key) => ({
    key,
    title: `Library ${key}`,
    type: "movie" as const,
    locations: [`/data/${key}`],
  }));
  const items = [{ files: [{ path: "/data/1/a.mp4" }] }, { files: [{ path: "/data/2/b.mp4" }] }];
  await withSim({ sections, items }, async ({ put, sim }) => {
    const edit = { type: "1", id: "2", "studio.value": "x" };
    assertEquals(await put("/library/sections/1/all", edit), 404);
    assertEquals(await put("/library/sections/2/all", edit), 200);
    assertEquals(sim.items().map((view) => view.studio), [null, "x"]);
  });
});

Deno.test("an edit with the wrong type answers 404, or 200 without effect", async () => {
  await withSim({ items: scenes("a") }, async ({ put, sim }) => {
    const edit = { type: "4", id: "1", "studio.value": "x" };
    assertEquals(await put("/library/sections/1/all", edit), 404);
    sim.switches.wrongType = "noop";
    assertEquals(await put("/library/sections/1/all", edit), 200);
    assertEquals(sim.items()[0]?.studio, null);
  });
});

Deno.test("a target above the URL limit answers 414, for reads and writes", async () => {
  await withSim({ items: scenes("a") }, async ({ send, put, sim }) => {
    assertEquals(await put("/library/metadata/1", { "summary.value": "é".repeat(1000) }), 200);
    assertEquals(await put("/library/metadata/1", { "summary.value": "日".repeat(1000) }), 414);
    assertEquals(await status(send("GET", `/library/metadata/${"1,".repeat(5000)}1`)), 414);
    sim.switches.maxUrlLength = 500_000;
    assertEquals(await put("/library/metadata/1", { "summary.value": "日".repeat(3000) }), 200);
    assertEquals(sim.items()[0]?.summary?.length, 3000);
  });
});

Deno.test("a metadata refresh rewrites unlocked fields and leaves locked ones", async () => {
  await withSim({ items: scenes("a", "b") }, async ({ send, put, sim }) => {
    const edit = {
      "title.value": "T",
      "studio.value": "S",
      "genre[0].tag.tag": "G",
      "label[0].tag.tag": "L",
    };
    const locks = { "title.locked": "1", "genre.locked": "1" };
    await put("/library/metadata/1", { ...edit, ...locks });
    await put("/library/metadata/2", edit);
    assertEquals(await status(send("PUT", "/library/metadata/1/refresh")), 200);
    await status(send("GET", "/library/sections/1/refresh?force=1"));
    const [locked, free] = sim.items();
    assertEquals([locked?.title, locked?.studio, locked?.genres], ["T", null, ["G"]]);
    assertEquals([free?.title, free?.genres, free?.labels], ["b", [], ["L"]]);
  });
});

Deno.test("episodes take fewer fields and tag kinds", async () => {
  const sections = [{ key: "2", title: "Shows", type: "show" as const, locations: ["/tv"] }];
  await withSim(
    { sections, items: [{ files: [{ path: "/tv/e.mp4" }] }] },
    async ({ put, item, get }) => {
      const rk = (await get("/library/sections/2/all?type=4")).Metadata[0].ratingKey;
      const edit = {
        "title.value": "E",
        "studio.value": "S",
        "genre[0].tag.tag": "G",
        "label[0].tag.tag": "L",
        "index.value": "3",
      };
      assertEquals(await put("/library/sections/2/all", { type: "4", id: rk, ...edit }), 200);
      const row = await item(rk);
      assertEquals([row.title, row.studio, row.index], ["E", undefined, 3]);
      assertEquals([tags(row, "Genre"), tags(row, "Label")], [[], ["L"]]);
    },
  );
});

Deno.test("ratings: PUT or GET, -1 clears, bad values 400, unknown items 404", async () => {
  await withSim({ items: scenes("a") }, async ({ send, item, get }) => {
    const rate = (method: string, query: string) =>
      status(send(method, `/:/rate?identifier=com.plexapp.plugins.library&${query}`));
    assertEquals(await rate("PUT", "key=1&rating=7.5"), 200);
    assertEquals((await item("1")).userRating, 7.5);
    assertEquals(titles(await get("/library/sections/1/all?type=1&userRating%3E=7")), ["a"]);
    assertEquals(await rate("GET", "key=1&rating=-1"), 200);
    assertEquals((await item("1")).userRating, undefined);
    for (
      const query of [
        "key=1&rating=11",
        "key=1&rating=x",
        "key=1",
        "key=1&rating=5&ratedAt=9999999999",
      ]
    ) {
      assertEquals(await rate("PUT", query), 400, query);
    }
    assertEquals(await rate("PUT", "key=9&rating=5"), 404);
  });
});

Deno.test("DELETE of an item answers 403, deletes nothing and is remembered", async () => {
  await withSim({ items: scenes("a") }, async ({ send, sim }) => {
    assertEquals(await status(send("DELETE", "/library/metadata/1")), 403);
    assertEquals([sim.items().length, sim.violations()], [1, ["DELETE /library/metadata/1"]]);
  });
});

/** One item of a show section, and a PUT to it. */
function withEpisode(
  switches: Partial<SimPlexSwitches>,
  test: (
    put: (edit: Record<string, string>) => Promise<number>,
    row: () => Promise<JsonRow>,
  ) => Promise<void>,
): Promise<void> {
  const sections = [{ key: "2", title: "Shows", type: "show" as const, locations: ["/tv"] }];
  const items = [{ files: [{ path: "/tv/e.mp4" }] }];
  return withSim({ sections, items, switches }, async ({ put, item, get }) => {
    const rk = (await get("/library/sections/2/all?type=4")).Metadata[0].ratingKey;
    await test((edit) => put(`/library/metadata/${rk}`, edit), () => item(rk));
  });
}

const FOREIGN: Record<string, string>[] = [
  { "studio.value": "S" },
  { "tagline.value": "T" },
  { "genre[0].tag.tag": "G" },
  { "actor[0].tag.tag": "A" },
];
for (const foreign of FOREIGN) {
  const name = Object.keys(foreign)[0]?.replace(/[[.].*/, "") ?? "";
  Deno.test(`an episode has no ${name}: no effect, lock included, or 400 for the whole edit`, async () => {
    for (const episodeFields of ["ignored", "refused"] as const) {
      await withEpisode({ episodeFields }, async (put, row) => {
        const edit = { ...foreign, [`${name}.locked`]: "1", "summary.value": "M" };
        const refused = episodeFields === "refused";
        assertEquals(await put(edit), refused ? 400 : 200);
        const { summary, studio, tagline, Genre, Role, Field } = await row();
        assertEquals([summary, studio, tagline], [refused ? "" : "M", undefined, undefined]);
        assertEquals([Genre, Role, Field], [undefined, undefined, undefined]);
      });
    }
  });
}

Deno.test("what episodes have is written wherever the rest is refused", async () => {
  await withEpisode({ episodeFields: "refused" }, async (put, row) => {
    const edit = { "title.value": "E", "contentRating.value": "R", "director[0].tag.tag": "D" };
    assertEquals(await put(edit), 200);
    const episode = await row();
    assertEquals([episode.title, episode.contentRating, tags(episode, "Director")], [
      "E",
      "R",
      ["D"],
    ]);
  });
});

Deno.test("a locked order outlives a new title, also one that was never written", async () => {
  const seed = { files: [file("a.mp4")], title: "The Old", locked: ["titleSort"] };
  await withSim({ items: [seed] }, async ({ put, item }) => {
    await put("/library/metadata/1", { "title.value": "New" });
    assertEquals([(await item("1")).title, (await item("1")).titleSort], ["New", "Old"]);
  });
});

const RATINGS: { switches: Partial<SimPlexSwitches>; want: number | undefined }[] = [
  { switches: {}, want: 7.3 },
  { switches: { ratingStep: 0.5 }, want: 7.5 },
  { switches: { ratingStep: 1 }, want: 7 },
  { switches: { ratingIgnored: true }, want: undefined },
];
for (const { switches, want } of RATINGS) {
  Deno.test(`a rating of 7.3 under ${JSON.stringify(switches)} reads back as ${want}`, async () => {
    await withSim({ items: scenes("a"), switches }, async ({ send, item, put }) => {
      const query = "identifier=com.plexapp.plugins.library&key=1&rating=7.3";
      assertEquals(await status(send("PUT", `/:/rate?${query}`)), 200);
      assertEquals((await item("1")).userRating, want);
      await put("/library/metadata/1", { "userRating.value": "7.3" });
      assertEquals((await item("1")).userRating, want ?? 7.3);
    });
  });
}
