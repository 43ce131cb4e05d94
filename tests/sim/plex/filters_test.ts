import { assertEquals } from "@std/assert";
import { compileFilter } from "./filters.ts";
import { parseQuery } from "./query.ts";
import { file, titles, withSim } from "./testing.ts";

const NOW = 1_700_000_000;

/** Four items whose titles are what the expectations are written in. */
const items = [
  {
    title: "alpha",
    files: [file("a.mp4")],
    studio: "North",
    addedAt: 100,
    updatedAt: 1000,
    genres: ["G1"],
  },
  {
    title: "beta",
    files: [file("b.mp4"), file("b2.mp4")],
    studio: "South",
    addedAt: 200,
    updatedAt: 2000,
    genres: ["G1", "G2"],
    originallyAvailableAt: "2020-05-05",
  },
  {
    title: "gamma",
    files: [file("c.mp4")],
    addedAt: 300,
    withoutUpdatedAt: true,
    userRating: 8,
    originallyAvailableAt: "2021-06-06",
  },
  {
    title: "alphabet",
    files: [{ path: "/data/scenes/sub/a.mp4" }],
    addedAt: NOW - 60,
    updatedAt: 3000,
    contentRating: "R",
  },
];
const EVERYTHING = "alpha,beta,gamma,alphabet";

// Keys are as they go over the wire: %3C is <, %3D is =, %3E is >.
const cases: { query: string; want: string; why?: string }[] = [
  { query: "title=pha", want: "alpha,alphabet" },
  { query: "title!=pha", want: "beta,gamma" },
  { query: "title%3D=Alpha", want: "alpha" },
  { query: "title==alpha", want: "", why: "contains '=alpha'" },
  { query: "title!%3D=alpha", want: "beta,gamma,alphabet" },
  { query: "title%3C=alph", want: "alpha,alphabet" },
  { query: "title%3E=bet", want: "alphabet" },
  { query: "studio=orth", want: "alpha" },
  { query: "year=2020", want: "beta" },
  { query: "year=2020,2021", want: "beta,gamma" },
  { query: "year!=2020", want: "alpha,gamma,alphabet" },
  { query: "year%3E%3E=2020", want: "gamma" },
  { query: "year%3C%3C=2021", want: "beta" },
  { query: "year%3E=2020", want: "beta,gamma" },
  { query: "year%3C=2020", want: "beta" },
  { query: "userRating%3E=8", want: "gamma" },
  { query: "id=1,3", want: "alpha,gamma" },
  { query: "genre=1", want: "alpha,beta" },
  { query: "genre=2,1", want: "alpha,beta" },
  { query: "genre!=2", want: "alpha,gamma,alphabet" },
  { query: "genre=G1", want: "", why: "tags are filtered by id" },
  { query: "contentRating=R", want: "alphabet" },
  { query: "duplicate=1", want: "beta" },
  { query: "duplicate=0", want: "alpha,gamma,alphabet" },
  { query: "addedAt%3E%3E=200", want: "gamma,alphabet" },
  { query: "addedAt>>=200", want: "gamma,alphabet" },
  { query: "addedAt%3C%3C=200", want: "alpha" },
  { query: "addedAt%3E=200", want: "beta,gamma,alphabet" },
  { query: "addedAt%3E%3E=-1h", want: "alphabet" },
  { query: "addedAt%3E%3E=-30s", want: "" },
  { query: "updatedAt%3E=2000", want: "beta,alphabet", why: "no stamp satisfies nothing" },
  { query: "updatedAt!=1000", want: "beta,alphabet" },
  { query: "updatedAt%3E%3D=2000", want: EVERYTHING, why: "an encoded = makes it vanish" },
  { query: "updatedAt%3E%3D2000", want: EVERYTHING, why: "no = at all" },
  { query: "originallyAvailableAt%3E%3E=1609459200", want: "gamma" },
  { query: "firstCharacter=a", want: EVERYTHING, why: "unknown filters are ignored" },
  { query: "year=abc", want: EVERYTHING },
  { query: "unmatched=x", want: EVERYTHING },
  { query: "title=pha&studio=north", want: "alpha" },
  { query: "updatedAt%3E=3000&or=1&addedAt%3E=300", want: "gamma,alphabet" },
  {
    query: "updatedAt%3E=3000&addedAt%3E=300&or=1",
    want: "alphabet",
    why: "or=1 at the end narrows",
  },
  { query: "push=1&title=beta&or=1&title=gamma&pop=1&year=2021", want: "gamma" },
  { query: "title=beta&or=1&title=gamma&year=2021", want: "beta,gamma", why: "AND binds closer" },
  { query: "year=2021&pop=1&title=beta", want: "", why: "a stray pop ends nothing" },
  { query: "file=%2Fdata%2Fscenes%2Fb2.mp4", want: "beta" },
  { query: "file=a.mp4", want: "alpha,alphabet" },
  { query: "file=%2Fdata%2Fscenes%2Fa.mp4", want: "alpha" },
  { query: "file=nowhere.mp4", want: "" },
  { query: "movie.title=gamma", want: "gamma" },
  { query: "title=s+x", want: "" },
];
for (const { query, want, why } of cases) {
  Deno.test(`filter ${query} selects ${want || "nothing"}${why ? `: ${why}` : ""}`, async () => {
    await withSim({ items, now: () => NOW * 1000 }, async ({ get }) => {
      const found = titles(await get(`/library/sections/1/all?type=1&sort=id&${query}`));
      assertEquals(found.join(","), want);
    });
  });
}

const files = [
  { fileFilter: "exact", query: "file=%2Fdata%2Fscenes%2Fa.mp4", want: "alpha" },
  { fileFilter: "folder", query: "file=%2Fdata%2Fscenes%2Fa.mp4", want: "alpha,beta,gamma" },
  { fileFilter: "folder", query: "file=a.mp4", want: EVERYTHING },
  { fileFilter: "ignored", query: "file=%2Fdata%2Fscenes%2Fa.mp4", want: EVERYTHING },
] as const;
for (const { fileFilter, query, want } of files) {
  Deno.test(`fileFilter ${fileFilter}: ${query} selects ${want}`, async () => {
    await withSim({ items, switches: { fileFilter } }, async ({ get }) => {
      const found = titles(await get(`/library/sections/1/all?type=1&sort=id&${query}`));
      assertEquals(found.join(","), want);
    });
  });
}

Deno.test("dateCompare strict leaves out the stamp itself", async () => {
  await withSim({ items, switches: { dateCompare: "strict" } }, async ({ get }) => {
    const at = async (query: string) =>
      titles(await get(`/library/sections/1/all?type=1&sort=id&${query}`)).join(",");
    assertEquals(await at("updatedAt%3E=2000"), "alphabet");
    assertEquals(await at("updatedAt%3E=1999"), "beta,alphabet");
    assertEquals(await at("addedAt%3C=200"), "alpha");
    assertEquals(await at("year%3E=2020"), "beta,gamma");
  });
});

Deno.test("compileFilter() knows when nothing filters", () => {
  const compiled = (query: string) =>
    compileFilter(parseQuery(query, true).params, { now: 0, datesInclusive: true });
  for (const query of ["", "type=1&sort=id", "or=1&push=1&pop=1", "nonsense=1", "file=x"]) {
    assertEquals(compiled(query), undefined, query);
  }
});
