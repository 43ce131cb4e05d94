import { assertEquals } from "@std/assert";
import type { Edit, Item } from "../../../src/core/sync/item.ts";
import { shortfall } from "../../../src/core/sync/verify.ts";
import type { Memory } from "../../../src/core/sync/memory.ts";
import { item, memory, WAYS } from "../samples.ts";

const edit: Edit = {
  text: { title: "New" },
  names: { tags: { want: [{ name: "a" }, { name: "b" }], remove: ["Old"] } },
  lock: ["title", "tags"],
};
const before = item({ title: "x", tags: ["A", "Old"] });

function short(change: Edit, then: Item, now: Item, known: Memory | null = null) {
  return shortfall(change, then, now, { ways: WAYS, memory: known });
}

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
  {
    when: "a text stands there that cannot be made of ours",
    after: item({ title: "Ne", tags: ["A", "B"] }),
    want: ["title"],
  },
  {
    when: "a tag stands there that cannot be made of ours",
    after: item({ title: "New", tags: ["A", "B."] }),
    want: ["tags"],
  },
  {
    when: "a person's tag is there too",
    after: item({ title: "New", tags: ["A", "B", "C"] }),
    want: null,
  },
];
for (const { when, after, want } of cases) {
  Deno.test(`shortfall() is ${want ?? "nothing"} when ${when}`, () => {
    assertEquals(short(edit, before, after)?.fields ?? null, want);
  });
}

const heard = [
  { when: "nothing took", after: before, want: false },
  { when: "its image came alone", after: { ...before, stamp: 1 }, want: false },
  { when: "the text took", after: item({ title: "New", tags: ["A", "Old"] }), want: true },
  { when: "a name came", after: item({ title: "x", tags: ["A", "B", "Old"] }), want: true },
  { when: "a lock was set", after: { ...before, locked: ["title"] as const }, want: true },
];
for (const { when, after, want } of heard) {
  Deno.test(`shortfall() says that a write was ${want ? "" : "not "}heard when ${when}`, () => {
    assertEquals(short(edit, before, after)?.isHeard, want);
  });
}

Deno.test("shortfall() names just the surplus, in Plex's own spelling", () => {
  const rest = short(edit, before, item({ title: "New", tags: ["A", "B", "OLD"] }));
  assertEquals(rest?.surplus, { tags: ["OLD"] });
  assertEquals(rest?.edit.text, {});
});

Deno.test("shortfall() does not take a value for cleared that still stands", () => {
  const clear: Edit = { text: { summary: "" }, names: {}, lock: [] };
  const full = item({ summary: "old" });
  assertEquals(short(clear, full, full)?.fields, ["summary"]);
  assertEquals(short(clear, full, item())?.fields ?? null, null);
});

const LONG = "é".repeat(300);
const single: readonly {
  field: "title" | "summary" | "rating";
  before?: string;
  sent: string;
  after: string;
  known?: readonly [sent: string, stood: string];
  took: boolean;
}[] = [
  { field: "title", sent: "New", after: "New", took: true },
  { field: "title", sent: "New", after: " New ", took: true },
  { field: "title", sent: "straße", after: "STRASSE", took: true },
  { field: "title", sent: "new", after: "New", took: true },
  { field: "title", sent: LONG, after: "é".repeat(255), took: true },
  { field: "title", sent: LONG, after: "é".repeat(127), took: true },
  { field: "title", sent: LONG, after: "é".repeat(90), took: false },
  { field: "title", sent: LONG, after: "e".repeat(255), took: false },
  { field: "summary", sent: LONG, after: "é".repeat(255), took: false },
  { field: "title", sent: "New", after: "Another", took: false },
  { field: "title", sent: "New", after: "", took: false },
  { field: "title", sent: "", after: "Another", took: false },
  { field: "title", before: "NEW", sent: "New", after: "NEW", took: false },
  { field: "title", before: "NEW", sent: "New", after: "NEW", known: ["New", "NEW"], took: true },
  { field: "title", before: "NEW", sent: "New", after: "NEW", known: ["Old", "NEW"], took: false },
  { field: "rating", sent: "7.3", after: "7.5", took: true },
  { field: "rating", sent: "7.3", after: "7", took: true },
  { field: "rating", sent: "7.3", after: "8", took: false },
  { field: "rating", before: "7.5", sent: "7.3", after: "7.5", took: true },
  { field: "rating", before: "8", sent: "7.3", after: "8", took: false },
  { field: "title", before: "é".repeat(127), sent: LONG, after: "é".repeat(127), took: true },
  { field: "rating", before: "5", sent: "7.3", after: "5", took: false },
];
for (const { field, before = "", sent, after, known, took } of single) {
  const was = before === "" ? "" : ` that was ${before}`;
  const knows = known === undefined ? "" : `, knowing ${known[1]} for ${known[0]}`;
  const name = `${short255(after)} for ${short255(sent)} in a ${field}${was}${knows}`;
  Deno.test(`shortfall() ${took ? "takes" : "does not take"} ${name}`, () => {
    const value = field === "rating" ? Number(sent) : sent;
    const change: Edit = field === "rating"
      ? { text: {}, names: {}, lock: [], rating: value as number }
      : { text: { [field]: sent }, names: {}, lock: [] };
    const last = known === undefined
      ? null
      : memory({ fields: { [field]: { sent: [known[0]], stood: [known[1]], ours: [known[1]] } } });
    const rest = short(change, item({ [field]: before }), item({ [field]: after }), last);
    assertEquals(rest?.fields ?? null, took ? null : [field]);
    if (!took) assertEquals(rest!.foreign, after === before ? [] : [field]);
  });
}

function short255(text: string): string {
  return text.length < 20 ? JSON.stringify(text) : `${text.length} × ${text[0]}`;
}

Deno.test("a name that differs in letter case only is gone when its new spelling stands", () => {
  const respell: Edit = {
    text: {},
    names: { tags: { want: [{ name: "blue" }], remove: ["BLUE"] } },
    lock: [],
  };
  const was = item({ tags: ["BLUE"] });
  for (const tags of [["blue"], ["Blue"], ["BLUE"]]) {
    assertEquals(short(respell, was, item({ tags })), null, String(tags));
  }
  const both = short(respell, was, item({ tags: ["BLUE", "Blue"] }));
  assertEquals(both?.surplus, { tags: ["BLUE"] });
});
