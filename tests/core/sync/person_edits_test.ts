import { assertEquals } from "@std/assert";
import type { FieldName } from "../../../src/core/sync/fields.ts";
import { type Item, wantedBy } from "../../../src/core/sync/item.ts";
import { emptyMemory, type Memory } from "../../../src/core/sync/memory.ts";
import { endWrite } from "../../../src/core/sync/remember.ts";
import { planSync, wantedOf } from "../../../src/core/sync/plan.ts";
import { changed, type FlatItem, item, rules, scene, WAYS } from "../samples.ts";

type Mode = "merge" | "mirror";
/** Whose doing it is, as far as locks and memory tell. */
type Past =
  /** We wrote the field. */
  | "ours"
  /** We never wrote the item, and the field is locked: a person edited it. */
  | "locked"
  /** We never wrote the item, and the field is open: an agent may have filled it. */
  | "open";

const NOW = scene({ rating100: 80, tags: ["One", "Two"], performers: ["Ann", "Bob"] });

/** What stands once everything is as the scene has it. */
const SYNCED: FlatItem = {
  title: "New Title",
  studio: "Studio",
  summary: "A summary",
  date: "2024-05-06",
  tags: ["One", "Two"],
  performers: ["Ann", "Bob"],
  collection: ["Studio"],
  rating: 8,
};

/** What the plan wants to stand, or "kept" for what is left as the person set it. */
type Want = string[] | "kept";
interface Row {
  field: FieldName;
  did: string;
  then: FlatItem;
  /** By past, and by mode where that makes a difference. */
  want: Readonly<Record<Past, Want | Readonly<Record<Mode, Want>>>>;
}

const text = (field: "title" | "studio" | "summary" | "date", value: string): Row[] => [
  {
    field,
    did: "changed it",
    then: { [field]: field === "date" ? "1999-01-01" : "By hand" },
    want: { ours: "kept", locked: "kept", open: [value] },
  },
  {
    field,
    did: "emptied it",
    then: { [field]: "" },
    want: { ours: "kept", locked: "kept", open: [value] },
  },
];

const list = (field: "tags" | "performers", [one, two]: [string, string]): Row[] => [
  {
    field,
    did: "removed a name",
    then: { [field]: [one] },
    // What was taken away before our first write cannot be known.
    want: { ours: "kept", locked: [one, two], open: [one, two] },
  },
  {
    field,
    did: "removed all",
    then: { [field]: [] },
    want: { ours: "kept", locked: [one, two], open: [one, two] },
  },
  {
    field,
    did: "added a name",
    then: { [field]: [one, two, "Theirs"] },
    want: {
      ours: "kept",
      locked: "kept",
      open: { merge: "kept", mirror: [one, two] },
    },
  },
  {
    field,
    did: "put another in the place of one",
    then: { [field]: [one, "Theirs"] },
    want: {
      ours: "kept",
      locked: [one, two, "Theirs"],
      open: { merge: [one, two, "Theirs"], mirror: [one, two] },
    },
  },
  {
    field,
    did: "spelt a name in another letter case",
    then: { [field]: [one.toUpperCase(), two] },
    want: { ours: "kept", locked: "kept", open: [one, two] },
  },
];

const ROWS: readonly Row[] = [
  ...text("title", "New Title"),
  ...text("studio", "Studio"),
  ...text("summary", "A summary"),
  ...text("date", "2024-05-06"),
  ...list("tags", ["One", "Two"]),
  ...list("performers", ["Ann", "Bob"]),
  {
    field: "collection",
    did: "left it",
    then: { collection: [] },
    want: { ours: "kept", locked: ["Studio"], open: ["Studio"] },
  },
  {
    field: "collection",
    did: "joined another",
    then: { collection: ["Studio", "Favourites"] },
    want: { ours: "kept", locked: "kept", open: "kept" },
  },
  {
    field: "rating",
    did: "starred it",
    then: { rating: 4 },
    // Agents give no stars, and there is no lock for them.
    want: { ours: "kept", locked: "kept", open: "kept" },
  },
  {
    field: "rating",
    did: "took the stars away",
    then: { rating: null },
    want: { ours: "kept", locked: "kept", open: ["8"] },
  },
];

