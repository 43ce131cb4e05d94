import { assertEquals } from "@std/assert";
import { planRelease } from "../../../src/core/sync/release.ts";
import { beginWrite, endWrite } from "../../../src/core/sync/remember.ts";
import { planSync, wantedOf } from "../../../src/core/sync/plan.ts";
import { changed, type FlatItem, item, memory, ours, rules, scene, WAYS } from "../samples.ts";

const RULES = rules({ syncRating: true });
const ALL = scene({ rating100: 80, code: "Line" });
const LOCKED = [
  "title",
  "studio",
  "summary",
  "tagline",
  "date",
  "performers",
  "tags",
  "collection",
] as const;

/** The item after a sync of the scene, and what is remembered of it. */
function synced() {
  const before = item({ tags: ["Theirs"] });
  const { edit } = planSync(ALL, before, null, RULES, WAYS);
  const wanted = wantedOf(ALL, "movie", RULES);
  const after = changed(before, {
    title: "New Title",
    studio: "Studio",
    summary: "A summary",
    tagline: "Line",
    date: "2024-05-06",
    performers: ["Ann", "Bob"],
    tags: ["Theirs", "Outdoor", "Blue"],
    collection: ["Studio"],
    rating: 8,
    locked: [...LOCKED],
  });
  const seen = { wanted, edit, before, after, kept: [], failed: [], theirs: [] };
  const last = endWrite(memory(), seen, { sceneHash: "", writtenAt: 1 }, WAYS);
  return { after, last };
}

Deno.test("all that we wrote to an item is taken back and unlocked; its title is unlocked only", () => {
  const { after, last } = synced();
  const { edit, changes } = planRelease(after, last, WAYS);
  assertEquals(edit?.text, { studio: "", summary: "", tagline: "", date: "" });
  assertEquals(edit?.rating, null);
  assertEquals(edit?.names, {
    performers: { want: [], remove: ["Ann", "Bob"] },
    tags: { want: [{ name: "Theirs" }], remove: ["Outdoor", "Blue"] },
    collection: { want: [], remove: ["Studio"] },
  });
  assertEquals(edit?.lock, []);
  // A list that holds somebody else's name keeps its lock.
  assertEquals([...edit?.unlock ?? []].sort(), LOCKED.filter((name) => name !== "tags").sort());
  assertEquals(changes.map(({ field }) => field).includes("title"), false);
});

const THEIRS: readonly { did: string; then: FlatItem; leaves: string }[] = [
  { did: "a title", then: { title: "By hand" }, leaves: "title" },
  { did: "a summary", then: { summary: "By hand" }, leaves: "summary" },
  { did: "stars", then: { rating: 4 }, leaves: "rating" },
  { did: "a name", then: { performers: ["Cy"] }, leaves: "performers" },
];
for (const { did, then, leaves } of THEIRS) {
  Deno.test(`what a person set on the item stays, and stays locked: ${did}`, () => {
    const { after, last } = synced();
    const { edit, changes } = planRelease(changed(after, then), last, WAYS);
    assertEquals(changes.map(({ field }) => field).filter((name) => name === leaves), []);
    assertEquals(edit?.unlock?.filter((name) => name === leaves), []);
  });
}

Deno.test("what was begun and never seen to stand is taken back too", () => {
  const before = item();
  const { edit } = planSync(ALL, before, null, RULES, WAYS);
  const begun = beginWrite(memory(), edit!, before, WAYS);
  const left = planRelease(item({ summary: "A summary", locked: ["summary"] }), begun, WAYS);
  assertEquals([left.edit?.text, left.edit?.unlock], [{ summary: "" }, ["summary"]]);
});

Deno.test("an item on which nothing of ours stands or is locked needs no write", () => {
  const { last } = synced();
  assertEquals(planRelease(item({ summary: "By hand", tags: ["Theirs"] }), last, WAYS).edit, null);
});

Deno.test("an image of ours stays, is unlocked, and is named", () => {
  const { after, last } = synced();
  const shown = changed(after, { poster: "x", locked: ["poster"] });
  const seen = { ...last, fields: { ...last.fields, poster: ours("ab") } };
  const images = {
    poster: { shown: "ab", shownKey: "k", keys: new Set(["k"]), known: new Map([["ab", "k"]]) },
  };
  const plan = planRelease(shown, seen, WAYS, { rows: [], images });
  assertEquals(plan.edit?.unlock, ["poster"]);
  assertEquals(plan.omitted, [{
    field: "poster",
    text: "stays: an image cannot be taken away",
  }]);
});
