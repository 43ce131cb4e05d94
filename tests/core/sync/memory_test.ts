import { assertEquals } from "@std/assert";
import type { Item } from "../../../src/core/sync/item.ts";
import { emptyMemory, isLockTheirs, isOwn, type Memory } from "../../../src/core/sync/memory.ts";
import { beginImages, beginWrite, endWrite } from "../../../src/core/sync/remember.ts";
import { planSync, wantedOf } from "../../../src/core/sync/plan.ts";
import type { Scene } from "../../../src/core/sync/scene.ts";
import { shortfall } from "../../../src/core/sync/verify.ts";
import { item, rules, scene, WAYS } from "../samples.ts";

/** The memory after a write that was begun and that nobody saw end. */
function unseen(then: Scene, before: Item = item(), last: Memory | null = null): Memory {
  const { edit } = planSync(then, before, last, rules(), WAYS);
  return beginWrite(last ?? emptyMemory(then.id, before.id), edit!, before, WAYS);
}

Deno.test("what a write without a known end left is taken back when Stash no longer has it", () => {
  const last = unseen(scene({ tags: ["Blue", "Red"], details: "Long" }));
  const left = item({ tags: ["Blue", "Red", "Theirs"], summary: "Long" });
  const { edit } = planSync(scene({ tags: ["Red"], details: "" }), left, last, rules(), WAYS);
  assertEquals(edit?.names.tags?.remove, ["Blue"]);
  assertEquals(edit?.text.summary, "");
});

Deno.test("what stood there before a write was begun stays a person's", () => {
  const before = item({ tags: ["Blue"], summary: "By hand" });
  const last = unseen(scene({ tags: ["Blue", "Red"], details: "Long" }), before);
  const { edit } = planSync(scene({ tags: ["Red"], details: "" }), before, last, rules(), WAYS);
  assertEquals(edit?.names.tags?.remove, []);
  assertEquals(edit?.text.summary, undefined);
});

Deno.test("a first write that never took effect makes nothing a person's edit", () => {
  const before = item({ summary: "From an agent" });
  const then = scene({ details: "Long" });
  const { edit } = planSync(
    then,
    before,
    unseen(then, before),
    rules({ preservePlexEdits: true }),
    WAYS,
  );
  assertEquals(edit?.text.summary, "Long");
});

Deno.test("values of several writes without a known end are all known for ours", () => {
  const first = unseen(scene({ tags: ["Blue"], details: "One" }));
  const second = unseen(scene({ tags: ["Red"], details: "Two" }), item(), first);
  for (const [summary, name] of [["One", "Blue"], ["Two", "Red"]] as const) {
    const left = item({ summary, tags: [name] });
    const { edit } = planSync(scene({ tags: [], details: "" }), left, second, rules(), WAYS);
    assertEquals([edit?.text.summary, edit?.names.tags?.remove], ["", [name]]);
  }
});

const FULL = { details: "Long", date: "2024-05-06", tags: ["Blue"], rating100: 80 };
const EMPTY = { details: "", date: null, tags: [], rating100: null };
const STANDS = { summary: "Long", date: "2024-05-06", tags: ["Blue"], rating: 8 };

for (
  const { name, stands, isRedelivered } of [
    { name: "that arrived", stands: {}, isRedelivered: false },
    { name: "that arrived and was delivered again", stands: {}, isRedelivered: true },
    { name: "that never arrived", stands: STANDS, isRedelivered: false },
  ]
) {
  Deno.test(`what a write without a known end took away is no person's edit: one ${name}`, () => {
    const keeping = rules({ preservePlexEdits: true, syncRating: true });
    const plan = (then: Scene, now: Item, memory: Memory | null) =>
      planSync(then, now, memory, keeping, WAYS);
    const settle = (then: Scene, before: Item, after: Item, memory: Memory) =>
      endWrite(
        memory,
        {
          wanted: wantedOf(then, after.type, keeping),
          edit: plan(then, before, memory).edit,
          before,
          after,
          kept: [],
          failed: [],
          theirs: [],
        },
        { sceneHash: "", writtenAt: 1 },
        WAYS,
      );
    const full = item(STANDS);
    const known = settle(scene(FULL), item(), full, emptyMemory("1", full.id));
    const emptied = plan(scene(EMPTY), full, known);
    const begun = beginWrite(known, emptied.edit!, full, WAYS);

    const left = item(stands);
    const last = isRedelivered ? settle(scene(EMPTY), left, left, begun) : begun;
    const again = { details: "Other", date: "1999-09-09", tags: ["Blue"], rating100: 40 };
    const { edit, kept } = plan(scene(again), left, last);

    assertEquals(kept, []);
    assertEquals([edit?.text.summary, edit?.text.date, edit?.rating], ["Other", "1999-09-09", 4]);
    const tags = edit?.names.tags?.want.map(({ name }) => name) ?? left.values.tags;
    assertEquals(tags, ["Blue"]);
  });
}

