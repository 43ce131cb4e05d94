import { assertEquals } from "@std/assert";
import {
  countLeaving,
  type Leaving,
  leftBy,
  spareLast,
  sparing,
} from "../../../src/core/journal/collection_guard.ts";
import { NO_EDIT } from "../../../src/core/sync/item.ts";
import { planSync } from "../../../src/core/sync/plan.ts";
import { item, memory, ours, rules, scene, WAYS } from "../samples.ts";

const leaver = (section: string, ...names: string[]) => ({ section, names });
const members = (count: number) => new Map([["1", new Map([["Works", count]])]]);

Deno.test("countLeaving() counts by library and name, on top of those that are as good as gone", () => {
  const gone: Leaving = new Map([["1", new Map([["Works", 2], ["Else", 9]])]]);
  const leavers = [leaver("1", "Works", "Other"), leaver("1", "Works"), leaver("2", "Works")];
  assertEquals(
    countLeaving(leavers, gone),
    new Map([["1", new Map([["Works", 4], ["Other", 1]])], ["2", new Map([["Works", 1]])]]),
  );
});

const CASES = [
  { when: "all members leave", count: 3, spared: [[], [], ["Works"]] },
  { when: "somebody else's item is in it", count: 4, spared: [[], [], []] },
  { when: "more leave than it has members", count: 2, spared: [[], ["Works"], ["Works"]] },
  { when: "it has none", count: 0, spared: [["Works"], ["Works"], ["Works"]] },
];
for (const { when, count, spared } of CASES) {
  Deno.test(`spareLast() keeps the last member, when ${when}`, () => {
    const leavers = [leaver("1", "Works"), leaver("1", "Works", "Other"), leaver("1", "Works")];
    assertEquals(spareLast(leavers, members(count)), spared);
  });
}

Deno.test("spareLast() keeps in mind who left before, over several batches", () => {
  const gone: Leaving = new Map();
  const batch = () => spareLast([leaver("1", "Works")], members(3), gone);
  assertEquals([batch(), batch(), batch(), batch()], [[[]], [[]], [["Works"]], [["Works"]]]);
});

const moved = scene({ studio: "Other" });
const before = item({ collection: ["Works"], locked: ["collection"] });
const known = memory({ fields: { collection: ours("Works") } });
const planned = planSync(moved, before, known, rules(), WAYS);

Deno.test("leftBy() names what an item leaves, and no name that is only spelt anew", () => {
  assertEquals(leftBy(planned), ["Works"]);
  const names = { collection: { want: [{ name: "works" }], remove: ["Works"] } };
  assertEquals(leftBy({ edit: { ...NO_EDIT, names } }), []);
  assertEquals(leftBy({ edit: null }), []);
});

Deno.test("sparing() leaves an item in a collection, and writes all else", () => {
  const plan = sparing(planned, before, ["Works"]);
  const want = [{ name: "Other" }, { name: "Works" }];
  assertEquals(plan.edit, {
    ...planned.edit!,
    names: { ...planned.edit!.names, collection: { want, remove: [] } },
  });
  assertEquals(plan.changes.find(({ field }) => field === "collection")?.to, "Other, Works");
  assertEquals(plan.omitted.map(({ field }) => field), ["collection"]);
  assertEquals(sparing(planned, before, []), planned);
});

Deno.test("sparing() writes nothing where nothing else is to be written", () => {
  const edit = { ...NO_EDIT, names: { collection: { want: [], remove: ["Works"] } } };
  const changes = [{ field: "collection" as const, from: "Works", to: "" }];
  const plan = sparing({ ...planned, edit, changes }, before, ["Works"]);
  assertEquals([plan.edit, plan.changes], [null, []]);
});
