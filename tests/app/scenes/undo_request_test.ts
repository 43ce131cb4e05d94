import { assertEquals } from "@std/assert";
import { requestUndo } from "../../../src/app/scenes/undo.ts";
import { TARGET } from "../../one_target.ts";
import { storeTest } from "../../store/temp_store.ts";
import { FakeRuntime } from "../../worker/fake_runtime.ts";

storeTest(
  "requestUndo() queues a large undo by parts, with turns for others",
  async ({ store }) => {
    const runtime = new FakeRuntime();
    const { undos } = store.of(TARGET);
    const items = Array.from({ length: 600 }, (_, at) => ({ scene_id: `${at}`, item: `${at}` }));
    const wish = { kind: "all" } as const;
    const task = { target: TARGET, items, scopeOf: () => wish };
    const asked = requestUndo(wish, [task], "undo --all", { store, runtime });
    const [{ id }] = store.database.prepare("SELECT max(id) AS id FROM runs").all<
      { id: number }
    >() as [
      { id: number },
    ];
    // Nothing came between what a person saw and the first of them.
    assertEquals(undos.progress(id), { items: 250, ended: 0 });
    assertEquals(await asked, id);
    assertEquals(undos.progress(id), { items: 600, ended: 0 });
    assertEquals(runtime.sleeps, [0, 0]);
  },
);
