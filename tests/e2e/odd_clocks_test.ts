import { assertEquals } from "@std/assert";
import { asked } from "./changes.ts";
import { proveRows } from "./rows.ts";
import { until, withWorld, type World } from "./world.ts";

const DAY = 24 * 3_600_000;

interface OddClock {
  /** Completes "a change arrives soon, while". */
  when: string;
  spoil(world: World): void | Promise<void>;
  /** The one line about it. */
  says: RegExp;
}

const CASES: readonly OddClock[] = [
  {
    when: "one scene has a time stamp of 2099",
    spoil: ({ stash }) => void stash.upsert([{ id: "3", updated_at: "2099-01-01T00:00:00Z" }]),
    says: /Scene 3 has a time stamp that lies ahead of Stash's clock/g,
  },
  {
    when: "one scene has a time stamp that is no time",
    spoil: ({ stash }) => void stash.upsert([{ id: "3", updated_at: "yesterday" }]),
    says: /Scene 3 has a time stamp that is no time/g,
  },
  {
    when: "Stash was restarted in another zone",
    spoil: ({ stash }) => stash.setZone("-08:00"),
    says: /Stash writes its time stamps in another zone: -08:00/g,
  },
  {
    when: "Stash's clock was set back by days",
    async spoil(world) {
      world.stash.upsert([{ id: "2", title: "Changed before" }]);
      await asked(world, 2);
      world.stash.jumpClock(-3 * DAY);
    },
    says: /Stash's clock is .* behind the newest time stamp/g,
  },
];

Deno.test("no odd clock or time stamp of Stash makes the watcher deaf: a change arrives soon, while", async (t) => {
  await proveRows(t, CASES, proveOddClock, 4);
});

async function proveOddClock({ spoil, says }: OddClock): Promise<void> {
  const config = { poll_interval: 1, sweep_interval: "never" };
  await withWorld({ scenes: 4, seed: 3, config }, async (world) => {
    await world.syncAll();
    await using daemon = await world.start(["run"]);
    await asked(world, 2);
    await spoil(world);
    await asked(world, 2);
    world.stash.upsert([{ id: "1", title: "Changed afterwards" }]);
    await until("in sync", async () => (await world.differences()).length === 0);
    daemon.kill();
    const { code, stderr } = await daemon.result;
    assertEquals(code, 0);
    assertEquals(stderr.match(says)?.length, 1, stderr);
  });
}

Deno.test("an item that was added days ahead hides no new file", async () => {
  const config = { poll_interval: 1, sweep_interval: "never" };
  await withWorld({ scenes: 4, seed: 3, config }, async (world) => {
    const ahead = Math.floor(Date.now() / 1000) + 3 * DAY / 1000;
    await world.plex.addFiles([{ path: "/data/scenes/ahead.mp4", size: 9, addedAt: ahead }]);
    await world.syncAll();
    await using daemon = await world.start(["run"]);
    await asked(world, 2);
    const path = "/data/scenes/late.mp4";
    const file = { path, size: 7_000_001, duration: 61.5 };
    world.stash.upsert([{ title: "Late", details: "Of late.", files: [file] }]);
    await asked(world, 2);
    await world.plex.addFiles([{ path, size: file.size, durationMs: 61_500 }]);
    await until("Late", () => world.plex.items().some(({ title }) => title === "Late"));
    daemon.kill();
    const { stderr } = await daemon.result;
    assertEquals(stderr.match(/lies ahead of Plex's clock/g)?.length, 1, stderr);
  });
});
