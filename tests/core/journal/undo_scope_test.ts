import { assertEquals } from "@std/assert";
import {
  againAfter,
  chainOf,
  fieldsOf,
  imagesToSee,
  isRedo,
  undoKind,
  type UndoScope,
} from "../../../src/core/journal/undo_scope.ts";
import { historyOf } from "./undo_history.ts";

const ROWS = historyOf("title", [
  { before: ["a"], stood: ["B"], keptAt: 100 },
  { before: ["B"], stood: ["C"], undoneBy: 3 },
  { before: ["C"], stood: ["B"], cause: "undo" },
  { before: ["B"], stood: ["D"], sceneId: "8" },
]);

const cases: {
  when: string;
  scope: UndoScope;
  meant: number[];
  over?: number[];
  blurred?: number[];
}[] = [
  { when: "all that holds", scope: { kind: "all" }, meant: [4, 1], over: [3, 2] },
  { when: "all that holds, to unlock", scope: { kind: "unlock" }, meant: [4, 1], over: [3, 2] },
  { when: "what is not older", scope: { kind: "since", at: 4_000 }, meant: [4] },
  {
    when: "what stands for several writes, the oldest of which is not older",
    scope: { kind: "since", at: 100 },
    meant: [4, 1],
    over: [3, 2],
  },
  { when: "a run's", scope: { kind: "run", run: 4 }, meant: [4] },
  {
    when: "a part of what stands for several writes, of which some are older",
    scope: { kind: "since", at: 101 },
    meant: [4, 1],
    over: [3, 2],
    blurred: [1],
  },
  {
    when: "a part of what stands for a run's write and more",
    scope: { kind: "run", run: 1 },
    meant: [1],
    over: [3, 2],
    blurred: [1],
  },
  { when: "none of a run that was undone", scope: { kind: "run", run: 2 }, meant: [] },
  { when: "an undo's own", scope: { kind: "run", run: 3 }, meant: [3] },
  { when: "one write", scope: { kind: "write", write: 4 }, meant: [4] },
  {
    when: "a part of what stands for one write and more",
    scope: { kind: "write", write: 1 },
    meant: [1],
    over: [3, 2],
    blurred: [1],
  },
  {
    when: "the owner's and what others left there",
    scope: { kind: "scene", scene: "8" },
    meant: [4, 1],
    over: [3, 2],
  },
  {
    when: "another's own alone",
    scope: { kind: "scene", scene: "7" },
    meant: [1],
    over: [3, 2],
  },
  { when: "none of a stranger", scope: { kind: "scene", scene: "9" }, meant: [] },
];

for (const { when, scope, meant, over = [], blurred = [] } of cases) {
  Deno.test(`chainOf() means ${when}, the newest first`, () => {
    const chain = chainOf(ROWS, "title", scope);
    const writes = (which: "isMeant" | "isOver" | "isBlurred") =>
      chain.filter((link) => link[which]).map(({ row }) => row.write);
    assertEquals([writes("isMeant"), writes("isOver")], [meant, over]);
    assertEquals(writes("isBlurred"), blurred);
    assertEquals(fieldsOf(ROWS, scope), meant.length === 0 ? [] : ["title"]);
  });
}

Deno.test("imagesToSee() names the images that a scope means anything of", () => {
  const rows = [...ROWS, ...historyOf("poster", [{ before: ["a"], stood: ["b"], runId: 7 }])];
  assertEquals(imagesToSee(rows, { kind: "all" }), ["poster"]);
  assertEquals(imagesToSee(rows, { kind: "run", run: 4 }), []);
});

Deno.test("isRedo() tells the undo of an undo from an undo, whatever came after", () => {
  const rows = historyOf("title", [
    { before: ["a"], stood: ["B"], undoneBy: null },
    { before: ["B"], stood: ["a"], cause: "undo", undoneBy: 3 },
    { before: ["a"], stood: ["B"], cause: "redo", undoneBy: 4 },
    { before: ["B"], stood: ["a"], cause: "undo" },
  ]);
  assertEquals(rows.map(isRedo), [false, false, true, false]);
  assertEquals(["undo", "redo", "bulk", null].map(undoKind), ["redo", "undo", "undo", "undo"]);
  assertEquals(againAfter(rows, "title", 3)?.write, 2);
  assertEquals(againAfter(rows, "tags", 3), undefined);
});
