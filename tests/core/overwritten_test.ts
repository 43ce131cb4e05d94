import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { FieldName } from "../../src/core/sync/fields.ts";
import { countNames, NO_EDIT } from "../../src/core/sync/item.ts";
import { planSync } from "../../src/core/sync/plan.ts";
import { changed, type FlatItem, item, memory, ours, rules, scene, WAYS } from "./samples.ts";

/** The item as a sync of `scene()` leaves it, and what is remembered of that. */
const SYNCED = item({
  title: "New Title",
  studio: "Studio",
  summary: "A summary",
  date: "2024-05-06",
  performers: ["Ann", "Bob"],
  tags: ["outdoor", "Blue"],
  collection: ["Studio"],
  locked: ["title", "studio", "summary", "date", "performers", "tags", "collection"],
});
const MEMORY = memory({
  fields: {
    title: ours("New Title"),
    studio: ours("Studio"),
    summary: ours("A summary"),
    date: ours("2024-05-06"),
    performers: ours("Ann", "Bob"),
    tags: ours("outdoor", "Blue"),
    collection: ours("Studio"),
  },
});

const cases: { when: string; edit: FlatItem; want: FieldName[]; first?: true; mirror?: true }[] = [
  { when: "nobody touched it", edit: {}, want: [] },
  { when: "a text was written anew", edit: { title: "Mine" }, want: ["title"] },
  { when: "a text was emptied", edit: { summary: "" }, want: ["summary"] },
  { when: "a name was taken away", edit: { tags: ["Blue"] }, want: ["tags"] },
  { when: "a name was added, which stays", edit: { tags: ["outdoor", "Blue", "X"] }, want: [] },
  {
    when: "a name was added and lists are mirrored",
    edit: { tags: ["outdoor", "Blue", "X"] },
    want: ["tags"],
    mirror: true,
  },
  { when: "a name was spelt anew", edit: { performers: ["ANN", "Bob"] }, want: ["performers"] },
  { when: "an agent filled it before us", edit: { locked: [], title: "X" }, want: [], first: true },
  { when: "it was locked before us", edit: { title: "X" }, want: ["title"], first: true },
];

for (const { when, edit, want, first, mirror } of cases) {
  Deno.test(`planSync() names as overwritten what a person set: ${when}`, () => {
    const set = rules(mirror ? { tagMode: "mirror" } : {});
    const before = changed(SYNCED, edit);
    const { overwritten } = planSync(scene(), before, first ? null : MEMORY, set, WAYS);
    assertEquals(overwritten, want);
  });
}

Deno.test("what planSync() overwrites is just what preserve_plex_edits would keep", () => {
  const some = <T>(...values: T[]) => fc.constantFrom(...values);
  const names = fc.uniqueArray(some("outdoor", "Outdoor", "Blue", "BLUE", "Red", "Ann"), {
    maxLength: 4,
    // No server keeps a name in two spellings.
    selector: (name) => name.toLowerCase(),
  });
  const edits = fc.record({
    title: some("New Title", "Mine", "new title"),
    summary: some("A summary", "", "Mine"),
    studio: some("Studio", "", "Other"),
    tags: names,
    performers: names,
    rating: some(null, 4, 8),
    locked: fc.subarray([...SYNCED.locked]),
  }, { requiredKeys: [] });
  const scenes = fc.record({
    title: some("New Title", "Newer"),
    details: some("A summary", "", "Newer"),
    tags: names,
    performers: names,
    rating100: some(null, 40, 100),
  }, { requiredKeys: [] });
  fc.assert(
    fc.property(
      edits,
      scenes,
      fc.boolean(),
      some("merge" as const, "mirror" as const),
      (edit, now, isFirst, tagMode) => {
        const before = changed(SYNCED, edit);
        const last = isFirst ? null : MEMORY;
        const plan = (preservePlexEdits: boolean) =>
          planSync(
            scene(now),
            before,
            last,
            rules({ preservePlexEdits, tagMode, syncRating: true }),
            WAYS,
          );
        assertEquals(plan(false).kept, []);
        assertEquals(plan(true).overwritten, []);
        assertEquals(plan(false).overwritten.toSorted(), plan(true).kept.toSorted());
      },
    ),
    { numRuns: 500 },
  );
});

const counted = [
  { when: "new ones", now: ["Red"], want: ["Red", "Blue", "Green"], added: 2, removed: 0 },
  { when: "those that go", now: ["Red", "Blue"], want: ["Blue"], added: 0, removed: 1 },
  { when: "one that is spelt anew as none", now: ["red"], want: ["Red"], added: 0, removed: 0 },
];

for (const { when, now, want, added, removed } of counted) {
  Deno.test(`countNames() counts ${when}`, () => {
    const tags = { want: want.map((name) => ({ name })), remove: [] };
    const counts = countNames({ ...NO_EDIT, names: { tags } }, item({ tags: now }));
    assertEquals(counts, { added, removed });
  });
}
