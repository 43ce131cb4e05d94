import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  endWindows,
  FLOOD_WINDOW_MS,
  type Hushed,
  meet,
  NO_FLOOD,
} from "../../../src/core/text/flood.ts";

/** Which of the lines at these times are said, and what is told of the others. */
function play(times: readonly number[], free: number, kind = "a") {
  let flood = NO_FLOOD;
  const said: number[] = [];
  const told: Hushed[] = [];
  for (const at of times) {
    const result = meet(flood, kind, at, free);
    flood = result.flood;
    if (result.ended !== null) told.push(result.ended);
    if (result.say) said.push(at);
  }
  return { flood, said, told };
}

Deno.test("meet() says the first few of a minute and counts the others", () => {
  const { said, told, flood } = play([0, 1, 2, 3, 4, 5, 59_999], 5);
  assertEquals([said, told], [[0, 1, 2, 3, 4], []]);
  const { ended } = endWindows(flood, FLOOD_WINDOW_MS);
  assertEquals(ended, [{ kind: "a", count: 2, forMs: FLOOD_WINDOW_MS }]);
});

Deno.test("meet() starts anew when the minute is over, and tells what was counted", () => {
  const { said, told } = play([0, 1, 60_000, 60_001], 1);
  assertEquals(said, [0, 60_000]);
  assertEquals(told, [{ kind: "a", count: 1, forMs: FLOOD_WINDOW_MS }]);
});

Deno.test("meet() counts each kind by itself", () => {
  const first = meet(NO_FLOOD, "a", 0, 1);
  assertEquals(meet(first.flood, "b", 0, 1).say, true);
  assertEquals(meet(first.flood, "a", 0, 1).say, false);
});

Deno.test("meet() does not wait for a clock that was set back", () => {
  const hour = 3_600_000;
  const { said, told } = play([hour, hour + 1, 5, 6], 1);
  assertEquals(said, [hour, 5]);
  assertEquals(told, [{ kind: "a", count: 1, forMs: FLOOD_WINDOW_MS }]);
});

Deno.test("endWindows() tells only of windows that are over, the others too at the end", () => {
  const { flood } = play([0, 1, 2], 1);
  assertEquals(endWindows(flood, 59_999).ended, []);
  assertEquals(endWindows(flood, 5_000, true).ended, [{ kind: "a", count: 2, forMs: 5_000 }]);
});

Deno.test("endWindows() says nothing of a window in which all was said", () => {
  const { flood } = play([0, 1], 5);
  const { ended, flood: rest } = endWindows(flood, FLOOD_WINDOW_MS);
  assertEquals([ended, rest.size], [[], 0]);
});

Deno.test("property: every line is either said or told of, and no minute says more than allowed", () => {
  const line = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom("a", "b"));
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (lines, free) => {
        let flood = NO_FLOOD;
        let now = 0;
        let counted = 0;
        const said: Record<string, number[]> = { a: [], b: [] };
        const tell = (hushed: readonly (Hushed | null)[]) => {
          for (const one of hushed) counted += one?.count ?? 0;
        };
        for (const [later, kind] of lines) {
          now += later;
          const result = meet(flood, kind, now, free);
          flood = result.flood;
          tell([result.ended]);
          if (result.say) said[kind]!.push(now);
        }
        tell(endWindows(flood, now, true).ended);
        assertEquals(said.a!.length + said.b!.length + counted, lines.length);
        for (const times of Object.values(said)) {
          // Windows follow each other, so any minute touches two of them at most.
          for (const at of times) {
            const near = times.filter((time) => time >= at && time < at + FLOOD_WINDOW_MS);
            assert(near.length <= 2 * free, `${near.length} within a minute`);
          }
        }
      },
    ),
  );
});
