import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type FieldName,
  FIELDS,
  hasMetadata,
  type ListField,
} from "../../../src/core/sync/fields.ts";
import { type Edit, editedFields, type Item, wantedBy } from "../../../src/core/sync/item.ts";
import { emptyMemory, type Memory } from "../../../src/core/sync/memory.ts";
import { endWrite } from "../../../src/core/sync/remember.ts";
import { planSync, wantedOf } from "../../../src/core/sync/plan.ts";
import { tagKey } from "../../../src/core/text/sanitize.ts";
import { shortfall } from "../../../src/core/sync/verify.ts";
import type { Scene } from "../../../src/core/sync/scene.ts";
import { changed, item, memory, ours, rules, scene, WAYS } from "../samples.ts";

/** What Plex makes of an edit: the plain reading, names replaced, first letters capital. */
function apply(before: Item, edit: Edit | null): Item {
  if (edit === null) return before;
  const values: Record<FieldName, readonly string[]> = { ...before.values };
  for (const name of editedFields(edit)) {
    const isList = FIELDS.some((field) => field.name === name && field.kind === "names");
    values[name] = wantedBy(edit, name)!.map((value) =>
      isList ? value.charAt(0).toUpperCase() + value.slice(1) : value
    );
  }
  return { ...before, values, locked: [...new Set([...before.locked, ...edit.lock])] };
}

/** One sync: the item after it, and what is remembered of it. */
function sync(now: Scene, before: Item, last: Memory | null, set = rules()) {
  const plan = planSync(now, before, last, set, WAYS);
  const after = apply(before, plan.edit);
  const seen = {
    wanted: wantedOf(now, "movie", set),
    edit: plan.edit,
    before,
    after,
    kept: plan.kept,
    failed: [],
    theirs: [],
  };
  const base = last ?? emptyMemory(now.id, before.id);
  return { plan, after, memory: endWrite(base, seen, { sceneHash: "", writtenAt: 0 }, WAYS) };
}

Deno.test("planSync() brings all of a scene to a fresh item in one edit", () => {
  const { edit } = planSync(scene(), item(), null, rules(), WAYS);
  assertEquals(edit?.text, {
    title: "New Title",
    studio: "Studio",
    summary: "A summary",
    date: "2024-05-06",
  });
  assertEquals(edit?.names.tags, { want: [{ name: "outdoor" }, { name: "Blue" }], remove: [] });
  assertEquals(edit?.names.performers?.want.map((a) => a.name), ["Ann", "Bob"]);
  assertEquals(edit?.names.collection?.want, [{ name: "Studio" }]);
  assertEquals(
    [...edit?.lock ?? []].sort(),
    ["collection", "date", "performers", "studio", "summary", "tags", "title"],
  );
});

Deno.test("planSync() plans nothing for an item that is equal already", () => {
  const { after, memory } = sync(scene(), item(), null);
  const again = planSync(scene(), after, memory, rules(), WAYS);
  assertEquals([again.edit, again.changes], [null, []]);
});

Deno.test("planSync() changes one field in one edit and locks the right ones on the way", () => {
  const { after } = sync(scene(), item(), null);
  const { edit, changes } = planSync(
    scene({ title: "Other" }),
    { ...after, locked: [] },
    null,
    rules(),
    WAYS,
  );
  assertEquals(edit?.text, { title: "Other" });
  assertEquals(edit?.names, {});
  assert(edit?.lock.includes("studio") && edit.lock.includes("tags"));
  assertEquals(changes, [{ field: "title", from: "New Title", to: "Other" }]);
});

const dates = [
  ["2024-05-06", "2024-05-06"],
  ["2024-05", "2024-05-01"],
  ["2024", "2024-01-01"],
  [null, ""],
  ["soon", ""],
] as const;
for (const [date, want] of dates) {
  Deno.test(`wantedOf() makes ${JSON.stringify(want)} of the date ${date}`, () => {
    assertEquals(wantedOf(scene({ date }), "movie", rules()).date, want === "" ? [] : [want]);
  });
}

Deno.test("wantedOf() takes the file's name for a scene without a title", () => {
  assertEquals(wantedOf(scene({ title: " " }), "movie", rules()).title, ["a"]);
});

Deno.test("wantedOf() leaves out what is switched off, never the title", () => {
  const off = rules({
    syncStudio: false,
    syncSummary: false,
    syncTagline: false,
    syncDate: false,
    syncPerformers: false,
    syncTags: false,
    syncCollection: false,
  });
  assertEquals(wantedOf(scene(), "movie", off), { title: ["New Title"] });
});

Deno.test("wantedOf() keeps at most max_tags tags, and each only once", () => {
  const tags = ["A", "a ", "b", "c", ...Array.from({ length: 20 }, (_, n) => `t${n}`)];
  assertEquals(wantedOf(scene({ tags }), "movie", rules({ maxTags: 10 })).tags?.slice(0, 3), [
    "A",
    "b",
    "c",
  ]);
  assertEquals(wantedOf(scene({ tags }), "movie", rules({ maxTags: 10 })).tags?.length, 10);
});

