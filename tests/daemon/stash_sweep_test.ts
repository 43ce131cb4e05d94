import { assertEquals } from "@std/assert";
import { FILES_KNOWN_AT } from "../../src/core/meta_keys.ts";
import { StashFanout } from "../../src/daemon/stash_fanout.ts";
import { IntakeFaults } from "../../src/daemon/intake_faults.ts";
import { StashSweep } from "../../src/daemon/stash_sweep.ts";
import type { Interval } from "../../src/core/time/interval.ts";
import { transaction } from "../../src/store/database/database.ts";
import { markSynced, type StashRig, withStashRig } from "../intake/stash_rig.ts";

interface Rig extends StashRig {
  /** When each page of the sweep was asked for, ms from the start. */
  pages: number[];
  /** What was said, without the details. */
  said: unknown[];
  gate: { down: boolean; failures: number };
  sweeps(interval: Interval, tookMs?: number): StashSweep;
  fanout(): StashFanout;
  /** Lets it run that long, by itself. */
  run(service: StashSweep | StashFanout, forMs: number): Promise<void>;
}

async function withServices(scenes: number, use: (rig: Rig) => Promise<void>): Promise<void> {
  const library = Array.from({ length: scenes }, (_, n) => ({ title: `${n}`, tags: ["Red"] }));
  await withStashRig({ scenes: library }, async (rig) => {
    const { runtime, client, store } = rig;
    const started = runtime.now();
    const pages: number[] = [];
    const said: unknown[] = [];
    const note = (_: string, fields?: Record<string, unknown>) => said.push(fields?.event);
    const log = { debug: note, info: note, warning: note, error: note };
    const gate = { down: false, failures: 0 };
    const halfGate = {
      get isDown() {
        return gate.down;
      },
      succeeded() {},
      failed: () => gate.failures++,
    };
    const parts = {
      store,
      runtime,
      wake: () => {},
      // deno-lint-ignore no-explicit-any -- only what is looked at
      log: log as any,
      // deno-lint-ignore no-explicit-any -- only what is looked at
      gate: halfGate as any,
    };
    await use({
      ...rig,
      pages,
      said,
      gate,
      sweeps: (sweepInterval, tookMs = 0) => {
        const stash = {
          ...client,
          scenesAfter: async (...rest: Parameters<typeof client.scenesAfter>) => {
            pages.push(runtime.now() - started);
            const page = await client.scenesAfter(...rest);
            runtime.jump(tookMs);
            return page;
          },
        };
        return new StashSweep({
          ...parts,
          config: { sweepInterval },
          stash,
          faults: new IntakeFaults(parts),
        });
      },
      fanout: () => new StashFanout({ ...parts, stash: client, faults: new IntakeFaults(parts) }),
      run: async (service, forMs) => {
        const stop = new AbortController();
        runtime.after(forMs, () => stop.abort());
        await service.run(stop.signal);
      },
    });
  });
}

Deno.test("the sweep takes a page a second, and rests nine times as long as one took", async () => {
  await withServices(600, async ({ pages, said, sweeps, run }) => {
    await run(sweeps("daily"), 10_000);
    assertEquals(pages, [0, 1_000, 2_000, 3_000]);
    assertEquals(said, ["sweep"]);
  });
  await withServices(600, async ({ pages, sweeps, run }) => {
    await run(sweeps("daily", 500), 20_000);
    assertEquals(pages, [0, 5_000, 10_000, 15_000]);
  });
});

Deno.test("no sweep is made when it is off, nor while Stash is down", async () => {
  await withServices(3, async ({ store, pages, gate, sweeps, run }) => {
    store.meta.set(FILES_KNOWN_AT, 1);
    await run(sweeps("never"), 5_000);
    gate.down = true;
    await run(sweeps("daily"), 5_000);
    assertEquals(pages, []);
  });
});

Deno.test("one sweep is made even when it is off: the files of all scenes have to be known", async () => {
  await withServices(3, async ({ store, pages, sweeps, run }) => {
    await run(sweeps("never"), 20_000);
    assertEquals(pages.length, 2, "the scenes, and the empty page that ends the walk");
    assertEquals(store.meta.get(FILES_KNOWN_AT) !== undefined, true);
  });
});

Deno.test("a sweep that Stash does not answer counts against Stash, and goes on later", async () => {
  await withServices(600, async ({ runtime, stash, gate, said, sweeps, run }) => {
    stash.setFaults([{ path: ".", status: 503 }]);
    runtime.after(1_500, () => stash.setFaults([]));
    await run(sweeps("daily"), 10_000);
    assertEquals(gate.failures, 2);
    assertEquals(said, ["sweep"]);
  });
});

Deno.test("what another process put on its way to the scenes is fanned out within a second", async () => {
  await withServices(700, async (rig) => {
    const { store, runtime, fanout, run } = rig;
    await markSynced(rig, ["1"]);
    const add = () =>
      transaction(
        store.database,
        () => store.fanouts.add({ kind: "tag", id: "1" }, false, runtime.now()),
      );
    runtime.after(2_100, add);
    await run(fanout(), 3_200);
    assertEquals(store.jobs.count(), 700);
    assertEquals(store.fanouts.list(), []);
  });
});

Deno.test("a single pass fans out what was accepted", async () => {
  await withServices(3, async ({ store, gate, stash, fanout }) => {
    transaction(store.database, () => store.fanouts.add({ kind: "tag", id: "1" }, false, 1));
    stash.setFaults([{ path: ".", status: 503 }]);
    const signal = new AbortController().signal;
    await fanout().runOnce(signal);
    assertEquals([store.jobs.count(), gate.failures, store.fanouts.list().length], [0, 1, 1]);
    stash.setFaults([]);
    await fanout().runOnce(signal);
    assertEquals(store.jobs.count(), 3);
  });
});

Deno.test("a database that cannot be written to is said once, and the sweep goes on after it", async () => {
  await withServices(3, async ({ store, said, sweeps, run, runtime }) => {
    const set = store.meta.set.bind(store.meta);
    store.meta.set = () => {
      throw new Error("disk I/O error");
    };
    runtime.after(3_000, () => {
      store.meta.set = set;
    });
    await run(sweeps("daily"), 10_000);
    assertEquals(said, ["watch_failed", "watch_back", "sweep"]);
  });
});
