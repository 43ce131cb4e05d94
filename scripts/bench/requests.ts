/** How many requests a scene costs: of each server, by what there is to do. */
import { join } from "node:path";
import { type BenchCase, check, type Figure, type Scale, type Tools } from "./case.ts";
import { figure } from "./measure.ts";
import { Home, type Logged, Servers } from "./place.ts";

const SCENES: Readonly<Record<Scale, number>> = { tiny: 60, small: 1_000, full: 5_000 };

/** The most that may be asked of Plex for one scene. */
const MOST = {
  texts: { writes: 1.05, reads: 0.1 },
  first: { writes: 3, reads: 4.1 },
  known: { writes: 3, reads: 2.1 },
  unchanged: { writes: 0, reads: 0.05 },
} as const;

const TITLES: Readonly<Record<keyof typeof MOST, string>> = {
  texts: "first sync, no images",
  first: "first sync, with images",
  known: "another title and cover, images known",
  unchanged: "nothing changed",
};

async function run(scale: Scale, { seed, folder, say, stop }: Tools) {
  const scenes = SCENES[scale];
  const figures: Figure[] = [];
  /** Queues all scenes, works through them, and counts what that took. */
  const pass = async (which: keyof typeof MOST, servers: Servers, home: Home, outcome: string) => {
    stop.throwIfAborted();
    say(`${TITLES[which]}: ${scenes} scenes`);
    await home.run("sync", "--all", "--yes");
    await servers.clearRequests();
    const before = home.outcomes(outcome);
    await home.run("run", "--once");
    const ended = home.outcomes(outcome) - before;
    check(ended === scenes, `${ended} of ${scenes} scenes ended as ${outcome}`);
    const [plex, stash] = [await servers.requests("plex"), await servers.requests("stash")];
    const isRead = ({ method }: Logged) => method === "GET";
    const perScene = (count: number) => [count / scenes];
    const [writes, reads] = [
      plex.filter((each) => !isRead(each)).length,
      plex.filter(isRead).length,
    ];
    figures.push(
      figure(`${TITLES[which]}: writes`, "a scene", perScene(writes), {
        atMost: MOST[which].writes,
      }),
      figure(`${TITLES[which]}: reads`, "a scene", perScene(reads), { atMost: MOST[which].reads }),
      figure(`${TITLES[which]}: asked of Stash`, "a scene", perScene(stash.length)),
    );
  };

  {
    await using servers = await Servers.start(scenes, seed);
    const plain = { sync_poster: false, sync_background: false };
    const home = await Home.make(join(folder, "texts"), servers, plain);
    await pass("texts", servers, home, "written");
    await checkTitles(servers, scenes);
    await pass("unchanged", servers, home, "unchanged");
  }
  {
    await using servers = await Servers.start(scenes, seed);
    const home = await Home.make(join(folder, "images"), servers);
    await pass("first", servers, home, "written");
    await checkTitles(servers, scenes, ["poster", "art"]);
    await servers.change(Array.from({ length: scenes }, (_, at) => ({
      id: String(at + 1),
      title: `Another title ${at + 1}`,
      cover: OTHER_COVER,
    })));
    await pass("known", servers, home, "written");
  }
  return { parameters: { scenes, batch_size: 50 }, figures };
}

/** One red pixel, as PNG. */
const OTHER_COVER =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** @throws {Error} items of Plex lack what the sync had to write */
async function checkTitles(servers: Servers, scenes: number, images: string[] = []) {
  const items = await servers.items();
  const done = items.filter((item) =>
    (item.locked as string[]).length > 0 && images.every((name) => item[name] !== null)
  );
  check(done.length === scenes, `${done.length} of ${scenes} items have what was synced`);
}

export const requests: BenchCase = {
  question: "how many requests a scene costs, with and without images",
  run,
};
