import { assert, assertEquals } from "@std/assert";
import { planSync, wantedOf } from "../../../src/core/sync/plan.ts";
import {
  contentOf,
  type Field,
  FIELDS,
  fieldsOn,
  hasMetadata,
  isSyncedInput,
  selectionOf,
  switchOf,
} from "../../../src/core/sync/fields.ts";
import { ENTRIES } from "../../../src/config/schema.ts";
import { SCENE_FIELDS } from "../../../src/stash/read_scene.ts";
import { settingNames } from "../../../src/plugin/manifest.ts";
import { fieldsTable } from "../../readme_parts.ts";
import { item, rules, scene, WAYS } from "../samples.ts";

/** Everything that follows from the table, by what it is. */
const FOLLOWS: Readonly<Record<string, (fields: readonly Field[]) => unknown>> = {
  "what is selected of a scene": (fields) => selectionOf(fields).sort(),
  "the digest of a scene's content": (fields) => contentOf(FULL, fields),
  "which scenes count as identified": (fields) =>
    FIELDS.map(({ name }) => hasMetadata(ONLY[name] ?? BARE, fields)),
  "which changes of an update input are synced": (fields) =>
    INPUTS.filter((input) => isSyncedInput(input, fields)),
  "the fields that are switched on": (fields) => fieldsOn(ALL_ON, fields).map(({ name }) => name),
  "the settings on Stash's page": (fields) => settingNames(fields),
  "the README's table": (fields) => fieldsTable(fields),
  "the switches": (fields) => fields.map((field) => field.setting?.key),
};

const ALL_ON = rules({ syncRating: true });
const FULL = scene({ code: "AB-1", rating100: 80 });
const BARE = scene({
  title: "",
  details: "",
  date: null,
  studio: null,
  performers: [],
  tags: [],
});
/** Scenes with nothing but one field. */
const ONLY: Readonly<Record<string, ReturnType<typeof scene>>> = {
  title: { ...BARE, title: "T" },
  studio: { ...BARE, studio: "S" },
  summary: { ...BARE, details: "D" },
  tagline: { ...BARE, code: "C" },
  date: { ...BARE, date: "2024" },
  performers: { ...BARE, performers: ["P"] },
  tags: { ...BARE, tags: ["T"] },
  rating: { ...BARE, rating100: 50 },
};
const INPUTS = [...new Set(FIELDS.flatMap(({ inputs }) => inputs))];

/**
 * What has to change when a row is taken away, besides the list of fields and of switches. A poster
 * and a background are made of the same cover, and a collection of what the studio is: what two
 * rows need is still needed with one of them.
 */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  title: ["what is selected of a scene", "the digest of a scene's content", "inputs"],
  studio: ["the digest of a scene's content", "identified"],
  summary: [
    "what is selected of a scene",
    "the digest of a scene's content",
    "identified",
    "inputs",
  ],
  tagline: ["what is selected of a scene", "the digest of a scene's content", "inputs"],
  date: ["what is selected of a scene", "the digest of a scene's content", "identified", "inputs"],
  performers: [
    "what is selected of a scene",
    "the digest of a scene's content",
    "identified",
    "inputs",
  ],
  tags: ["what is selected of a scene", "the digest of a scene's content", "identified", "inputs"],
  poster: [],
  background: [],
  collection: [],
  rating: ["what is selected of a scene", "the digest of a scene's content", "inputs"],
};
const SHORT: Readonly<Record<string, string>> = {
  identified: "which scenes count as identified",
  inputs: "which changes of an update input are synced",
};
const ALWAYS = [
  "the fields that are switched on",
  "the switches",
  "the settings on Stash's page",
  "the README's table",
];

for (const row of FIELDS) {
  Deno.test(`without the row "${row.name}" all that follows from it is gone, and nothing else`, () => {
    const rest = FIELDS.filter((field) => field !== row);
    const changed = Object.entries(FOLLOWS).filter(([, follow]) =>
      JSON.stringify(follow(rest)) !== JSON.stringify(follow(FIELDS))
    ).map(([what]) => what);
    const always = ALWAYS.filter((what) => row.setting !== null || !what.includes("settings"));
    const want = [...CHANGES[row.name]!.map((what) => SHORT[what] ?? what), ...always];
    assertEquals(changed.sort(), want.sort());
  });
}

for (const [one, other] of [["poster", "background"], ["studio", "collection"]] as const) {
  Deno.test(`without the rows "${one}" and "${other}" a change of what both are made of is none`, () => {
    const rest = FIELDS.filter(({ name }) => name !== one && name !== other);
    const input = FIELDS.find(({ name }) => name === one)!.inputs[0]!;
    assert(isSyncedInput(input) && !isSyncedInput(input, rest));
  });
}

Deno.test("the query for a scene selects all that the fields are made from", () => {
  for (const member of selectionOf()) assert(SCENE_FIELDS.includes(member), member);
});

Deno.test("each field but the title has its switch among the settings, by key and default", () => {
  for (const field of FIELDS) {
    const entry = ENTRIES.find(({ property }) => property === switchOf(field));
    assertEquals([entry?.key, entry?.default], [field.setting?.key, field.setting?.on]);
  }
});

Deno.test("a field that is switched off is neither wanted nor planned", () => {
  for (const field of FIELDS.filter(({ kind }) => kind !== "image")) {
    const name = switchOf(field);
    if (name === null) continue;
    const off = { ...ALL_ON, [name]: false };
    assert(
      field.name in wantedOf(FULL, "movie", ALL_ON) &&
        !(field.name in wantedOf(FULL, "movie", off)),
    );
    const planned = (set: typeof off) =>
      planSync(FULL, item(), null, set, WAYS).changes.some((change) => change.field === field.name);
    assertEquals([planned(ALL_ON), planned(off)], [true, false], field.name);
  }
});

Deno.test("each day of the calendar is a date, and nothing else is", () => {
  const date = FIELDS.find(({ name }) => name === "date")!;
  const two = (n: number) => String(n).padStart(2, "0");
  for (const year of ["0001", "0004", "0100", "1900", "2000", "2023", "2200", "2024", "9999"]) {
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const text = `${year}-${two(month)}-${two(day)}`;
        const at = new Date(`${text}T00:00:00Z`);
        const isDay = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
        assertEquals(date.derive({ ...FULL, date: text }, rules()), isDay ? [text] : [], text);
      }
    }
  }
});
