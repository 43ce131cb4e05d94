import { assertEquals, assertThrows } from "@std/assert";
import { actionOf, type HookContext, hookOutput } from "../../src/core/jobs/hook.ts";
import { takeHook } from "../../src/intake/hook_queueing.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { TARGET, TARGETS } from "../one_target.ts";

const NOW = 1_790_000_000_000;

async function withStore(use: (store: Store) => void) {
  const store = await openStore(":memory:", TARGETS, {
    driver: "builtin",
    sleep: () => Promise.resolve(),
  });
  try {
    use(store);
  } finally {
    store.close();
  }
}

function take(store: Store, context: HookContext, now = NOW): string {
  const action = actionOf(context);
  takeHook(action, store, now);
  return hookOutput(action);
}

Deno.test("10,000 hooks of 90 scenes and 3 performers become 90 jobs and 3 walks", () =>
  withStore((store) => {
    for (let n = 0; n < 10_000; n++) {
      const context = n % 10 === 0
        ? { id: n % 3 + 1, type: "Performer.Update.Post", inputFields: ["name"] }
        : { id: n % 100 + 1, type: "Scene.Update.Post", inputFields: ["title"] };
      take(store, context, NOW + n);
    }
    // Every tenth scene was named by no hook of a scene.
    assertEquals(store.jobs.count(), 90);
    assertEquals(store.fanouts.list().map((row) => row.entity_id).sort(), ["1", "2", "3"]);
    assertEquals(store.jobs.get("2", TARGET)!.generation, 100);
    assertEquals(store.jobs.get("2", TARGET)!.reason, "hook");
  }));

Deno.test("a bulk edit of 1,000 scenes is 1,000 jobs, however often it is told", () =>
  withStore((store) => {
    const ids = Array.from({ length: 1_000 }, (_, n) => String(n + 1));
    for (const _ of [1, 2]) {
      for (const id of ids) {
        const input = { ids, tag_ids: { ids: ["7"], mode: "ADD" } };
        take(store, {
          id: Number(id),
          type: "Scene.Update.Post",
          input,
          inputFields: ["ids", "tag_ids"],
        });
      }
    }
    assertEquals(store.jobs.count(), 1_000);
  }));

Deno.test("a merge of tags is kept whole or not at all", () =>
  withStore((store) => {
    const merge = {
      id: 3,
      type: "Tag.Merge.Post",
      input: { source: ["4", "5"], destination: "3" },
    };
    let left = 2;
    const breaking = {
      database: store.database,
      jobs: store.jobs,
      fanouts: Object.assign(Object.create(store.fanouts) as Store["fanouts"], {
        add(...args: Parameters<Store["fanouts"]["add"]>) {
          if (left-- === 0) throw new Error("killed");
          store.fanouts.add(...args);
        },
      }),
    };
    assertThrows(() => takeHook(actionOf(merge), breaking, NOW), Error, "killed");
    assertEquals(store.fanouts.list(), []);
    assertEquals(take(store, merge), "queued");
    assertEquals(store.fanouts.list().map(({ entity_id, gone }) => [entity_id, gone]), [
      ["3", 0],
      ["4", 1],
      ["5", 1],
    ]);
  }));

Deno.test("a hook of what is not synced leaves nothing behind and says why", () =>
  withStore((store) => {
    const context = { id: 5, type: "Scene.Update.Post", inputFields: ["id", "play_duration"] };
    assertEquals(take(store, context), "nothing to do: no synced field changed");
    assertEquals(
      take(store, { id: 5, type: "Group.Update.Post" }),
      "nothing to do: Group is not synced",
    );
    assertEquals([store.jobs.count(), store.fanouts.list()], [0, []]);
  }));
