import { assertEquals } from "@std/assert";
import type { StashHttp } from "../../src/stash/http.ts";
import { idsByCount, PassedScenes, without } from "../../src/stash/passed_scenes.ts";

const REQUEST = { action: "list what changed" };
const WANTED = { scene: "id updated_at" };

/** Gives these answers in turn, the last one for ever. */
function answering(
  ...answers: { data: Record<string, unknown>; errors?: { message: string }[] }[]
) {
  let asked = 0;
  const query: StashHttp["query"] = () => {
    const { data, errors = [] } = answers[Math.min(asked++, answers.length - 1)]!;
    return Promise.resolve({ data, errors: errors as never, serverNow: null });
  };
  return { http: { query } as unknown as StashHttp, count: () => asked };
}

Deno.test("ask() gives those that can be read beside one that cannot, and forgets no scene for an error", async () => {
  const passed = new PassedScenes();
  passed.add(["4", "7"]);
  const row = { id: "4", updated_at: "2026-01-01T00:00:00Z" };
  const { http, count } = answering({ data: { s0: row, s1: null }, errors: [{ message: "bad" }] });
  assertEquals((await passed.ask(http, WANTED, REQUEST)).get("scene"), [row]);
  assertEquals([passed.ids, count()], [["4", "7"], 1]);
});

Deno.test("ask() forgets a scene that is deleted", async () => {
  const passed = new PassedScenes();
  passed.add(["4", "7"]);
  const { http } = answering({ data: { s0: null, s1: { id: "7" } } });
  assertEquals((await passed.ask(http, WANTED, REQUEST)).get("scene"), [{ id: "7" }]);
  assertEquals(passed.ids, ["7"]);
});

Deno.test("ask() takes nothing that stands under another id", async () => {
  const passed = new PassedScenes();
  passed.add(["4"]);
  const { http } = answering({ data: { s0: { id: "1004" } } });
  assertEquals((await passed.ask(http, WANTED, REQUEST)).size, 0);
  assertEquals(passed.ids, ["4"]);
});

Deno.test("ask() takes no request for nothing", async () => {
  const { http, count } = answering({ data: {} });
  assertEquals((await new PassedScenes().ask(http, WANTED, REQUEST)).size, 0);
  assertEquals(count(), 0);
});

Deno.test("without() leaves a filter for nothing as it is, and nests the others", () => {
  const filter = { id: { value: 5, modifier: "GREATER_THAN" } };
  assertEquals(without(filter, []), filter);
  const not = (value: number) => ({ id: { value, modifier: "NOT_EQUALS" } });
  assertEquals(without(filter, ["7", "9"]), { ...filter, AND: { ...not(7), AND: not(9) } });
});

/** Counts as a Stash with these scenes does. */
function counting(ids: readonly number[]): StashHttp {
  const query = (_request: unknown, _document: string, variables: Record<string, unknown> = {}) => {
    const { id } = variables.scenes as { id: { value: number; value2: number } };
    const count = ids.filter((each) => each >= id.value && each <= id.value2).length;
    return Promise.resolve({ data: { findScenes: { count, scenes: [] } }, errors: [] });
  };
  return { query } as unknown as StashHttp;
}

for (const ids of [[1], [2, 3], [7, 500_000], [6, 7, 8, 9], [1_000_000_007]]) {
  Deno.test(`idsByCount() finds ${ids}`, async () => {
    assertEquals(
      await idsByCount(counting(ids), REQUEST, {}, 0, ids.length),
      ids.map(String),
    );
  });
}

Deno.test("idsByCount() gives up where the counts do not tell", async () => {
  assertEquals(await idsByCount(counting([]), REQUEST, {}, 0, 1), null);
  assertEquals(await idsByCount(counting([9]), REQUEST, {}, 0, 2), null);
});

Deno.test("what cannot be found is not searched for by each poll", () => {
  const passed = new PassedScenes();
  assertEquals([passed.isWorthIt(10), passed.isWorthIt(11)], [true, false]);
  passed.add(null);
  const worth = Array.from({ length: 102 }, () => {
    passed.begin();
    return passed.isWorthIt(1);
  });
  assertEquals(worth.indexOf(true), 100);
});
