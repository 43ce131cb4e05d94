import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { SceneSeed } from "./server.ts";
import { ask, idsOf, withStash } from "./testing.ts";

const many = (count: number): SceneSeed[] =>
  Array.from({ length: count }, (_, at) => ({ title: `Scene ${String(at + 1).padStart(3, "0")}` }));
const FIND = `query($f: FindFilterType, $ids: [ID!]) {
  findScenes(filter: $f, ids: $ids) { count scenes { id title } }
}`;

const PAGES: { filter: Record<string, unknown>; first: string | undefined; rows: number }[] = [
  { filter: { sort: "id" }, first: "1", rows: 25 },
  { filter: { sort: "id", page: 2 }, first: "26", rows: 25 },
  { filter: { sort: "id", page: 3 }, first: "51", rows: 10 },
  { filter: { sort: "id", page: 4 }, first: undefined, rows: 0 },
  { filter: { sort: "id", page: 0 }, first: "1", rows: 25 },
  { filter: { sort: "id", page: -3, per_page: 10 }, first: "1", rows: 10 },
  { filter: { sort: "id", per_page: 0 }, first: undefined, rows: 0 },
  { filter: { sort: "id", per_page: -1, page: 9 }, first: "1", rows: 60 },
  { filter: { sort: "id", per_page: 100_000 }, first: "1", rows: 60 },
  { filter: { sort: "id", direction: "DESC", per_page: 5 }, first: "60", rows: 5 },
];
for (const { filter, first, rows } of PAGES) {
  Deno.test(`findScenes ${JSON.stringify(filter)} gives ${rows} of 60 from ${first}`, () =>
    withStash({ scenes: many(60) }, async (stash) => {
      const { data } = await ask(stash, FIND, { f: filter });
      assertEquals(data.findScenes.count, 60);
      assertEquals(data.findScenes.scenes.length, rows);
      assertEquals(data.findScenes.scenes[0]?.id, first);
    }));
}

Deno.test("without a sort there is no order to rely on", () =>
  withStash({
    // The studio's index happens to serve such a query, as any index may.
    scenes: [{ studio: "B" }, { studio: "A" }, { studio: "B" }, { studio: "A" }],
  }, async (stash) => {
    const unsorted = await idsOf(stash, {}, { per_page: -1 });
    assertEquals([...unsorted].sort(), ["1", "2", "3", "4"]);
    assertNotEquals(unsorted.join(), "1,2,3,4");
  }));

Deno.test("equal keys are ordered by title, upwards in both directions", () =>
  withStash({
    scenes: [
      { title: "b", date: "2020-01-01" },
      { title: "c", date: "2020-01-01" },
      { title: "a", date: "2020-01-01" },
      { title: "z", date: "2021-01-01" },
    ],
  }, async (stash) => {
    assertEquals(await idsOf(stash, {}, { sort: "date" }), ["3", "1", "2", "4"]);
    assertEquals(await idsOf(stash, {}, { sort: "date", direction: "DESC" }), ["4", "3", "1", "2"]);
  }));

for (const sort of ["nope", "constructor", "id; DROP TABLE scenes"]) {
  Deno.test(`sort "${sort}" is an error of the query, with status 200`, () =>
    withStash({}, async (stash) => {
      const { status, errors, data } = await ask(stash, FIND, { f: { sort } });
      assertEquals([status, errors?.[0]?.message, data], [200, `invalid sort: ${sort}`, null]);
    }));
}

const BY_IDS: { ids: string[]; version?: "0.27"; want?: string[]; error?: string }[] = [
  { ids: ["3", "1"], want: ["3", "1"] },
  { ids: ["1", "99", "2"], error: "scene with id 99 not found" },
  { ids: ["1", "1"], error: "duplicate" },
  { ids: ["1", "1"], version: "0.27", want: ["1", "1"] },
  { ids: ["one"], error: "invalid syntax" },
];
for (const { ids, version, want, error } of BY_IDS) {
  Deno.test(`ids [${ids}] on v${version ?? "0.30"} ${error ? `fails as a whole: ${error}` : "keeps the order"}`, () =>
    withStash({ scenes: many(3), version }, async (stash) => {
      const { data, errors } = await ask(stash, FIND, { ids });
      if (error !== undefined) {
        assertStringIncludes(errors?.[0]?.message ?? "", error);
        assertEquals(data, null);
      } else {
        assertEquals(data.findScenes.scenes.map((scene: { id: string }) => scene.id), want);
        assertEquals(data.findScenes.count, want?.length);
      }
    }));
}

