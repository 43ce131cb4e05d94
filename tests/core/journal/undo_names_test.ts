import { assertEquals } from "@std/assert";
import { historyOf, undoOf, type Written } from "./undo_history.ts";

/** A first write of ours that adds these. */
const added = (...names: string[]): Written => ({ before: [], stood: names });

Deno.test("planUndo() leaves a write be whose name a newer one took away, and takes back both later", () => {
  const rows = historyOf("tags", [added("One"), { before: ["One"], stood: [] }]);
  const run = undoOf(rows, { locked: ["tags"] }, { kind: "run", run: 1 });
  const none = { edit: null, images: [], writes: [], holds: [] };
  assertEquals(run, { ...none, left: ["written again since"] });
  const all = undoOf(rows, { locked: ["tags"] });
  assertEquals(all.writes, [2, 1]);
  assertEquals(all.edit, { text: {}, names: {}, lock: [], unlock: ["tags"] });
});

Deno.test("planUndo() takes back what is left of a write, which is not done with that", () => {
  const rows = historyOf("tags", [added("One", "Two"), { before: ["One", "Two"], stood: ["Two"] }]);
  const run = undoOf(rows, { tags: ["Two"], locked: ["tags"] }, { kind: "run", run: 1 });
  assertEquals(run.edit?.names, { tags: { want: [], remove: ["Two"] } });
  assertEquals(run.writes, []);
  assertEquals(run.holds.map(({ off }) => off), [["Two"]]);
  const undo = { before: ["Two"], stood: [], cause: "undo", runId: 9 };
  const all = undoOf(historyOf("tags", [...rows, undo]), {});
  assertEquals([all.edit, all.writes], [null, [2, 1]]);
});

Deno.test("planUndo() brings back a name from before us that an undo of a newer write took away", () => {
  const rows = historyOf("tags", [
    { before: ["Old"], stood: [] },
    { before: [], stood: ["Old", "New"], undoneBy: 3 },
    { before: ["Old", "New"], stood: [], cause: "undo" },
  ]);
  assertEquals(undoOf(rows, {}).edit?.names.tags, { want: [{ name: "Old" }], remove: [] });
});

Deno.test("planUndo() does not bring back what another undo took from under a newer write", () => {
  const rows = historyOf("tags", [
    { ...added("One"), undoneBy: 3 },
    { before: ["One"], stood: ["One", "Two"] },
    { before: ["One", "Two"], stood: ["Two"], cause: "undo" },
  ]);
  assertEquals(undoOf(rows, { tags: ["Two"] }).edit?.names.tags, { want: [], remove: ["Two"] });
});

Deno.test("planUndo() takes what an undo changed, its end unseen, for nobody's edit", () => {
  const rows = historyOf("tags", [
    added("One"),
    { before: ["One"], stood: null, sent: [], cause: "undo", lockedAfter: false },
  ]);
  const { edit, left, writes, holds } = undoOf(rows, {});
  assertEquals([edit, left, writes], [null, [], [1]]);
  assertEquals(holds.map(({ off }) => off), [["One"]]);
});

Deno.test("planUndo() leaves a name that a person brought back after an undo", () => {
  const rows = historyOf("tags", [
    { ...added("One"), undoneBy: 2 },
    { before: ["One"], stood: [], cause: "undo" },
    { before: ["One", "Mine"], stood: ["Mine", "One", "Two"] },
  ]);
  const { edit } = undoOf(rows, { tags: ["Mine", "One", "Two"], locked: ["tags"] });
  assertEquals(edit?.names.tags?.remove, ["Two"]);
});

Deno.test("planUndo() brings names back to their places, also where all of them stand there", () => {
  const rows = historyOf("performers", [
    { before: ["Ann", ["Bob", "Lead"]], stood: ["Cid", "Ann", ["Bob", "Lead"]] },
    { before: ["Cid", "Ann", ["Bob", "Lead"]], stood: [["Bob", "Lead"], "Ann"] },
  ]);
  const now = { performers: [{ name: "Bob", role: "Lead" }, "Ann"] };
  const want = [{ name: "Ann" }, { name: "Bob", role: "Lead" }];
  assertEquals(undoOf(rows, now).edit?.names.performers, { want, remove: [] });
});

Deno.test("planUndo() brings back a name that stood there in two spellings, and a single one in none", () => {
  const both = historyOf("tags", [{ before: ["one", "ONE", "Old"], stood: ["one"] }]);
  const want = ["one", "ONE", "Old"].map((name) => ({ name }));
  assertEquals(undoOf(both, { tags: ["one"] }).edit?.names.tags, { want, remove: [] });
  const single = historyOf("tags", [{ before: ["ONE"], stood: [] }]);
  assertEquals(undoOf(single, { tags: ["one"] }).edit?.names.tags, undefined);
});

Deno.test("planUndo() names once what a person brought back and a newer write of ours left there", () => {
  const rows = historyOf("collection", [
    { before: ["Works"], stood: ["A"] },
    { before: ["Works"], stood: ["A", "Works"] },
  ]);
  const { edit } = undoOf(rows, { collection: ["A", "Works"], locked: ["collection"] });
  assertEquals(edit?.names.collection, { want: [{ name: "Works" }], remove: ["A"] });
});
