import { assertEquals } from "@std/assert";
import { type ItemResult, leftText } from "../../../src/cli/sync/left_text.ts";

const IMAGE = { field: "background", why: "an image cannot be taken away" } as const;

function item(id: number, rest: Partial<ItemResult> = {}): ItemResult {
  return { scene_id: `${id}`, rating_key: `${id + 100}`, left: [IMAGE], error: null, ...rest };
}

const cases: { name: string; results: ItemResult[]; want: string[] }[] = [
  { name: "nothing", results: [item(1, { left: [] })], want: [] },
  {
    name: "few items one by one",
    results: [1, 2, 3, 4, 5].map((id) => item(id)),
    want: [1, 2, 3, 4, 5].map((id) =>
      `Scene ${id}, item ${id + 100}: background left: an image cannot be taken away`
    ),
  },
  {
    name: "what many share in one line, and what is one item's own beside it",
    results: [
      ...[1, 2, 3, 4, 5, 6].map((id) => item(id)),
      item(7, { left: [IMAGE, { field: "title", why: "changed by somebody since" }] }),
      item(8, { left: [], error: "Item 108 is gone" }),
    ],
    want: [
      "7 items: background left: an image cannot be taken away " +
      "(scenes 1, 2, 3, 4, 5, …; --json names all)",
      "Scene 7, item 107: title left: changed by somebody since",
      "Scene 8, item 108: Item 108 is gone",
    ],
  },
];

for (const { name, results, want } of cases) {
  Deno.test(`what an undo left is told: ${name}`, () => {
    assertEquals(leftText(results).split("\n").filter((line) => line !== ""), want);
  });
}
