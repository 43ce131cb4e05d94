import { assert } from "@std/assert";
import { SECOND_MS } from "../../src/core/time/duration.ts";
import { IntakeFaults } from "../../src/daemon/intake_faults.ts";
import { StashPoll } from "../../src/daemon/stash_poll.ts";
import { type StashRig, withStashRig } from "../intake/stash_rig.ts";

const HOUR_MS = 3_600_000;
const POLL_MS = 30 * SECOND_MS;

const ODD: readonly { when: string; spoil(rig: StashRig): void }[] = [
  { when: "nothing is odd", spoil: () => {} },
  ...[-48, -2, 2, 48].map((hours) => ({
    when: `Stash's clock is set by ${hours} hours`,
    spoil: ({ stash }: StashRig) => stash.jumpClock(hours * HOUR_MS),
  })),
  ...["-12:00", "+14:00"].map((zone) => ({
    when: `Stash writes ${zone}`,
    spoil: ({ stash }: StashRig) => stash.setZone(zone),
  })),
  {
    when: "a scene has a stamp of 2099",
    spoil: ({ stash }) => void stash.upsert([{ id: "2", updated_at: "2099-01-01T00:00:00Z" }]),
  },
];

for (const { when, spoil } of ODD) {
  Deno.test(`a change is queued within poll_interval and a second when ${when} at that moment`, async () => {
    const scenes = ["1", "2"].map((id) => ({ id, title: `Scene ${id}` }));
    await withStashRig({ scenes }, async (rig) => {
      const { stash, client, store, runtime, log } = rig;
      const parts = {
        store,
        runtime,
        // deno-lint-ignore no-explicit-any -- only what is looked at
        log: log as any,
        // deno-lint-ignore no-explicit-any -- only what is looked at
        gate: { isDown: false, succeeded() {}, failed() {} } as any,
      };
      const poll = new StashPoll({
        ...parts,
        config: { pollIntervalMs: POLL_MS, waitForScan: false },
        stash: client,
        faults: new IntakeFaults(parts),
        wake: () => {},
        renamed: () => {},
      });
      const queuedAt: number[] = [];
      const enqueue = store.jobs.enqueue.bind(store.jobs);
      store.jobs.enqueue = (ids, ...rest) => {
        if (ids.includes("1")) queuedAt.push(runtime.now());
        return enqueue(ids, ...rest);
      };
      const stop = new AbortController();
      const changedAfter = 10 * POLL_MS + 7 * SECOND_MS;
      const changedAt = runtime.now() + changedAfter;
      runtime.after(changedAfter, () => {
        spoil(rig);
        stash.upsert([{ id: "1", title: "Anew" }]);
      });
      runtime.after(15 * POLL_MS, () => stop.abort());
      await poll.run(stop.signal);
      const tookMs = Math.min(...queuedAt.filter((at) => at >= changedAt)) - changedAt;
      assert(tookMs <= POLL_MS + SECOND_MS, `${tookMs} ms`);
    });
  });
}
