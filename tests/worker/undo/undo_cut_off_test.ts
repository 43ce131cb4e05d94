/** An undo of many items is queued by parts: a kill between two leaves some of it. */
import { assert, assertEquals } from "@std/assert";
import { requestUndo, undoTasks } from "../../../src/app/scenes/undo.ts";
import { Rig } from "../rig.ts";
import { NO_IMAGES, request } from "./undo_rig.ts";

const SCENES = 8;

for (const isDone of [false, true]) {
  const when = isDone ? "when the part is done" : "while the part waits";
  Deno.test(`an undo that was queued in part is asked for again ${when}: each item comes back once`, async () => {
    await using rig = await Rig.open({ ...NO_IMAGES, library: { scenes: SCENES } });
    const before = rig.plex.items();
    rig.enqueue();
    await rig.once();
    const ours = rig.plex.items();
    const written = rig.writes().length;
    const wish = { kind: "all" } as const;
    const part = undoTasks(wish, rig)
      .map((task) => ({ ...task, items: task.items.slice(0, SCENES / 2) }));
    const first = await requestUndo(wish, part, "undo --all", rig);
    if (isDone) await rig.once();
    const second = await request(rig);
    await rig.once();
    assertEquals(rig.plex.items(), before);
    // As many edits as items.
    assertEquals(rig.writes().length - written, SCENES);
    const { undos } = rig.store.of("plex");
    const restored = [first, second].map((run) =>
      undos.results(run).filter(({ result }) => result.restored.length > 0).map(({ item }) => item)
    );
    assertEquals(restored.map(({ length }) => length), [SCENES / 2, SCENES / 2]);
    assertEquals(new Set(restored.flat()).size, SCENES);
    for (const run of [first, second]) {
      const { items, ended } = undos.progress(run);
      assertEquals(ended, items);
      assertEquals(
        undos.results(run).flatMap(({ result }) => [result.error ?? [], result.left].flat()),
        [],
      );
    }
    assertEquals(rig.store.jobs.count(), 0);
    // Both are undone, and ours is there again, by the undo of both.
    for (const run of [first, second]) {
      await request(rig, { kind: "run", run });
      await rig.once();
    }
    assertEquals(rig.plex.items(), ours);
    assert(rig.errors().length === 0);
  });
}
