/** How near the daemon is to a loop that only sends the same requests. */
import { join } from "node:path";
import { type BenchCase, check, type Figure, type Scale, type Tools } from "./case.ts";
import { figure, interleave, ratios } from "./measure.ts";
import { Home, Servers } from "./place.ts";
import { Recorder, replay, type Taken } from "./recorder.ts";

interface Setting {
  latencyMs: number;
  images: boolean;
  /** So many that a run takes some seconds. */
  scenes: number;
}

/** The simulated Plex writes one after the other, so a scene costs its writes times the latency. */
const SETTINGS: Readonly<Record<Scale, readonly Setting[]>> = {
  tiny: [{ latencyMs: 0, images: true, scenes: 40 }],
  small: [
    { latencyMs: 0, images: false, scenes: 1_000 },
    { latencyMs: 5, images: false, scenes: 600 },
    { latencyMs: 25, images: false, scenes: 200 },
    { latencyMs: 100, images: false, scenes: 60 },
    { latencyMs: 0, images: true, scenes: 400 },
    { latencyMs: 5, images: true, scenes: 200 },
    { latencyMs: 25, images: true, scenes: 60 },
    { latencyMs: 100, images: true, scenes: 20 },
  ],
  full: [
    { latencyMs: 0, images: false, scenes: 4_000 },
    { latencyMs: 5, images: false, scenes: 2_000 },
    { latencyMs: 25, images: false, scenes: 600 },
    { latencyMs: 100, images: false, scenes: 200 },
    { latencyMs: 0, images: true, scenes: 1_500 },
    { latencyMs: 5, images: true, scenes: 800 },
    { latencyMs: 25, images: true, scenes: 250 },
    { latencyMs: 100, images: true, scenes: 80 },
  ],
};
const ROUNDS: Readonly<Record<Scale, number>> = { tiny: 1, small: 3, full: 3 };

/** As many as the daemon has writes side by side by default. */
const LANES = 4;

/** Share of the loop's pace, in percent, without a latency and with one. */
const LEAST = { none: 70, some: 97 };

async function run(scale: Scale, { seed, folder, say, stop }: Tools) {
  const figures: Figure[] = [];
  for (const setting of SETTINGS[scale]) {
    const { latencyMs, images, scenes } = setting;
    const name = `${images ? "with" : "no"} images, ${latencyMs} ms`;
    say(`${name}: ${scenes} scenes`);
    const taken = await record(setting, seed, folder);
    const times = await interleave(ROUNDS[scale], {
      daemon: () => once(setting, seed, (servers) => daemon(setting, servers, folder)),
      loop: () => once(setting, seed, (servers) => replay(taken, servers, LANES, stop)),
    }, stop);
    const pace = (ms: readonly number[]) => ms.map((each) => scenes / each * 1_000);
    figures.push(
      figure(`${name}: daemon`, "scenes/s", pace(times.daemon)),
      figure(`${name}: bare loop`, "scenes/s", pace(times.loop)),
      figure(
        `${name}: daemon by loop`,
        "%",
        ratios(times.loop, times.daemon).map((share) => share * 100),
        { atLeast: latencyMs === 0 ? LEAST.none : LEAST.some },
      ),
    );
  }
  return {
    parameters: { settings: SETTINGS[scale], lanes: LANES, rounds: ROUNDS[scale] },
    figures,
  };
}

/** One run on fresh servers. @returns ms from the first write's arrival to the last one's end */
async function once(
  { latencyMs, scenes, images }: Setting,
  seed: number,
  work: (servers: Servers) => Promise<void>,
): Promise<number> {
  await using servers = await Servers.start(scenes, seed);
  await servers.switchPlex({ latencyMs });
  await work(servers);
  const writes = (await servers.requests("plex")).filter(({ method }) => method !== "GET");
  const want = scenes * (images ? 3 : 1);
  check(writes.length >= want, `${writes.length} writes for ${scenes} scenes`);
  const done = (await servers.items()).filter(({ locked }) => (locked as string[]).length > 0);
  check(done.length === scenes, `${done.length} of ${scenes} items were written`);
  const ends = writes.map(({ at, ms }) => at + ms);
  return ends.reduce((last, end) => Math.max(last, end), 0) - writes[0]!.at;
}

async function daemon(
  { images, scenes }: Setting,
  servers: Servers,
  folder: string,
  urls: Record<string, string> = {},
): Promise<void> {
  const data = join(folder, "data");
  const settings = { sync_poster: images, sync_background: images, ...urls };
  const home = await Home.make(data, servers, settings);
  await home.run("sync", "--all", "--yes");
  await servers.clearRequests();
  await home.run("run", "--once");
  const written = home.outcomes("written");
  check(written === scenes, `${written} of ${scenes} scenes were written`);
  await Deno.remove(data, { recursive: true });
}

/** What one run of the daemon asks. */
async function record(setting: Setting, seed: number, folder: string): Promise<readonly Taken[]> {
  await using servers = await Servers.start(setting.scenes, seed);
  await servers.switchPlex({ latencyMs: setting.latencyMs });
  await using recorder = new Recorder(servers);
  const urls = { plex_url: recorder.plexUrl, stash_url: recorder.stashUrl };
  await daemon(setting, servers, folder, urls);
  // What `sync --all` asked stands before the first question of the run.
  const first = recorder.taken.findIndex(({ method, server }) =>
    server === "plex" && method !== "GET"
  );
  const from = recorder.taken.findLastIndex(({ target, server }, at) =>
    at < first && server === "plex" && target.startsWith("/identity")
  );
  return recorder.taken.slice(Math.max(0, from));
}

export const endToEnd: BenchCase = {
  question: "how near the daemon is to a bare loop of the same requests, by Plex's latency",
  run,
};
