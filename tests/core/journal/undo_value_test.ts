import { assertEquals } from "@std/assert";
import type { UndoScope } from "../../../src/core/journal/undo_scope.ts";
import { historyOf, undoOf, type Written } from "./undo_history.ts";

const FIRST: Written = { before: ["a"], stood: ["B"] };
const SECOND: Written = { before: ["B"], stood: ["C"] };
const undo = (more: Partial<Written>): Written => ({
  before: ["C"],
  stood: ["a"],
  cause: "undo",
  ...more,
});
const back = (writes: readonly number[], title?: string) => ({ title, left: [], writes });
const left = (why: string) => ({ title: undefined, left: [why], writes: [] });

const cases: {
  when: string;
  rows: Written[];
  title: string;
  scope?: UndoScope;
  want: { title: string | undefined; left: string[]; writes: readonly number[] };
}[] = [
  {
    when: "goes back to what was before us",
    rows: [FIRST, SECOND],
    title: "C",
    want: back([2, 1], "a"),
  },
  {
    when: "goes one write back",
    rows: [FIRST, SECOND],
    title: "C",
    scope: { kind: "write", write: 2 },
    want: back([2], "B"),
  },
  {
    when: "leaves an older write under a newer one",
    rows: [FIRST, SECOND],
    title: "C",
    scope: { kind: "run", run: 1 },
    want: left("written again since"),
  },
  {
    when: "leaves a person's value",
    rows: [FIRST, SECOND],
    title: "Mine",
    want: left("changed by somebody since"),
  },
  {
    when: "stops at a person's value between two writes",
    rows: [FIRST, { before: ["Mine"], stood: ["C"] }],
    title: "C",
    want: back([2], "Mine"),
  },
  {
    when: "takes what an undo of its own brought, its end unseen, for done",
    rows: [FIRST, SECOND, undo({ stood: null, sent: ["a"] })],
    title: "a",
    want: back([2, 1]),
  },
  {
    when: "tries again where an undo never came there",
    rows: [FIRST, SECOND, undo({ stood: null, sent: ["a"] })],
    title: "C",
    want: back([2, 1], "a"),
  },
  {
    when: "goes on behind what was undone already",
    rows: [FIRST, { ...SECOND, undoneBy: 3 }, undo({ stood: ["B"] })],
    title: "B",
    want: back([1], "a"),
  },
  {
    when: "leaves our own older value where a person set it again after an undo",
    rows: [
      FIRST,
      { ...SECOND, undoneBy: 3 },
      undo({ stood: ["B"] }),
      { before: ["Mine"], stood: ["D"], undoneBy: 5 },
      undo({ before: ["D"], stood: ["Mine"] }),
    ],
    title: "B",
    want: left("changed by somebody since"),
  },
  {
    when: "leaves what stands where it is not known what was before",
    rows: [{ ...FIRST, sure: false }],
    title: "B",
    want: left("what stood before is not known"),
  },
];

for (const { when, rows, title, scope, want } of cases) {
  Deno.test(`undoValue() ${when}`, () => {
    const { edit, left, writes } = undoOf(historyOf("title", rows), { title }, scope);
    assertEquals({ title: edit?.text.title, left, writes }, want);
  });
}

Deno.test("undoValue() opens the lock of what has to stay, whichever of our writes gave it", () => {
  const rows = historyOf("title", [FIRST, { ...SECOND, sure: false }]);
  const { edit, left } = undoOf(rows, { title: "C", locked: ["title"] });
  assertEquals([edit?.unlock, left], [["title"], ["what stood before is not known"]]);
  const theirs = historyOf("title", [{ ...FIRST, lockedBefore: true }, { ...SECOND, sure: false }]);
  assertEquals(undoOf(theirs, { title: "C", locked: ["title"] }).edit, null);
});

Deno.test("undoValue() tells what an image's write left, its end unseen, by what stood next", () => {
  const rows = historyOf("poster", [
    { before: ["own"], stood: ["ours"], sent: ["digest"] },
    { before: ["own"], stood: null, sent: ["ours"], cause: "redo", runId: 3 },
    { before: ["ours"], stood: ["ours"], cause: "redo", runId: 3 },
    // Chosen by an earlier attempt at this very undo: its answer was lost.
    { before: ["ours"], stood: null, sent: ["own"], cause: "undo", runId: 4 },
  ]);
  const poster = { shownKey: "own", shown: null, keys: new Set(["own", "ours"]), known: new Map() };
  const { images, left, writes } = undoOf(rows, {}, { kind: "run", run: 3 }, { poster });
  assertEquals([images, left, writes], [[], [], [3, 2]]);
});

/** The item shows the last upload of ours; keys are made of digests. */
function shows(shown: string, ...keys: string[]) {
  const known = new Map(keys.map((key) => [key.replace("key of ", ""), key]));
  return { poster: { shown, shownKey: `key of ${shown}`, keys: new Set(keys), known } };
}

function keysOf({ images }: ReturnType<typeof undoOf>): string[] {
  return images.map(({ key }) => key);
}

Deno.test("planUndo() goes back to what a person chose between two tries of one upload", () => {
  const rows = historyOf("poster", [
    { before: ["frame"], stood: ["key of a"], sent: ["a"] },
    { before: ["key of a"], stood: null, sent: ["b"] },
    { before: ["key of theirs"], stood: ["key of b"], sent: ["b"] },
  ]);
  const images = shows("b", "frame", "key of a", "key of b", "key of theirs");
  const plan = undoOf(rows, { locked: ["poster"] }, { kind: "all" }, images);
  assertEquals([keysOf(plan), plan.writes], [["key of theirs"], [3]]);
});

Deno.test("planUndo() goes back over an image that is lost, as far as one is there", () => {
  const rows = historyOf("poster", [
    { before: ["frame"], stood: ["key of a"], sent: ["a"] },
    { before: ["key of a"], stood: ["key of b"], sent: ["b"] },
    { before: ["key of b"], stood: ["key of c"], sent: ["c"] },
  ]);
  const all = { kind: "all" } as const;
  const there = undoOf(rows, { locked: ["poster"] }, all, shows("c", "frame", "key of c"));
  assertEquals([keysOf(there), there.writes, there.left], [["frame"], [3, 2, 1], []]);
  const gone = undoOf(rows, { locked: ["poster"] }, all, shows("c", "key of b", "key of c"));
  assertEquals([keysOf(gone), gone.writes], [["key of b"], [3]]);
  assertEquals([gone.left, gone.edit?.unlock], [["the image is no longer there"], ["poster"]]);
});