Deno.test("hasMetadata() is false while a scene has but a title", () => {
  const bare = { studio: null, performers: [], tags: [], details: " ", date: null };
  assert(!hasMetadata(scene(bare)));
  assert(hasMetadata(scene({ ...bare, date: "2024" })));
});

Deno.test("promise 6: a value that we did not write is not cleared by an empty one", () => {
  const theirs = item({ summary: "Theirs", title: "New Title" });
  assertEquals(
    planSync(scene({ details: "" }), theirs, null, rules(), WAYS).edit?.text.summary,
    undefined,
  );
});

Deno.test("an emptied value clears what we wrote, and only that", () => {
  const { after, memory } = sync(scene(), item(), null);
  const emptied = scene({ details: "" });
  assertEquals(planSync(emptied, after, memory, rules(), WAYS).edit?.text, { summary: "" });
  const edited = changed(after, { summary: "A person's own" });
  assertEquals(planSync(emptied, edited, memory, rules(), WAYS).edit, null);
});

Deno.test("promise 6: merge removes a tag that we added and keeps one that a person added", () => {
  const first = sync(scene(), item({ tags: ["Mine"] }), null);
  assertEquals(first.after.values.tags, ["Outdoor", "Blue", "Mine"]);
  const { edit } = planSync(scene({ tags: ["blue"] }), first.after, first.memory, rules(), WAYS);
  assertEquals(edit?.names.tags?.remove, ["Outdoor"]);
  assertEquals(edit?.names.tags?.want.map((tag) => tag.name), ["Blue", "Mine"]);
});

Deno.test("promise 6: a tag that stood in Plex before us stays when Stash drops it", () => {
  const first = sync(scene(), item({ tags: ["Outdoor"] }), null);
  const { edit } = planSync(scene({ tags: ["Blue"] }), first.after, first.memory, rules(), WAYS);
  assertEquals(edit, null);
});

Deno.test("mirror makes Plex's tags equal to Stash's, but leaves collections alone", () => {
  const theirs = item({ tags: ["Mine"], collection: ["Favourites"] });
  const { edit } = planSync(
    scene({ tags: ["Blue"] }),
    theirs,
    null,
    rules({ tagMode: "mirror" }),
    WAYS,
  );
  assertEquals(edit?.names.tags, { want: [{ name: "Blue" }], remove: ["Mine"] });
  assertEquals(edit?.names.collection?.want.map((tag) => tag.name), ["Studio", "Favourites"]);
});

for (
  const [when, empty] of Object.entries({
    "has none": scene({ tags: [], performers: [] }),
    "has nothing at all": scene({
      studio: null,
      details: "",
      date: null,
      tags: [],
      performers: [],
    }),
  })
) {
  Deno.test(`mirror takes no foreign name away while Stash ${when}`, () => {
    const theirs = item({ tags: ["Mine"], performers: ["Zoe"] });
    const mirror = rules({ tagMode: "mirror" });
    const before = memory({ fields: { tags: ours("Blue") } });
    assertEquals(planSync(empty, theirs, null, mirror, WAYS).edit?.names.tags, undefined);
    const both = changed(theirs, { tags: ["Mine", "Blue"] });
    const { edit } = planSync(empty, both, before, mirror, WAYS);
    assertEquals(edit?.names.tags, { want: [{ name: "Mine" }], remove: ["Blue"] });
  });
}

Deno.test("a role is restated with its performers, else Plex loses it", () => {
  const theirs = item({ performers: [{ name: "Zoe", role: "Host" }] });
  const { edit } = planSync(scene(), theirs, null, rules(), WAYS);
  assertEquals(edit?.names.performers?.want, [
    { name: "Ann" },
    { name: "Bob" },
    { name: "Zoe", role: "Host" },
  ]);
});

Deno.test("a person's edit is overwritten by default and kept with preserve_plex_edits", () => {
  const { after, memory } = sync(scene(), item(), null);
  const edited = changed(after, { title: "By hand", tags: ["Blue"] });
  const plain = planSync(scene(), edited, memory, rules(), WAYS);
  assertEquals(plain.edit?.text, { title: "New Title" });
  assertEquals(plain.edit?.names.tags?.want.map((tag) => tag.name), ["outdoor", "Blue"]);
  const preserved = planSync(scene(), edited, memory, rules({ preservePlexEdits: true }), WAYS);
  assertEquals(preserved.edit, null);
  assertEquals(preserved.kept.sort(), ["tags", "title"]);
});

