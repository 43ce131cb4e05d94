import { assertEquals } from "@std/assert";
import { type Claim, settleClaims } from "../../../src/core/match/claims.ts";
import { type Candidate, type Evidence, rankOf } from "../../../src/core/match/match.ts";

function candidate(item: string, evidence: Evidence = "path"): Candidate {
  return {
    item,
    section: "1",
    path: `/m/${item}.mp4`,
    stashPath: `/d/${item}.mp4`,
    evidence,
    confidence: "high",
    contradicted: false,
    isSpelled: true,
    claim: rankOf(evidence),
    isWeak: false,
  };
}

const claims = (...all: [item: string, sceneId: string, evidence: Evidence][]) =>
  Map.groupBy(
    all.map(([item, sceneId, evidence]) => ({
      item,
      sceneId,
      claim: rankOf(evidence),
      isWeak: false,
    })),
    ({ item }) => item,
  ) as ReadonlyMap<string, Claim[]>;

Deno.test("settleClaims() leaves a scene what nobody else claims, or has a worse right to", () => {
  const settled = settleClaims("7", [candidate("1")], claims(["1", "8", "elsewhere"]));
  assertEquals(settled, { kind: "items", items: [candidate("1")], lost: [], shared: [] });
});

for (const [evidence, isPinned] of [["path", false], ["pinned", true]] as const) {
  Deno.test(`settleClaims() names the better owner of what a scene loses, by ${evidence}`, () => {
    const settled = settleClaims("7", [candidate("1", "elsewhere")], claims(["1", "8", evidence]));
    assertEquals(settled, {
      kind: "none",
      lost: [{ item: "1", path: "/m/1.mp4", scenes: ["8"], isPinned }],
    });
  });
}

Deno.test("settleClaims() keeps the other items of a scene that loses one", () => {
  const items = [candidate("1", "elsewhere"), candidate("2", "elsewhere")];
  const settled = settleClaims("7", items, claims(["1", "8", "path"], ["2", "9", "bytes"]));
  assertEquals(settled.kind === "items" && settled.items.map(({ item }) => item), ["2"]);
});

Deno.test("settleClaims() gives an item with equal claims to none, and names all, whoever asks", () => {
  for (const [sceneId, other] of [["7", "10"], ["10", "7"]] as const) {
    const settled = settleClaims(
      sceneId,
      [candidate("1")],
      claims(["1", other, "path"], ["1", "9", "elsewhere"]),
    );
    assertEquals(settled, { kind: "shared", item: candidate("1"), scenes: ["7", "10"] });
  }
});

Deno.test("settleClaims() leaves a scene its own item beside one that it shares, in either order", () => {
  const items = [candidate("1"), candidate("2")];
  for (const order of [items, items.toReversed()]) {
    assertEquals(settleClaims("7", order, claims(["1", "8", "path"])), {
      kind: "items",
      items: [candidate("2")],
      lost: [],
      shared: [{ item: candidate("1"), scenes: ["7", "8"] }],
    });
  }
});

Deno.test("settleClaims() takes a path with other bytes for no better than the bytes elsewhere", () => {
  const weak = { ...candidate("1"), isWeak: true };
  const kindOf = (own: Candidate, other: Evidence, isWeak: boolean) => {
    const claim = { sceneId: "8", claim: rankOf(other), isWeak };
    return settleClaims("7", [own], new Map([["1", [claim]]])).kind;
  };
  assertEquals(kindOf(weak, "elsewhere", false), "shared");
  assertEquals(kindOf(candidate("1", "elsewhere"), "path", true), "shared");
  assertEquals(kindOf(candidate("1", "elsewhere"), "path", false), "none");
  assertEquals(kindOf(candidate("1"), "elsewhere", false), "items");
  assertEquals(kindOf(weak, "bytes", false), "items");
  assertEquals(kindOf(weak, "path", false), "shared");
  assertEquals(kindOf(weak, "pinned", false), "none");
});