const LIBRARY: SceneSeed[] = [
  {
    title: "Alpha",
    studio: { name: "Child", parent: "Parent" },
    tags: ["x", "y"],
    performers: ["P"],
    organized: true,
    files: [{ path: "/data/A b/one.mp4", size: 10 }, { path: "/data/alt/one_alt.mp4" }],
    date: "2020",
    stash_ids: [{ endpoint: "https://box/graphql", stash_id: "u-1" }],
  },
  {
    title: "beta",
    studio: "Parent",
    tags: ["x"],
    performers: ["P", "Q"],
    rating100: 80,
    files: [{ path: "C:\\media\\two%.mp4" }],
    date: "2020-05-06",
    groups: [{ name: "G" }],
  },
  { title: "gamma 100%", tags: ["y"], details: "text", cover: null },
  {},
];
const FILTERS: { filter: Record<string, unknown>; want: string }[] = [
  { filter: { organized: true }, want: "1" },
  { filter: { organized: false }, want: "2,3,4" },
  { filter: { id: { value: 2, modifier: "GREATER_THAN" } }, want: "3,4" },
  { filter: { rating100: { value: 0, modifier: "IS_NULL" } }, want: "1,3,4" },
  { filter: { title: { value: "ALPHA", modifier: "EQUALS" } }, want: "1" },
  { filter: { title: { value: "%a", modifier: "EQUALS" } }, want: "1,2" },
  { filter: { title: { value: "alph gamm", modifier: "INCLUDES" } }, want: "1,3" },
  { filter: { title: { value: '"gamma 1"', modifier: "INCLUDES" } }, want: "3" },
  { filter: { title: { value: "", modifier: "IS_NULL" } }, want: "4" },
  { filter: { title: { value: "^[a-b]", modifier: "MATCHES_REGEX" } }, want: "2" },
  { filter: { title: { value: "(?i)^[a-b]", modifier: "MATCHES_REGEX" } }, want: "1,2" },
  { filter: { path: { value: "one_alt", modifier: "INCLUDES" } }, want: "1" },
  { filter: { path: { value: "/data/A_b/ONE.mp4", modifier: "EQUALS" } }, want: "1" },
  { filter: { path: { value: "C:\\media", modifier: "INCLUDES" } }, want: "2" },
  { filter: { path: { value: "", modifier: "IS_NULL" } }, want: "3,4" },
  { filter: { file_count: { value: 1, modifier: "GREATER_THAN" } }, want: "1" },
  { filter: { tag_count: { value: 0, modifier: "EQUALS" } }, want: "4" },
  { filter: { is_missing: "cover" }, want: "3" },
  { filter: { is_missing: "studio" }, want: "3,4" },
  { filter: { is_missing: "performers" }, want: "3,4" },
  { filter: { is_missing: "tags" }, want: "4" },
  { filter: { is_missing: "date" }, want: "3,4" },
  { filter: { is_missing: "stash_id" }, want: "2,3,4" },
  { filter: { tags: { value: ["1"], modifier: "INCLUDES" } }, want: "1,2" },
  { filter: { tags: { value: ["1", "2"], modifier: "INCLUDES_ALL" } }, want: "1" },
  { filter: { tags: { value: ["1"], modifier: "EQUALS" } }, want: "2" },
  { filter: { tags: { value: ["1"], modifier: "EXCLUDES" } }, want: "3,4" },
  { filter: { tags: { modifier: "IS_NULL" } }, want: "4" },
  { filter: { performers: { value: ["2"], modifier: "INCLUDES" } }, want: "2" },
  { filter: { studios: { value: ["1"], modifier: "INCLUDES" } }, want: "2" },
  { filter: { studios: { value: ["1"], modifier: "INCLUDES", depth: -1 } }, want: "1,2" },
  { filter: { studios: { value: ["1"], modifier: "EXCLUDES" } }, want: "1,3,4" },
  { filter: { date: { value: "2020-01-01", modifier: "LESS_THAN" } }, want: "1" },
  {
    filter: {
      stash_id_endpoint: { endpoint: "https://box/graphql", stash_id: "u-1", modifier: "EQUALS" },
    },
    want: "1",
  },
  { filter: { stash_id_endpoint: { endpoint: "https://other", modifier: "NOT_NULL" } }, want: "" },
  { filter: { organized: false, AND: { is_missing: "tags" } }, want: "4" },
  { filter: { organized: true, OR: { is_missing: "tags" } }, want: "1,4" },
  { filter: { organized: false, NOT: { is_missing: "tags" } }, want: "2,3" },
  { filter: { performers_filter: { name: { value: "Q", modifier: "EQUALS" } } }, want: "2" },
  { filter: { studios_filter: { name: { value: "Child", modifier: "EQUALS" } } }, want: "1" },
  { filter: { tags_filter: { name: { value: "y", modifier: "EQUALS" } } }, want: "1,3" },
  { filter: { groups_filter: { name: { value: "G", modifier: "EQUALS" } } }, want: "2" },
];
for (const { filter, want } of FILTERS) {
  Deno.test(`scene_filter ${JSON.stringify(filter)} finds [${want}]`, () =>
    withStash({ scenes: LIBRARY }, async (stash) => {
      assertEquals((await idsOf(stash, filter)).join(), want);
    }));
}

