/** Where the soak takes place: both simulated servers behind doors, and a data directory. */
import { World } from "../../tests/e2e/world.ts";
import { Door } from "./door.ts";
import { WriteLog } from "./writes.ts";

export interface Stage extends AsyncDisposable {
  readonly world: World;
  readonly plexDoor: Door;
  readonly stashDoor: Door;
  readonly writes: WriteLog;
  /** For files that are none of the program's data. */
  readonly folder: string;
  /** None of them may turn up in any output or file. */
  readonly secrets: readonly string[];
}

const TOKEN = "soak-plex-7Qz2kW8v";
const KEY = "soak.stash.eyJ4NTVhbGci";
/** Scenes whose file Plex lacks at the start. */
const MISSING_PERCENT = 5;

/** Quick where the settings allow it, so that minutes hold much. */
const QUICK = {
  poll_interval: 0.5,
  connect_timeout: 1,
  read_timeout: 5,
  max_retries: 20,
};

export async function openStage(scenes: number, seed: number): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const world = opened.adopt(
    await World.open({
      scenes,
      seed,
      missingPercent: MISSING_PERCENT,
      stashRoot: "/data/scenes",
      plex: { token: TOKEN },
      stash: { apiKey: KEY },
    }),
    (world) => world.close(),
  );
  const writes = new WriteLog(world.plex);
  const plexDoor = opened.adopt(
    await Door.open(world.plex.url, (...call) => writes.around(...call)),
    (door) => door.close(),
  );
  const stashDoor = opened.adopt(await Door.open(world.stash.url), (door) => door.close());
  await world.configure({ ...QUICK, plex_url: plexDoor.url, stash_url: stashDoor.url });
  const folder = await Deno.makeTempDir({ prefix: "plexsync-soak-" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  const all = opened.move();
  return {
    world,
    plexDoor,
    stashDoor,
    writes,
    folder,
    secrets: [TOKEN, KEY],
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
