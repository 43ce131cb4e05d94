/** A field that one of two targets does not take keeps nothing from the other, over a restart too. */
import { assertEquals } from "@std/assert";
import { STASH } from "../../../src/core/jobs/course.ts";
import { createPlexTarget } from "../../../src/target/plex/plex_target.ts";
import { FieldRest } from "../../../src/worker/doubts/field_rest.ts";
import { Gate } from "../../../src/worker/gates/gate.ts";
import { Gates } from "../../../src/worker/gates/gates.ts";
import { ImageRest } from "../../../src/worker/images/image_rest.ts";
import { IndexKeeper } from "../../../src/worker/index/index_keeper.ts";
import { Unpaid } from "../../../src/worker/doubts/unpaid.ts";
import { Worker } from "../../../src/worker/worker.ts";
import { generateLibrary } from "../../sim/library.ts";
import { type SimPlex, startSimPlex } from "../../sim/plex/server.ts";
import { loopEnd, Rig } from "../rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 8;
const SECOND = "second";

/** A pass of the worker of the second target, as of a process that began just now. */
async function workOnSecond(rig: Rig, plex: SimPlex): Promise<void> {
  const { store, runtime, context } = rig;
  const { log } = context;
  const target = createPlexTarget({
    id: SECOND,
    runtime,
    fetch,
    connectTimeoutMs: 1_000,
    readTimeoutMs: 2_000,
    url: plex.url,
    token: plex.token,
    clientIdentifier: "rig",
    version: "0",
  });
  const own = {
    ...context,
    target,
    keeper: new IndexKeeper(target, store, runtime, log, []),
    unpaid: new Unpaid(new FieldRest(store.meta, SECOND)),
    imageRest: new ImageRest(runtime, log),
    once: new Set<string>(),
  };
  const gates = new Gates(
    new Gate(STASH, "Stash", store, log),
    new Gate(SECOND, "Second", store, log),
  );
  const worker = new Worker(own, gates, { settled: () => {}, idle: () => {} }, `${runtime.now()}`);
  await worker.run(new AbortController().signal, loopEnd(true));
}

function titled(rig: Rig, plex: SimPlex): number {
  const titles = new Set(rig.stash.scenes().map(({ title }) => title));
  return plex.items().filter(({ title }) => titles.has(title ?? "")).length;
}

for (const status of [200, 403]) {
  Deno.test(`edits of a field that one target answers with ${status} rest there alone, over restarts too`, async () => {
    const library = { scenes: SCENES, seed: 1 };
    await using rig = await Rig.open({ library, more: [SECOND] });
    const second = await startSimPlex({
      items: generateLibrary(library).plexItems,
      switches: { imageLagMs: 0 },
    });
    try {
      rig.enqueue();
      await rig.once();
      await workOnSecond(rig, second);
      rig.stash.upsert(
        rig.stash.scenes().map(({ id }) => ({
          id,
          title: `Anew ${id!}`,
          details: `Text ${id!}`,
        })),
      );
      rig.plex.setFaults([{ method: "PUT", path: "title.value", status }]);
      rig.enqueue();
      await workOnSecond(rig, second);
      await rig.once();
      rig.start();
      await rig.once();
      assertEquals([titled(rig, rig.plex), titled(rig, second)], [0, SCENES]);
      // Of the other target nothing rests, whatever was kept of the first.
      rig.stash.upsert(rig.stash.scenes().map(({ id }) => ({ id, title: `Once more ${id!}` })));
      rig.enqueue();
      await workOnSecond(rig, second);
      assertEquals([titled(rig, rig.plex), titled(rig, second)], [0, SCENES]);
      rig.plex.setFaults([]);
      rig.runtime.jump(11 * MINUTE_MS);
      await rig.until(() => rig.store.jobs.count() === 0, 15 * MINUTE_MS);
      assertEquals([titled(rig, rig.plex), titled(rig, second)], [SCENES, SCENES]);
      assertEquals(rig.store.deadLetters.count(), 0);
    } finally {
      await second.close();
    }
  });
}