Deno.test("preserve_plex_edits keeps a field that a person locked before our first write", () => {
  const theirs = item({ title: "By hand", locked: ["title"] });
  const plan = planSync(scene(), theirs, null, rules({ preservePlexEdits: true }), WAYS);
  assertEquals(plan.edit?.text.title, undefined);
  assertEquals(plan.kept, ["title"]);
});

Deno.test("a value that Plex keeps in a form of its own is not written again and again", () => {
  const form = { sent: ["A summary"], stood: ["A summ"], ours: ["A summ"] };
  const last = memory({ fields: { summary: form } });
  const { after } = sync(scene(), item(), null);
  const cut = changed(after, { summary: "A summ" });
  assertEquals(planSync(scene(), cut, last, rules(), WAYS).edit, null);
});

Deno.test("the rating is a tenth of rating100, off by default, cleared only if it was ours", () => {
  const rated = scene({ rating100: 85 });
  assertEquals(planSync(rated, item(), null, rules(), WAYS).edit?.rating, undefined);
  const on = rules({ syncRating: true });
  assertEquals(planSync(rated, item(), null, on, WAYS).edit?.rating, 8.5);
  assertEquals(planSync(rated, item({ rating: 8.5 }), null, on, WAYS).edit?.rating, undefined);
  assertEquals(planSync(scene(), item({ rating: 8.5 }), null, on, WAYS).edit?.rating, undefined);
  const last = memory({ fields: { rating: ours("8.5") } });
  assertEquals(planSync(scene(), item({ rating: 8.5 }), last, on, WAYS).edit?.rating, null);
});

const names = fc.array(fc.constantFrom("a", "B", "c,d", "É", "x y", "A"), { maxLength: 5 });
const anyScene = fc.record({
  title: fc.string({ maxLength: 8 }),
  details: fc.string({ maxLength: 8 }),
  date: fc.constantFrom(null, "2024", "2024-02-03"),
  studio: fc.constantFrom(null, "S", "T"),
  tags: names,
  performers: names,
}).map((parts) => scene(parts));

Deno.test("property: after any edits, one sync converges and the next plans nothing", () => {
  fc.assert(fc.property(
    fc.array(anyScene, { minLength: 1, maxLength: 4 }),
    names,
    fc.constantFrom("merge", "mirror"),
    (scenes, theirs, tagMode) => {
      const set = rules({ tagMode: tagMode as "merge" | "mirror" });
      let state = {
        after: item({ tags: [...new Set(theirs.map((n) => n.toUpperCase()))] }),
        memory: null as Memory | null,
      };
      for (const next of scenes) {
        state = sync(next, state.after, state.memory, set);
        assertEquals(planSync(next, state.after, state.memory, set, WAYS).edit, null);
        const wanted = wantedOf(next, "movie", set).tags!.map(tagKey);
        const stands = state.after.values.tags.map(tagKey);
        assert(wanted.every((key) => stands.includes(key)));
      }
    },
  ));
});

Deno.test("property: in merge mode no tag of a person's is ever lost", () => {
  fc.assert(
    fc.property(fc.array(anyScene, { minLength: 1, maxLength: 5 }), names, (scenes, theirs) => {
      const kinds: ListField[] = ["tags", "collection"];
      let state = {
        after: item({ tags: theirs, collection: theirs }),
        memory: null as Memory | null,
      };
      for (const next of scenes) state = sync(next, state.after, state.memory);
      for (const kind of kinds) {
        const stands = state.after.values[kind].map(tagKey);
        assert(theirs.every((name) => stands.includes(tagKey(name))), kind);
      }
    }),
  );
});

Deno.test("property: what somebody else wrote meanwhile is never remembered as ours", () => {
  const foreign = fc.constantFrom("Theirs", "theirs too", "", "New Title!");
  fc.assert(fc.property(
    fc.array(anyScene, { minLength: 1, maxLength: 4 }),
    foreign,
    fc.constantFrom("title", "summary", "studio", "tagline"),
    (scenes, value, field) => {
      let before = item();
      let memory: Memory | null = null;
      for (const next of scenes) {
        const { edit } = planSync(next, before, memory, rules(), WAYS);
        const after = changed(apply(before, edit), {
          [field]: value,
          tags: [...apply(before, edit).values.tags.filter((tag) => tag !== "Theirs"), "Theirs"],
        });
        const rest = edit === null ? null : shortfall(edit, before, after, { ways: WAYS, memory });
        const wanted = wantedOf(next, "movie", rules());
        const seen = {
          wanted,
          edit,
          before,
          after,
          kept: [],
          failed: rest?.fields ?? [],
          theirs: [],
        };
        memory = endWrite(
          memory ?? emptyMemory(next.id, before.id),
          seen,
          { sceneHash: "", writtenAt: 0 },
          WAYS,
        );
        assert(!memory.fields.tags?.ours.includes("Theirs"));
        assert(value === "" || !memory.fields[field as "title"]?.ours.includes(value));
        before = after;
      }
    },
  ));
});
