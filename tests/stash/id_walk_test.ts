import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { IdWalk, inOrder, isId } from "../../src/stash/id_walk.ts";

const rowsOf = (ids: readonly unknown[]) => ids.map((id) => ({ id: String(id) }));

const ORDERS: { ids: unknown[]; after?: number; ordered: unknown[] }[] = [
  { ids: [], ordered: [] },
  { ids: [1, 2, 3], ordered: [1, 2, 3] },
  { ids: [1, 1_000_000_002, 3], ordered: [1, 3] },
  { ids: [1_000_000_001, 2, 3], ordered: [2, 3] },
  { ids: [1_000_000_001, 2], ordered: [2] },
  { ids: [1, 2, 1_000_000_003], ordered: [1, 2, 1_000_000_003] },
  { ids: [1, 2, 2, 3], ordered: [1, 2, 3] },
  { ids: [5, 6, 3, 7], ordered: [5, 6, 7] },
  { ids: [5, 6, 7], after: 6, ordered: [7] },
  { ids: [1, "", "abc", "-4", "0", "1.5", "007", 2], ordered: [1, 2] },
  { ids: [1, "9007199254740993", "99999999999999999999", 2], ordered: [1, 2] },
  { ids: [3, 2, 1], ordered: [1] },
];

for (const { ids, after = 0, ordered } of ORDERS) {
  Deno.test(`inOrder() keeps ${ordered} of ${JSON.stringify(ids)} after ${after}`, () => {
    const sorted = inOrder(rowsOf(ids), after);
    assertEquals(sorted.ordered, rowsOf(ordered));
    assertEquals(sorted.ordered.length + sorted.odd.length, ids.length);
  });
}

Deno.test("inOrder() keeps all but one of a list in which one id is another one", () => {
  fc.assert(fc.property(
    fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 4, maxLength: 60 }),
    fc.nat(),
    fc.integer({ min: 1, max: 1e9 }),
    (ids, at, foreign) => {
      const sorted = ids.toSorted((a, b) => a - b);
      sorted[at % sorted.length] = foreign;
      const { ordered } = inOrder(rowsOf(sorted), 0);
      assert(ordered.length >= ids.length - 1);
      const values = ordered.map(({ id }) => Number(id));
      assertEquals(values, [...new Set(values)].sort((a, b) => a - b));
    },
  ));
});

Deno.test("isId() takes positive integers that can be counted exactly, and nothing else", () => {
  assertEquals(["1", "42", String(Number.MAX_SAFE_INTEGER)].every(isId), true);
  const none = ["", "0", "-1", "1.5", "abc", " 1", "1 ", "01", "1e3", "9007199254740992"];
  assertEquals(none.filter(isId), []);
});

Deno.test("a walk goes round at most three times at a server that repeats its page", () => {
  const walk = new IdWalk();
  let pages = 1;
  while (!walk.take(rowsOf([1, 2, 3]), true).isEnd) pages++;
  assertEquals([pages, walk.count], [4, 3]);
});

Deno.test("a walk over pages that never end does end", () => {
  const walk = new IdWalk();
  let next = 1;
  let pages = 1;
  while (!walk.take(rowsOf([next++, next++])).isEnd) pages++;
  assert(pages <= 5_000, String(pages));
});
