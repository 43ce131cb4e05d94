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

for (const server of ["plex", "stash"] as const) {
  Deno.test(`an outage of ${server} is as long as it was, though the clock is set back in its midst`, async () => {
    await using rig = await Rig.open({ library: { scenes: SCENES } });
    rig[server].setFaults([{ path: ".", close: true }]);
    rig.enqueue();
    await rig.until(() => rig.gates[server === "plex" ? "target" : "stash"].isDown, 5 * MINUTE_MS);
    await rig.until(() => false, 3 * MINUTE_MS).catch(() => {});
    rig.runtime.jump(-60 * MINUTE_MS);
    await rig.until(() => false, 3 * MINUTE_MS).catch(() => {});
    rig[server].setFaults([]);
    await rig.until(() => rig.store.jobs.count() === 0, SOON_MS);
    const { fields } = rig.lines.find(({ fields }) => fields.event === "outage_end")!;
    const minutes = Number(fields.duration_ms) / MINUTE_MS;
    assert(minutes >= 5 && minutes <= 10, `${minutes} minutes`);
    const [outage] = rig.store.outages.recent(9);
    assertEquals(outage!.ended_at! - outage!.started_at, fields.duration_ms);
  });
}

Deno.test("an outage that began at a later time than now, by the clock of this start, has no length", async () => {
  await using rig = await Rig.open({ library: { scenes: SCENES } });
  rig.plex.setFaults([{ path: ".", close: true }]);
  rig.enqueue();
  await rig.until(() => rig.gates.target.isDown, 5 * MINUTE_MS);
  rig.plex.setFaults([]);
  rig.runtime.jump(-120 * MINUTE_MS);
  rig.start();
  await rig.until(() => rig.store.jobs.count() === 0, SOON_MS);
  const { fields } = rig.lines.find(({ fields }) => fields.event === "outage_end")!;
  assert(Number(fields.duration_ms) < 5 * MINUTE_MS && Number(fields.duration_ms) >= 0);
});
