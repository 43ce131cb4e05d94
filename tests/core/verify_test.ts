import { assertEquals } from "@std/assert";
import { shortfall } from "../../src/core/verify.ts";
import { item } from "./samples.ts";

const edit = {
  text: { title: "New" },
  tags: { genre: { want: [{ name: "a" }, { name: "b" }], remove: ["Old"] } },
  lock: ["title", "genre"],
};
const before = item({ title: "x", genre: ["A", "Old"] });

const cases = [
  { when: "all took", after: item({ title: "New", genre: ["A", "B"] }), want: null },
  { when: "nothing took (a deaf 200)", after: before, want: ["title", "genre"] },
  { when: "the text stayed", after: item({ title: "x", genre: ["A", "B"] }), want: ["title"] },
  {
    when: "the removal did not take",
    after: item({ title: "New", genre: ["A", "B", "Old"] }),
    want: ["genre"],
  },
  { when: "an addition is missing", after: item({ title: "New", genre: ["A"] }), want: ["genre"] },
  { when: "Plex cut the text", after: item({ title: "Ne", genre: ["A", "B"] }), want: null },
  {
    when: "Plex spells a new tag its own way",
    after: item({ title: "New", genre: ["A", "B."] }),
    want: null,
  },
  {
    when: "a person's tag is there too",
    after: item({ title: "New", genre: ["A", "B", "C"] }),
    want: null,
  },
];
for (const { when, after, want } of cases) {
  Deno.test(`shortfall() is ${want ?? "nothing"} when ${when}`, () => {
    assertEquals(shortfall(edit, before, after)?.fields ?? null, want);
  });
}

Deno.test("shortfall() names just the surplus, in Plex's own spelling", () => {
  const rest = shortfall(edit, before, item({ title: "New", genre: ["A", "B", "OLD"] }));
  assertEquals(rest?.surplus, { genre: ["OLD"] });
  assertEquals(rest?.edit.text, {});
});

Deno.test("shortfall() does not take a value for cleared that still stands", () => {
  const clear = { text: { summary: "" }, tags: {}, lock: [] };
  const full = item({ summary: "old" });
  assertEquals(shortfall(clear, full, full)?.fields, ["summary"]);
  assertEquals(shortfall(clear, full, item())?.fields ?? null, null);
});
