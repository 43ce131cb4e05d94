import { DatabaseSync } from "node:sqlite";
import { until, withWorld, type World } from "./world.ts";

const FILE = { path: "/data/scenes/late.mp4", size: 900_000, duration: 60 };
const IN_PLEX = { path: FILE.path, size: FILE.size, durationMs: 60_000 };

const count = (world: World, what: string) => world.query(`SELECT 1 FROM ${what}`).length;

/** A scene that Plex does not have waits for the daemon, and its last look is due now. */
async function givenUp(world: World): Promise<void> {
  world.stash.upsert([{ title: "Late", details: "Of late.", files: [FILE] }]);
  await world.expect(0, "sync", "--all", "--yes");
  await until("it waits", () => count(world, "jobs WHERE state = 'waiting'") === 1);
  const database = new DatabaseSync(world.path("plexsync.db"));
  database.exec("PRAGMA busy_timeout = 10000");
  database.exec("UPDATE jobs SET wait_count = 18, next_retry_at = 1, updated_at = 1");
  database.close();
  await until("it is given up", () =>
    count(world, "jobs") === 0 &&
    count(world, "dead_letters WHERE error_type = 'PlexNotFound'") === 1);
}

async function comesBack(world: World): Promise<void> {
  await until("the letter is gone", () => count(world, "dead_letters") === 0);
  await until(
    "the scene is synced",
    () => world.plex.items().some(({ title }) => title === "Late"),
  );
  await until("nothing is left", () => count(world, "jobs") === 0);
}

for (const when of ["while the daemon runs", "while no daemon runs"]) {
  Deno.test(`a scene that was given up as not in Plex is synced when its file comes ${when}`, async () => {
    await withWorld({ scenes: 2, seed: 1, config: { sweep_interval: "never" } }, async (world) => {
      const start = () => world.start(["run"]);
      let daemon = await start();
      try {
        await daemon.stderr.line("Watching Stash");
        await givenUp(world);
        if (when === "while no daemon runs") {
          daemon.kill();
          await daemon.result;
        }
        await world.plex.addFiles([IN_PLEX]);
        if (when === "while no daemon runs") daemon = await start();
        await comesBack(world);
      } finally {
        await daemon[Symbol.asyncDispose]();
      }
    });
  });
}
