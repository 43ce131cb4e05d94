import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { newestStampOf, SWEEP } from "../../src/core/meta_keys.ts";
import { StampPoll } from "../../src/intake/stamp_poll.ts";
import { type StashRig, takeJobs, withStashRig } from "./stash_rig.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POLL = 31_000;

interface OddCase {
  /** Completes "a change arrives at the next poll, and the log says once what is odd, …". */
  when: string;
  zone?: string;
  /** Before the first poll ever. */
  prepare?(rig: StashRig): void;
  /** After some polls. */
  spoil?(rig: StashRig): void;
  /** A new process begins after that. */
  restarts?: boolean;
  /** The one line; none when nothing has to be said. */
  says?: RegExp;
  /** All scenes are swept soon. */
  sweeps?: boolean;
}

const stamped = (updated_at: string) => ({ stash }: StashRig) =>
  void stash.upsert([{ id: "1", title: "Odd", updated_at }]);

const CASES: readonly OddCase[] = [
  ...["2030-01-01T00:00:00Z", "2099-12-31T23:59:59+01:00"].map((stamp) => ({
    when: `one scene has the stamp ${stamp}`,
    spoil: stamped(stamp),
    says: /^Scene 1 has a time stamp that lies ahead of Stash's clock.*20(30|99)/,
  })),
  {
    when: "a scene had a stamp of 2099 from the start",
    prepare: stamped("2099-01-01T00:00:00Z"),
    says: /^Scene 1 has a time stamp that lies ahead/,
  },
  ...["yesterday", "2026-13-45T99:00:00Z", "not a time"].map((stamp) => ({
    when: `one scene has the stamp "${stamp}"`,
    spoil: stamped(stamp),
    says: new RegExp(`^Scene 1 has a time stamp that is no time.*: "${stamp}"$`),
  })),
  {
    when: "a scene had a stamp that is no time from the start",
    prepare: stamped("yesterday"),
    says: /^Scene 1 has a time stamp that is no time/,
  },
  ...["2099-01-01T00:00:00Z", "yesterday"].map((cursor) => ({
    when: `an earlier process left "${cursor}" as the place to go on from`,
    spoil: ({ store }: StashRig) => store.meta.set(newestStampOf("scene"), cursor),
    restarts: true,
    says: /was no time, and is set aside|behind the newest time stamp/,
    sweeps: true,
  })),
  ...["no JSON", "17", "null"].map((value) => ({
    when: `an earlier process left ${value} as the place to go on from`,
    spoil: ({ store }: StashRig) =>
      void store.database.prepare("UPDATE meta SET value = ? WHERE key = ?")
        .run(value, newestStampOf("scene").name),
    restarts: true,
    says: /was no time, and is set aside/,
    sweeps: true,
  })),
  ...["-05:00", "-12:00", "+14:00"].map((zone) => ({
    when: `Stash writes ${zone} all of a sudden`,
    zone: "+01:00",
    spoil: ({ stash }: StashRig) => stash.setZone(zone),
    says: /^Stash writes its time stamps in another zone/,
    sweeps: true,
  })),
  {
    when: "Stash was moved from the first zone of the world to the last",
    zone: "+14:00",
    spoil: ({ stash }) => stash.setZone("-12:00"),
    restarts: true,
    says: /^Stash writes its time stamps in another zone/,
    sweeps: true,
  },
  ...[-2 * 60_000, -HOUR, -3 * DAY, -800 * DAY].map((jump) => ({
    when: `Stash's clock is set by ${jump} ms`,
    spoil: ({ stash }: StashRig) => stash.jumpClock(jump),
    ...(jump < -5 * 60_000
      ? { says: /^Stash's clock is .* behind the newest time stamp/, sweeps: true }
      : {}),
  })),
  {
    when: "Stash's clock was a year ahead for a while",
    spoil: ({ stash }) => {
      stash.jumpClock(365 * DAY);
      stash.upsert([{ id: "3", title: "Written in the future" }]);
      stash.jumpClock(-365 * DAY);
    },
    says: /^Scene 3 has a time stamp that lies ahead/,
  },
];

for (const { when, zone = "Z", prepare, spoil, restarts, says, sweeps = false } of CASES) {
  Deno.test(`a change arrives at the next poll, and the log says once what is odd, when ${when}`, async () => {
    const scenes = ["1", "2", "3"].map((id) => ({ id, title: `Scene ${id}` }));
    await withStashRig({ scenes, zone }, async (rig) => {
      const { stash, client, store, runtime, log, told } = rig;
      const make = () => new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
      let stampPoll = make();
      const poll = async () => {
        runtime.jump(POLL);
        await stampPoll.poll();
        return takeJobs(store);
      };
      store.meta.set(SWEEP, { doneAt: 1, greatest: 3, underWay: null });
      prepare?.(rig);
      for (let n = 0; n < 20; n++) await poll();
      spoil?.(rig);
      if (restarts) stampPoll = make();
      else await poll();

      for (const title of ["First", "Second", "Third"]) {
        stash.upsert([{ id: "2", title }]);
        assertEquals((await poll()).includes("2"), true, title);
      }
      // The odd one itself may change as well.
      stash.upsert([{ id: "1", title: "In order again" }]);
      assertEquals((await poll()).includes("1"), true);
      for (let n = 0; n < 3; n++) await poll();
      assertEquals(await poll(), []);

      assertEquals(told.length, says === undefined ? 0 : 1, told.join("\n"));
      if (says !== undefined) assertMatch(told[0]!, says);
      assertEquals(store.meta.get(SWEEP)!.doneAt === 0, sweeps, "a sweep");
    });
  });
}

for (const hours of [0, -2, -48]) {
  Deno.test(`a change within the second of the last one seen outlives a kill, with Stash's clock ${hours} hours from ours`, async () => {
    const scenes = ["1", "2"].map((id) => ({ id, title: `Scene ${id}` }));
    await withStashRig({ scenes }, async ({ stash, client, store, runtime, log }) => {
      const make = () => new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
      stash.jumpClock(hours * HOUR);
      const stampPoll = make();
      runtime.jump(POLL);
      await stampPoll.poll();
      runtime.jump(POLL);
      stash.upsert([{ id: "1", title: "Seen" }]);
      await stampPoll.poll();
      stash.upsert([{ id: "2", title: "Not seen yet" }]);
      takeJobs(store);
      await make().poll();
      assertEquals(takeJobs(store).includes("2"), true);
    });
  });
}

for (const jump of [-3 * DAY, -2 * HOUR, -60_000, -3_000, 3_000, HOUR, 2 * HOUR, 3 * DAY]) {
  for (const whose of ["Stash's clock", "our clock", "the clock of both"]) {
    const set = ({ stash, runtime }: StashRig) => {
      if (whose !== "Stash's clock") runtime.jump(jump);
      // The simulated one goes by ours.
      if (whose !== "the clock of both") stash.jumpClock(whose === "our clock" ? -jump : jump);
    };
    const restarts = ["never", "at the jump", "after the poll that saw the jump"] as const;
    for (const restart of restarts) {
      Deno.test(`a change within the very second that another one was seen in arrives, ${whose} being set by ${jump} ms and plexsync started again ${restart}`, async () => {
        const scenes = ["1", "2", "3", "4"].map((id) => ({ id, title: `Scene ${id}` }));
        await withStashRig({ scenes }, async (rig) => {
          const { stash, client, store, runtime, log } = rig;
          const make = () =>
            new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
          let stampPoll = make();
          const poll = async (pause: number) => {
            runtime.jump(pause);
            await stampPoll.poll();
            return takeJobs(store);
          };
          for (let n = 0; n < 20; n++) await poll(POLL);
          stash.upsert([{ id: "1", title: "Just before the jump, seen" }]);
          await poll(0);
          stash.upsert([{ id: "4", title: "Just before the jump, unseen" }]);
          set(rig);
          if (restart === "at the jump") stampPoll = make();
          stash.upsert([{ id: "2", title: "At the jump, seen" }]);
          const seen = await poll(0);
          stash.upsert([{ id: "2", title: "At the jump once more" }, { id: "3", title: "And" }]);
          if (restart === "after the poll that saw the jump") stampPoll = make();
          const missing = new Set(["2", "3", "4"].filter((id) => id !== "4" || !seen.includes(id)));
          for (let n = 0; n < 2; n++) (await poll(POLL)).forEach((id) => missing.delete(id));
          assertEquals([...missing], []);
        });
      });
    }
  }
}

Deno.test("a scene that changes again in a second that its clock comes to once more arrives", async () => {
  for (const back of [10_000, HOUR]) {
    await withStashRig({ scenes: [{ id: "1", title: "One" }] }, async (rig) => {
      const { stash, client, store, runtime, log } = rig;
      const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
      const poll = async (pause: number) => {
        runtime.jump(pause);
        await stampPoll.poll();
        return takeJobs(store);
      };
      for (let n = 0; n < 20; n++) await poll(POLL);
      stash.upsert([{ id: "1", title: "The first time" }]);
      const stamp = stash.scenes()[0]!.updated_at;
      await poll(0);
      await poll(3_000);
      stash.jumpClock(-back - 3_000);
      for (let left = back; left > 0; left -= POLL) {
        await poll(Math.min(left, 5_000));
        runtime.jump(Math.min(left, POLL) - Math.min(left, 5_000));
      }
      stash.upsert([{ id: "1", title: "The second time" }]);
      assertEquals(stash.scenes()[0]!.updated_at, stamp, "the same second");
      assertEquals(await poll(POLL), ["1"], `${back} ms back`);
    });
  }
});

Deno.test("after an outage a change arrives in another zone too, however much changed within the last day", async () => {
  const scenes = Array.from({ length: 500 }, (_, n) => ({ id: `${n + 1}`, title: `${n}` }));
  await withStashRig({ scenes, zone: "+01:00" }, async (rig) => {
    const { stash, client, store, runtime, log } = rig;
    const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
    for (let n = 0; n < 20; n++) {
      runtime.jump(POLL);
      await stampPoll.poll();
    }
    takeJobs(store);
    stash.setFaults([{ path: ".", status: 503 }]);
    await assertRejects(() => stampPoll.poll());
    stash.setFaults([]);
    stash.setZone("-05:00");
    stash.upsert([{ id: "7", title: "Anew" }]);
    runtime.jump(POLL);
    await stampPoll.poll();
    assertEquals(takeJobs(store), ["7"]);
  });
});

Deno.test("a change arrives at the next poll on both days of the year when the clocks change", async () => {
  for (const start of ["2026-03-29T00:30:00Z", "2026-10-25T00:30:00Z"]) {
    await withStashRig(
      { scenes: [{ id: "1", title: "One" }], zone: "Europe/Berlin" },
      async (rig) => {
        const { stash, client, store, runtime, log, told } = rig;
        runtime.jump(Date.parse(start) - runtime.now());
        stash.upsert([{ id: "1", title: "Before" }]);
        const stampPoll = new StampPoll({ stash: client, store, runtime, log, waitForScan: false });
        await stampPoll.poll();
        for (let minutes = 0; minutes < 120; minutes += 5) {
          runtime.jump(5 * 60_000);
          stash.upsert([{ id: "1", title: `${minutes} minutes later` }]);
          await stampPoll.poll();
          assertEquals(takeJobs(store), ["1"], `${start} and ${minutes} minutes`);
        }
        assertEquals(told.length, 1, "one line on the change");
      },
    );
  }
});

Deno.test("a file whose stamp lies ahead hides no change of the scene's other files", async () => {
  const file = (n: number, size: number) => ({ path: `/data/${n}.mp4`, size, duration: 1 });
  const scenes = [{ id: "1", title: "One", files: [file(1, 1), file(2, 1)] }];
  await withStashRig({ scenes }, async (rig) => {
    const { stash, client, store, runtime, log } = rig;
    const ahead = "2099-01-01T00:00:00Z";
    const changes: typeof client.changes = async function* (...given) {
      for await (const page of client.changes(...given)) {
        for (const stamp of page.stamps.get("file") ?? []) stamp.updatedAt += `\n${ahead}`;
        yield page;
      }
    };
    const odd = { ...client, changes };
    const stampPoll = new StampPoll({ stash: odd, store, runtime, log, waitForScan: false });
    await stampPoll.poll();
    for (let n = 0; n < 3; n++) {
      runtime.jump(POLL);
      await stampPoll.poll();
    }
    takeJobs(store);
    stash.upsert([{ id: "1", files: [file(1, 1), file(2, 2)] }]);
    runtime.jump(POLL);
    await stampPoll.poll();
    assertEquals(takeJobs(store), ["1"]);
  });
});
