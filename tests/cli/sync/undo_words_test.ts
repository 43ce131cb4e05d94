import { assertEquals } from "@std/assert";
import { type Counted, countIn, NO_TOTALS, wordsOf } from "../../../src/cli/sync/undo_words.ts";

const NOTHING: Counted = { restored: [], locks: [], left: [], error: null };
const BACK = { ...NOTHING, restored: ["title", "tags"], locks: ["studio"] };
const LEFT = { ...NOTHING, left: ["background"] };
const GONE = { ...NOTHING, error: "Item 5 is gone" };

const cases: { when: string; results: Counted[]; want: string }[] = [
  {
    when: "fields and locks came back, not on each item",
    results: [BACK, BACK, LEFT, GONE],
    want: "4 fields and 2 locks of 2 items taken back, 1 left; nothing can be done with 1 item",
  },
  {
    when: "only locks came back",
    results: [{ ...BACK, restored: [] }],
    want: "1 lock of 1 item taken back",
  },
  {
    when: "only fields came back",
    results: [{ ...BACK, locks: [] }],
    want: "2 fields of 1 item taken back",
  },
  { when: "all was left", results: [LEFT, LEFT], want: "nothing taken back, 2 left" },
  {
    when: "the item is gone",
    results: [GONE],
    want: "nothing taken back; nothing can be done with 1 item",
  },
  {
    when: "somebody put it back before",
    results: [NOTHING],
    want: "nothing taken back: it stands so already",
  },
];

for (const { when, results, want } of cases) {
  Deno.test(`the end of an undo is told when ${when}`, () => {
    const totals = results.reduce(countIn, NO_TOTALS);
    assertEquals(wordsOf({ kind: "all" }, false).total(totals), want);
  });
}
