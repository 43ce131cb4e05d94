import { assertEquals } from "@std/assert";
import type { UndoScope } from "../../../src/core/journal/undo_scope.ts";
import { NO_IMAGES, preview, request, resultOf, state, sync, undo, withOne } from "./undo_rig.ts";
import type { Rig } from "../rig.ts";

/** Three runs, a minute apart: tags A, then B, then C. @returns when each came */
async function threeRuns(rig: Rig): Promise<number[]> {
  const times: number[] = [];
  for (const tag of ["a", "b", "c"]) {
    times.push(rig.runtime.now());
    await sync(rig, { tags: [tag] });
    rig.runtime.jump(60_000);
  }
  return times;
}

/** Prunes what is older than a time, epoch ms. */
function prune(rig: Rig, before: number, isFull = false): void {
  while (rig.store.of("plex").pruning.step(before, 10, isFull));
}

for (const isFull of [false, true]) {
  Deno.test(`what an undo brought back goes with the undo of all, when its own write is pruned away between${isFull ? ", for want of room" : ""}`, async () => {
    await using rig = await withOne(NO_IMAGES);
    const before = state(rig);
    await threeRuns(rig);
    const cutoff = rig.runtime.now();
    await undo(rig, { kind: "run", run: 2 });
    assertEquals(state(rig).genres, ["A", "C"]);
    prune(rig, cutoff, isFull);
    assertEquals((await undo(rig)).left, []);
    assertEquals(state(rig), before);
  });
}

const NOT_KEPT = "no longer kept step by step: undo --scene or --all goes back to before plexsync";

Deno.test("an undo of a part of what is no longer kept apart changes nothing there, and says so", async () => {
  await using rig = await withOne(NO_IMAGES);
  const [, second] = await threeRuns(rig);
  prune(rig, rig.runtime.now());
  const ours = state(rig);
  const since: UndoScope = { kind: "since", at: second! };
  const { left } = await undo(rig, since);
  assertEquals(left, [`tags: ${NOT_KEPT}`]);
  assertEquals((await undo(rig, { kind: "run", run: 3 })).left, left);
  assertEquals((await preview(rig, since)).left, left);
  const write = rig.store.of("plex").undos.lastOf("1")[0]!.write!;
  assertEquals((await undo(rig, { kind: "write", write })).left, left);
  assertEquals(state(rig), ours);
  assertEquals((await undo(rig, { kind: "since", at: 0 })).left, []);
  assertEquals(state(rig).genres, []);
});

Deno.test("what came after all that is no longer kept apart comes back, and what is short of it is said", async () => {
  await using rig = await withOne(NO_IMAGES);
  const [, second] = await threeRuns(rig);
  prune(rig, rig.runtime.now());
  await sync(rig, { tags: ["d"], title: "Fourth" });
  const { left, restored } = await undo(rig, { kind: "since", at: second! });
  assertEquals([restored, left], [["title", "tags"], [`tags: ${NOT_KEPT}`]]);
  assertEquals([state(rig).title, state(rig).genres], ["Ours", ["C"]]);
});

Deno.test("how much of a run is kept step by step is known, also once nothing else is", async () => {
  await using rig = await withOne(NO_IMAGES);
  await threeRuns(rig);
  const { journal } = rig.store.of("plex");
  const { runs } = rig.store.jobs;
  const kept = () => journal.runs(9).map(({ run_id, kept }) => `${run_id} ${kept}`);
  assertEquals(kept(), ["3 all", "2 all", "1 all"]);
  prune(rig, rig.runtime.now() - 90_000);
  assertEquals(kept(), ["3 all", "2 none", "1 part"]);
  assertEquals([1, 2, 3, 4].map((id) => runs.keptOf(id)), ["part", "none", "all", null]);
  rig.store.database.exec("DELETE FROM runs WHERE id = 1");
  assertEquals(runs.keptOf(1), "none");
});

Deno.test("what stands for several writes that came to nothing is forgotten", async () => {
  await using rig = await withOne(NO_IMAGES);
  const before = state(rig);
  await sync(rig);
  await undo(rig);
  rig.runtime.jump(60_000);
  prune(rig, rig.runtime.now());
  assertEquals(rig.store.database.prepare("SELECT * FROM writes").all(), []);
  await sync(rig);
  assertEquals(state(rig), before, "it is held all the same");
});

Deno.test("an undo that waits for its turn finds what there was when it was asked for", async () => {
  await using rig = await withOne(NO_IMAGES);
  await threeRuns(rig);
  const run = await request(rig, { kind: "run", run: 3 });
  prune(rig, rig.runtime.now());
  await rig.once();
  assertEquals(resultOf(rig, run).left, []);
  assertEquals(state(rig).genres, ["B"]);
});