Deno.test("related updated_at filters find the scenes of a renamed entity, whose own time stands still", async () => {
  let now = Date.parse("2026-11-22T12:00:00Z");
  await withStash({ scenes: LIBRARY, now: () => now }, async (stash) => {
    const before = stash.scenes().map((scene) => scene.updated_at);
    const since = { updated_at: { value: "2026-11-22T12:00:00Z", modifier: "GREATER_THAN" } };
    now += 5000;
    stash.updateEntity("performer", 1, { name: "P2" });
    stash.updateEntity("tag", "2", { name: "y2" });
    stash.updateEntity("studio", 2, { name: "Child2" });
    assertEquals(await idsOf(stash, since), []);
    assertEquals(await idsOf(stash, { performers_filter: since }), ["1", "2"]);
    assertEquals(await idsOf(stash, { tags_filter: since }), ["1", "3"]);
    assertEquals(await idsOf(stash, { studios_filter: since }), ["1"]);
    // Inner joins: OR cannot bring back scenes without a changed performer.
    assertEquals(await idsOf(stash, { performers_filter: since, OR: { tags_filter: since } }), [
      "1",
      "2",
    ]);
    assertEquals(stash.scenes().map((scene) => scene.updated_at), before);
    const entities = `query($t: TimestampCriterionInput!) {
      findPerformers(performer_filter: { updated_at: $t }) { count performers { name } }
      findStudios(studio_filter: { updated_at: $t }) { studios { name parent_studio { name } } }
      findTags(tag_filter: { updated_at: $t }) { tags { name } }
    }`;
    const { data } = await ask(stash, entities, { t: since.updated_at });
    assertEquals(data, {
      findPerformers: { count: 1, performers: [{ name: "P2" }] },
      findStudios: { studios: [{ name: "Child2", parent_studio: { name: "Parent" } }] },
      findTags: { tags: [{ name: "y2" }] },
    });
  });
});

Deno.test("files_filter finds a moved file, which no scene filter does", async () => {
  let now = Date.parse("2026-11-22T12:00:00Z");
  await withStash({ scenes: LIBRARY, now: () => now }, async (stash) => {
    const since = { updated_at: { value: "2026-11-22T12:00:00Z", modifier: "GREATER_THAN" } };
    now += 5000;
    stash.upsert([{ id: 2, files: [{ path: "C:\\media\\moved.mp4" }] }]);
    assertEquals(await idsOf(stash, since), []);
    assertEquals(await idsOf(stash, { files_filter: since }), ["2"]);
  });
});

Deno.test("q searches title, details and path; aggregates count all pages", () =>
  withStash({
    scenes: [
      { title: "Needle", files: [{ path: "/a.mp4", size: 5, duration: 1.5 }] },
      { details: "a needle here", files: [{ path: "/b.mp4", size: 7, duration: 2 }] },
      { title: "other" },
    ],
  }, async (stash) => {
    const query =
      `{ findScenes(filter: { q: "needle", per_page: 1 }) { count duration filesize } }`;
    const { data } = await ask(stash, query);
    assertEquals(data.findScenes, { count: 2, duration: 3.5, filesize: 12 });
  }));
