import { assertEquals } from "@std/assert";
import {
  type Hold,
  isHeld,
  isHeldOff,
  isHeldOn,
  joined,
  released,
  withoutNames,
} from "../../../src/core/journal/holds.ts";
import type { FieldName } from "../../../src/core/sync/fields.ts";
import { scene } from "../samples.ts";

const hold = (field: FieldName, parts: Partial<Hold> = {}): Hold => ({
  field,
  origin: [],
  off: [],
  on: [],
  ...parts,
});

Deno.test("isHeld() holds one value only while Stash has just the same", () => {
  const held = hold("title", { origin: ["A"] });
  const same = [["A"], ["a"], [], ["A", "A"]].map((origin) => isHeld(held, origin));
  assertEquals(same, [true, false, false, false]);
  assertEquals([isHeld(undefined, []), isHeld(hold("title"), [])], [false, true]);
});

Deno.test("isHeldOff() and isHeldOn() know a name in any letter case", () => {
  const held = hold("tags", { off: ["One"], on: ["Two"] });
  assertEquals(["one", "Two"].map((name) => isHeldOff(held, name)), [true, false]);
  assertEquals(["one", "two"].map((name) => isHeldOn(held, name)), [false, true]);
  assertEquals([isHeldOff(undefined, "One"), isHeldOn(undefined, "Two")], [false, false]);
});

const releases: { when: string; held: Hold; want: Hold | null | undefined }[] = [
  {
    when: "keeps a value that Stash still has",
    held: hold("title", { origin: ["New Title"] }),
    want: undefined,
  },
  {
    when: "lets a value go that Stash changed",
    held: hold("title", { origin: ["Old"] }),
    want: null,
  },
  { when: "lets no image go", held: hold("poster", { origin: ["ab"] }), want: undefined },
  {
    when: "keeps a name off that Stash has",
    held: hold("tags", { off: ["Outdoor"] }),
    want: undefined,
  },
  { when: "lets a name go that Stash dropped", held: hold("tags", { off: ["gone"] }), want: null },
  {
    when: "lets one of two names go",
    held: hold("tags", { off: ["gone", "Blue"] }),
    want: hold("tags", { off: ["Blue"] }),
  },
  {
    when: "keeps a name on that Stash lacks",
    held: hold("tags", { on: ["Mine"] }),
    want: undefined,
  },
  { when: "lets a name go that Stash has again", held: hold("tags", { on: ["blue"] }), want: null },
  {
    when: "keeps a name on that is off in another spelling",
    held: hold("tags", { off: ["Blue"], on: ["blue"] }),
    want: undefined,
  },
  {
    when: "keeps a second spelling on of a name that Stash had then and has",
    held: hold("tags", { origin: ["Blue"], on: ["BLUE"] }),
    want: undefined,
  },
  {
    when: "lets a second spelling go of a name that Stash had then and dropped",
    held: hold("tags", { origin: ["gone"], on: ["GONE"] }),
    want: null,
  },
];
for (const { when, held, want } of releases) {
  Deno.test(`released() ${when}`, () => {
    assertEquals(released(new Map([[held.field, held]]), scene()).get(held.field), want);
  });
}

Deno.test("joined() lets the newer hold decide of a name", () => {
  const older = hold("tags", { origin: ["x"], off: ["One", "Two"], on: ["Three"] });
  const newer = hold("tags", { origin: ["y"], off: ["three"], on: ["one"] });
  assertEquals(joined(older, newer), {
    ...newer,
    off: ["three", "Two"],
    on: ["one"],
  });
  assertEquals(joined(undefined, newer), newer);
});

Deno.test("withoutNames() ends a hold with its last name", () => {
  const held = hold("tags", { off: ["One"], on: ["Two"] });
  assertEquals(withoutNames(held, ["one"]), hold("tags", { on: ["Two"] }));
  assertEquals(withoutNames(held, ["one", "two"]), null);
});
