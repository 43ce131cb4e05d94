import { assertEquals } from "@std/assert";
import type { Edit } from "../../src/core/item.ts";
import { shortfall } from "../../src/core/verify.ts";
import { item } from "./samples.ts";

const edit: Edit = {
  text: { title: "New" },
  names: { tags: { want: [{ name: "a" }, { name: "b" }], remove: ["Old"] } },
  lock: ["title", "tags"],
};
const before = item({ title: "x", tags: ["A", "Old"] });

const cases = [
  { when: "all took", after: item({ title: "New", tags: ["A", "B"] }), want: null },
  { when: "nothing took (a deaf 200)", after: before, want: ["title", "tags"] },
  { when: "the text stayed", after: item({ title: "x", tags: ["A", "B"] }), want: ["title"] },
  {
    when: "the removal did not take",
    after: item({ title: "New", tags: ["A", "B", "Old"] }),
    want: ["tags"],
  },
  { when: "an addition is missing", after: item({ title: "New", tags: ["A"] }), want: ["tags"] },
  { when: "Plex cut the text", after: item({ title: "Ne", tags: ["A", "B"] }), want: null },
  {
    when: "Plex spells a new tag its own way",
    after: item({ title: "New", tags: ["A", "B."] }),
    want: null,
  },
  {
    when: "a person's tag is there too",
    after: item({ title: "New", tags: ["A", "B", "C"] }),
    want: null,
  },
];
for (const { when, after, want } of cases) {
  Deno.test(`shortfall() is ${want ?? "nothing"} when ${when}`, () => {
    assertEquals(shortfall(edit, before, after)?.fields ?? null, want);
  });
}

Deno.test("shortfall() names just the surplus, in Plex's own spelling", () => {
  const rest = shortfall(edit, before, item({ title: "New", tags: ["A", "B", "OLD"] }));
  assertEquals(rest?.surplus, { tags: ["OLD"] });
  assertEquals(rest?.edit.text, {});
});

Deno.test("shortfall() does not take a value for cleared that still stands", () => {
  const clear: Edit = { text: { summary: "" }, names: {}, lock: [] };
  const full = item({ summary: "old" });
  assertEquals(shortfall(clear, full, full)?.fields, ["summary"]);
  assertEquals(shortfall(clear, full, item())?.fields ?? null, null);
});
