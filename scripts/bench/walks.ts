/** What looking through a whole library costs, and whether a scene of a large one costs more. */
import { join } from "node:path";
import process from "node:process";
import { DEFAULT_TARGET } from "../../src/app/targets.ts";
import { VERSION } from "../../src/core/version.ts";
import { Sweep } from "../../src/intake/sweep.ts";
import { createStashClient } from "../../src/stash/client.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { createPlexTarget } from "../../src/target/plex/plex_target.ts";
import { IndexKeeper } from "../../src/worker/index/index_keeper.ts";
import { programCommand } from "../../tests/program.ts";
import { seededRandom } from "../../tests/sim/random.ts";
import { type BenchCase, check, type Figure, type Scale, type Tools } from "./case.ts";
import { figure } from "./measure.ts";
import { Home, Servers } from "./place.ts";

interface Size {
  /** Scenes of the libraries that are walked and looked up. */
  walked: readonly number[];
  /** Of those that are synced first, a write each, and then compared again. */
  synced: readonly number[];
}

const SIZES: Readonly<Record<Scale, Size>> = {
  tiny: { walked: [200], synced: [100] },
  small: { walked: [2_000, 20_000], synced: [2_000] },
  full: { walked: [10_000, 100_000, 1_000_000], synced: [10_000, 30_000] },
};
const LOOKS: Readonly<Record<Scale, number>> = { tiny: 500, small: 10_000, full: 20_000 };
/** A large library answers its first question late: it sorts. */
const PATIENCE = { connectTimeoutMs: 30_000, readTimeoutMs: 120_000 };

const MOST = { growth: 1.25, reconcileMs: 0.1, lookUs: 50 };

/** What is measured at each size, in own processor time of a scene. */
type Costs = Record<string, number>;

async function run(scale: Scale, tools: Tools) {
  const { walked, synced } = SIZES[scale];
  const figures: Figure[] = [];
  const grown: Costs[] = [];
  for (const scenes of walked) {
    const { costs, looks } = await walk(scenes, LOOKS[scale], tools);
    figures.push(...costFigures(costs, scenes));
    const sorted = Float64Array.from(looks).sort();
    const at = (share: number) => [sorted[Math.floor(sorted.length * share)]!];
    figures.push(
      figure(`look-up among ${scenes}: median`, "µs", at(0.5)),
      figure(`look-up among ${scenes}: 99 of 100`, "µs", at(0.99), { atMost: MOST.lookUs }),
    );
    grown.push(costs);
  }
  figures.push(...growth(grown, walked));
  const again: Costs[] = [];
  for (const scenes of synced) {
    const costs = await secondPass(scenes, tools);
    figures.push(...costFigures(costs, scenes));
    again.push(costs);
  }
  figures.push(...growth(again, synced));
  return { parameters: { ...SIZES[scale], looks: LOOKS[scale] }, figures };
}

function costFigures(costs: Costs, scenes: number): Figure[] {
  return Object.entries(costs).map(([name, ms]) => {
    const target = name === "reconcile" ? { atMost: MOST.reconcileMs } : {};
    return figure(`${name}, ${scenes} scenes`, "ms of processor a scene", [ms], target);
  });
}

/** The largest library by the smallest. */
function growth(costs: readonly Costs[], sizes: readonly number[]): Figure[] {
  const [first, last] = [costs[0]!, costs.at(-1)!];
  if (first === last) return [];
  return Object.keys(first).map((name) =>
    figure(
      `${name}: ${sizes.at(-1)} by ${sizes[0]} scenes`,
      "times",
      [last[name]! / first[name]!],
      {
        atMost: MOST.growth,
      },
    )
  );
}