Deno.test("what a person took away stays so after a write without a known end to the same list", () => {
  const keeping = rules({ preservePlexEdits: true });
  const names = ["Blue", "Green", "Red"];
  const known: Memory = {
    ...emptyMemory("1", "8"),
    fields: { tags: { sent: names, stood: names, ours: names } },
  };
  const before = item({ tags: ["Blue", "Green"] });
  const then = planSync(scene({ tags: ["Blue", "Red"] }), before, known, keeping, WAYS);
  assertEquals(then.edit?.names.tags?.remove, ["Green"]);
  const begun = beginWrite(known, then.edit!, before, WAYS);

  const left = item({ tags: ["Blue"] });
  const { edit } = planSync(scene({ tags: names }), left, begun, keeping, WAYS);
  assertEquals(edit?.names.tags?.want.map(({ name }) => name), ["Blue", "Green"]);
});

Deno.test("a redelivery that finds all done settles what was begun", () => {
  const now = scene({ tags: ["Blue"], details: "Long" });
  const last = unseen(now);
  const wanted = wantedOf(now, "movie", rules());
  const left = item({
    title: wanted.title![0]!,
    studio: wanted.studio![0]!,
    summary: wanted.summary![0]!,
    date: wanted.date![0]!,
    tags: ["Blue"],
  });
  const { edit } = planSync(now, left, last, rules(), WAYS);
  const seen = { wanted, edit, before: left, after: left, kept: [], failed: [], theirs: [] };
  const settled = endWrite(last, seen, { sceneHash: "", writtenAt: 0 }, WAYS);
  assertEquals(settled.begun, {});
  assertEquals(settled.fields.tags?.ours, ["Blue"]);
  assertEquals(settled.fields.summary, { sent: ["Long"], stood: ["Long"], ours: ["Long"] });
});

const forms: readonly { field: "rating" | "tags" | "title"; stands: string; sent: Scene }[] = [
  { field: "rating", stands: "7.5", sent: scene({ rating100: 73 }) },
  { field: "tags", stands: "Strasse", sent: scene({ tags: ["Straße"] }) },
  { field: "title", stands: "é".repeat(127), sent: scene({ title: "é".repeat(200) }) },
];
for (const { field, stands, sent } of forms) {
  Deno.test(`a ${field} that stood there already, and may be made of ours, is never ours`, () => {
    const set = rules({ syncRating: true });
    const then = item(
      field === "rating" ? { rating: Number(stands) } : field === "tags" ? { tags: [stands] } : {
        title: stands,
      },
    );
    const { edit } = planSync(sent, then, null, set, WAYS);
    const last = beginWrite(emptyMemory(sent.id, then.id), edit!, then, WAYS);
    assertEquals(isOwn(last, field, stands, WAYS), false);
    const wanted = wantedOf(sent, "movie", set);
    // All else took.
    const after = {
      ...then,
      values: { ...then.values, ...wanted, [field]: [stands] } as Item["values"],
    };
    assertEquals(shortfall(edit!, then, after, { ways: WAYS, memory: null }), null);
    const seen = { wanted, edit, before: then, after, kept: [], failed: [], theirs: [] };
    const settled = endWrite(last, seen, { sceneHash: "", writtenAt: 1 }, WAYS);
    assertEquals(settled.fields[field]?.ours, []);
    assertEquals(planSync(sent, after, settled, set, WAYS).edit, null);
  });
}

Deno.test("isLockTheirs() knows the lock of an image that we began to send, until another is chosen", () => {
  const begun = beginImages(emptyMemory("1", "8"), [{ field: "poster", before: ["frame"] }]);
  assertEquals(isLockTheirs(null, "poster", ["frame"]), true);
  assertEquals(isLockTheirs(begun, "background", ["frame"]), true);
  assertEquals(isLockTheirs(begun, "poster", ["frame"]), false);
  assertEquals(isLockTheirs(begun, "poster", ["chosen"]), true);
});
