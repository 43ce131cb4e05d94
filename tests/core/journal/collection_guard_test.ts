import { assertEquals } from "@std/assert";
import {
  countLeaving,
  type Leaving,
  spareLast,
} from "../../../src/core/journal/collection_guard.ts";

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
