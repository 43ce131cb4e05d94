/** Nothing waits for a clock that was set back to come there again. */
import { assert, assertEquals } from "@std/assert";
import { TARGET } from "../one_target.ts";
import { Rig } from "./rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 5;
/** Longer than any rest while a server is down, or any job waits to be tried again. */
const SOON_MS = 3 * MINUTE_MS;

/** What waits for a time just when the clock is set. */
const WAITING: Readonly<Record<string, (rig: Rig) => Promise<void>>> = {
  "a queue": async (rig) => {
    // The worker has seen the time as it was.
    await rig.once();
    rig.enqueue();
  },
  "an outage of Plex": async (rig) => {
    rig.plex.setFaults([{ path: ".", close: true }]);
    rig.enqueue();
    await rig.until(() => rig.gates.target.isDown, 5 * MINUTE_MS);
    rig.plex.setFaults([]);
  },
  "an outage of Stash": async (rig) => {
    rig.stash.setFaults([{ path: ".", close: true }]);
    rig.enqueue();
    await rig.until(() => rig.gates.stash.isDown, 5 * MINUTE_MS);
    rig.stash.setFaults([]);
  },
  "a token that Plex refuses": async (rig) => {
    rig.plex.setFaults([{ path: ".", status: 401 }]);
    rig.enqueue();
    await rig.until(() => rig.gates.needsPerson, 5 * MINUTE_MS);
    rig.plex.setFaults([]);
  },
  "a job that failed": async (rig) => {
    const { ratingKey } = rig.plex.items()[0]!;
    rig.plex.setFaults([{ route: "edit", item: ratingKey, status: 500 }]);
    rig.enqueue();
    await rig.until(() => rig.outcomes().retry === 1, 5 * MINUTE_MS);
    rig.plex.setFaults([]);
  },
  "images that rest": async (rig) => {
    rig.plex.setFaults([{ route: "upload", status: 500 }]);
    rig.enqueue();
    await rig.until(() => rig.lines.some(({ fields }) => fields.event === "images_rest"));
    rig.plex.setFaults([]);
  },
};

for (const minutes of [5, 30, 59, 60, 24 * 60]) {
  for (const [what, begin] of Object.entries(WAITING)) {
    Deno.test(`a clock that is set back by ${minutes} minutes does not prolong ${what}`, async () => {
      await using rig = await Rig.open({ library: { scenes: SCENES } });
      await begin(rig);
      rig.runtime.jump(-minutes * MINUTE_MS);
      const { sleeps } = rig.runtime;
      const before = sleeps.length;
      await rig.until(() => rig.store.jobs.count() === 0, SOON_MS);
      const slept = sleeps.slice(before).reduce((sum, ms) => sum + ms, 0);
      assert(slept <= SOON_MS, `${slept / 1000} s`);
      assertEquals(rig.store.of(TARGET).written.latest(99).length, SCENES);
    });
  }
}