const set = (tagMode: Mode, preservePlexEdits: boolean) =>
  rules({ syncRating: true, tagMode, preservePlexEdits });

/** What is remembered of the sync that brought everything there. */
function remembered(mode: Mode): Memory {
  const before = item();
  const { edit } = planSync(NOW, before, null, set(mode, true), WAYS);
  const after = changed(before, SYNCED);
  const wanted = wantedOf(NOW, "movie", set(mode, true));
  const seen = { wanted, edit, before, after, kept: [], failed: [], theirs: [] };
  return endWrite(
    emptyMemory("7", "10"),
    seen,
    { sceneHash: "", writtenAt: 1 },
    WAYS,
  );
}

function planned(field: FieldName, then: Item, memory: Memory | null, mode: Mode): Want {
  const { edit } = planSync(NOW, then, memory, set(mode, true), WAYS);
  return (edit === null ? undefined : wantedBy(edit, field)) ?? "kept";
}

for (const { field, did, then, want } of ROWS) {
  for (const mode of ["merge", "mirror"] as const) {
    for (const past of ["ours", "locked", "open"] as const) {
      const expected = want[past];
      const value = Array.isArray(expected) || expected === "kept"
        ? expected as Want
        : (expected as Record<Mode, Want>)[mode];
      Deno.test(`${field}: a person ${did} (${past}, ${mode}): ${value}`, () => {
        const locked: FieldName[] = past === "open" ? [] : [field];
        const now = changed(item({ ...SYNCED, locked }), then);
        assertEquals(planned(field, now, past === "ours" ? remembered(mode) : null, mode), value);
      });
    }
    Deno.test(`${field}: without preserve_plex_edits it is as in Stash again: ${did}, ${mode}`, () => {
      const now = changed(item(SYNCED), then);
      const { edit } = planSync(NOW, now, remembered(mode), set(mode, false), WAYS);
      const stands = (edit === null ? undefined : wantedBy(edit, field)) ?? now.values[field];
      const ours = item(SYNCED).values[field];
      const theirs = now.values[field].filter((name) => name === "Theirs" || name === "Favourites");
      const keeps = theirs.length > 0 && (mode === "merge" || field === "collection");
      assertEquals([...stands], keeps ? [...ours, ...theirs] : [...ours]);
    });
  }
}

Deno.test("a name that we took away and a person put back is the person's", () => {
  const before = changed(item(), SYNCED);
  const first = remembered("mirror");
  const later = scene({ ...NOW, tags: ["One"] });
  const plan = planSync(later, before, first, set("mirror", true), WAYS);
  assertEquals(plan.edit?.names.tags?.remove, ["Two"]);
  const after = changed(before, { tags: ["One"] });
  const wanted = wantedOf(later, "movie", set("mirror", true));
  const seen = { wanted, edit: plan.edit, before, after, kept: [], failed: [], theirs: [] };
  const second = endWrite(first, seen, { sceneHash: "", writtenAt: 2 }, WAYS);
  for (const mode of ["merge", "mirror"] as const) {
    const again = planSync(later, before, second, set(mode, true), WAYS);
    assertEquals(again.edit?.names.tags, undefined, mode);
  }
});

Deno.test("a name that a person took away stays away when another is added", () => {
  const first = remembered("merge");
  const without = changed(item(SYNCED), { tags: ["One"] });
  const more = scene({ ...NOW, tags: ["One", "Two", "Three"] });
  const plan = planSync(more, without, first, set("merge", true), WAYS);
  assertEquals(plan.edit?.names.tags?.want.map(({ name }) => name), ["One", "Three"]);
  const after = changed(without, { tags: ["One", "Three"] });
  const wanted = wantedOf(more, "movie", set("merge", true));
  const seen = {
    wanted,
    edit: plan.edit,
    before: without,
    after,
    kept: [],
    failed: [],
    theirs: [],
  };
  const second = endWrite(first, seen, { sceneHash: "", writtenAt: 2 }, WAYS);
  assertEquals(planSync(more, after, second, set("merge", true), WAYS).edit, null);
});