/** Both walks of Stash, the listing of Plex, and look-ups, in this process. */
async function walk(scenes: number, count: number, { seed, folder, say, stop }: Tools) {
  say(`a library of ${scenes} scenes`);
  await using servers = await Servers.start(scenes, seed);
  const path = join(folder, `walk-${scenes}.db`);
  const store = await openStore(path, [DEFAULT_TARGET], { sleep: () => Promise.resolve() });
  try {
    const runtime = { now: Date.now, random: Math.random, sleep: () => Promise.resolve() };
    const { stash_url: url, stash_api_key: apiKey } = servers.at;
    const stash = createStashClient({ url, apiKey, fetch, ...PATIENCE });
    const sweep = new Sweep({ stash, store, runtime });
    const whole = async () => {
      for (;;) {
        stop.throwIfAborted();
        const report = await sweep.step(stop);
        if (report !== null) return report;
      }
    };
    const costs: Costs = {};
    const measured = async (name: string, work: () => Promise<void>) => {
      say(name);
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      costs[name] = (user + system) / 1_000 / scenes;
    };
    for (const name of ["first walk", "next walk"]) {
      await measured(name, async () => {
        const { walked } = await whole();
        check(walked === scenes, `${walked} of ${scenes} scenes were walked`);
      });
    }
    await measured("listing of Plex", async () => {
      await keeperOf(servers, store, runtime).refresh(0);
      const { items } = store.of(DEFAULT_TARGET).index.count();
      check(items === scenes, `${items} of ${scenes} items are in the index`);
    });
    return { costs, looks: lookUps(store, scenes, count, seed) };
  } finally {
    store.close();
    await Deno.remove(path);
  }
}

function keeperOf(
  { at }: Servers,
  store: Store,
  runtime: ConstructorParameters<typeof IndexKeeper>[2],
): IndexKeeper {
  const target = createPlexTarget({
    fetch,
    ...PATIENCE,
    runtime,
    url: at.plex_url,
    token: at.plex_token,
    clientIdentifier: "bench",
    version: VERSION,
  });
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warning: quiet, error: quiet };
  return new IndexKeeper(target, store, runtime, log, []);
}

/** @returns µs of each; the scenes are drawn from all */
function lookUps(store: Store, scenes: number, count: number, seed: number): number[] {
  const random = seededRandom(seed);
  const { index } = store.of(DEFAULT_TARGET);
  const times: number[] = [];
  // A tenth more in front warms up.
  for (let at = -count / 10; at < count; at++) {
    const id = String(random.whole(1, scenes));
    const files = store.scenes.filesOf(id);
    const start = performance.now();
    const found = index.find(files);
    const us = (performance.now() - start) * 1_000;
    check(found.length > 0, `scene ${id} is in no item`);
    if (at >= 0) times.push(us);
  }
  return times;
}

/** What the program takes for a library in which nothing has changed since it was synced. */
async function secondPass(scenes: number, { seed, folder, say }: Tools): Promise<Costs> {
  say(`${scenes} scenes are synced, to be compared afterwards`);
  await using servers = await Servers.start(scenes, seed);
  const data = join(folder, `synced-${scenes}`);
  const plain = { sync_poster: false, sync_background: false };
  // The shell tells what its child used, in steps of 10 ms.
  const command: [string, ...string[]] = [
    "sh",
    "-c",
    '"$@"; code=$?; times >&2; exit $code',
    "sh",
    ...programCommand(),
  ];
  const home = await Home.make(data, servers, plain, command);
  const start = cpuOf((await home.run("status", "--offline")).stderr);
  await home.run("sync", "--all", "--yes");
  await home.run("run", "--once");
  check(home.outcomes("written") === scenes, `${home.outcomes("written")} scenes were written`);
  const cost = (stderr: string) => (cpuOf(stderr) - start) / scenes;
  say("reconcile");
  const reconciled = await home.run("reconcile", "--scope", "all", "--json");
  const { scenes: compared } = JSON.parse(reconciled.stdout);
  check(compared === scenes, `${compared} of ${scenes} scenes were compared`);
  const { n } = home.ask<{ n: number }>("SELECT count(*) AS n FROM jobs");
  check(n === 0, `the reconciliation queued ${n} scenes`);
  say("second pass");
  const queued = await home.run("sync", "--all");
  const passed = await home.run("run", "--once");
  const same = home.outcomes("unchanged");
  check(same === scenes, `${same} of ${scenes} scenes were found unchanged`);
  await Deno.remove(data, { recursive: true });
  return {
    "reconcile": cost(reconciled.stderr),
    "queueing all": cost(queued.stderr),
    "second pass": cost(passed.stderr),
  };
}

/** Processor time of the children in ms, as the shell's `times` tells it in its last line. */
function cpuOf(stderr: string): number {
  const line = stderr.trimEnd().split("\n").at(-1)!;
  const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)];
  check(parts.length === 2, `the shell told no times: ${line}`);
  return parts.reduce((sum, [, minutes, seconds]) => {
    return sum + (Number(minutes) * 60 + Number(seconds)) * 1_000;
  }, 0);
}

export const walks: BenchCase = {
  question: "what a scene costs in a walk, a look-up, a reconciliation, a second pass, by size",
  run,
};
