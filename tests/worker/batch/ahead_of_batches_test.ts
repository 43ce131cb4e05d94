/** The refresh of the index before several batches: only when they may be done. */
import { assertEquals } from "@std/assert";
import { PAUSED_AT } from "../../../src/core/meta_keys.ts";
import { IndexLooks } from "../../../src/worker/index/index_looks.ts";
import { Rig } from "../rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 12;

function listings(rig: Rig): number {
  return rig.plex.requests().filter(({ path }) => path.endsWith("/all")).length;
}

/** Why bulk work waits. */
const RESTS: Readonly<Record<string, (rig: Rig) => void>> = {
  "work is paused": ({ store, runtime }) => store.meta.set(PAUSED_AT, runtime.now()),
  "it is out of its hours": ({ context, runtime }) => {
    const date = new Date(runtime.now());
    const minute = date.getHours() * 60 + date.getMinutes();
    const quietHours = { from: (minute + 1380) % 1440, to: (minute + 60) % 1440 };
    context.settings = { ...context.settings, quietHours };
  },
};

for (const [when, rest] of Object.entries(RESTS)) {
  Deno.test(`the index is not refreshed for several batches while ${when}`, async () => {
    await using rig = await Rig.open({ library: { scenes: SCENES }, settings: { batchSize: 5 } });
    rest(rig);
    rig.enqueue();
    await rig.once();
    assertEquals([listings(rig), rig.store.jobs.count()], [0, SCENES]);
  });
}

for (const minutes of [30, 59, 24 * 60]) {
  Deno.test(`the index is refreshed before several batches, though the clock was set back by ${minutes} minutes`, async () => {
    await using rig = await Rig.open({ library: { scenes: SCENES }, settings: { batchSize: 5 } });
    const looks = new IndexLooks(rig.context, rig.gates);
    const { signal } = new AbortController();
    rig.enqueue();
    await looks.aheadOfBatches(signal);
    rig.runtime.jump(-minutes * MINUTE_MS);
    rig.plex.clearRequests();
    await looks.aheadOfBatches(signal);
    assertEquals(listings(rig) > 0, true);
  });
}
