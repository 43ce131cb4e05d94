/** How long the daemon's event loop stands still: nobody is heard or answered meanwhile. */
import { join } from "node:path";
import { until } from "../../tests/e2e/world.ts";
import { ROOT, sourceCommand } from "../../tests/program.ts";
import { type BenchCase, check, type Scale, type Tools } from "./case.ts";
import { figure } from "./measure.ts";
import { Home, Servers } from "./place.ts";

const SCENES: Readonly<Record<Scale, number>> = { tiny: 100, small: 3_000, full: 20_000 };
const RUNS: Readonly<Record<Scale, number>> = { tiny: 1, small: 3, full: 3 };
const PATIENCE_MS = 20 * 60_000;

const MOST_MS = 50;

const PHASES = ["start", "first walk", "queueing all", "syncing all", "queueing all again", "end"];

async function run(scale: Scale, { seed, folder, say, stop }: Tools) {
  const scenes = SCENES[scale];
  const longest: Record<string, number[]> = Object.fromEntries(PHASES.map((name) => [name, []]));
  const worked: Record<string, number[]> = Object.fromEntries(PHASES.map((name) => [name, []]));
  const over: number[] = [];
  for (let at = 0; at < RUNS[scale]; at++) {
    say(`run ${at + 1} of ${RUNS[scale]}: ${scenes} scenes`);
    const stalls = await oneRun(scenes, seed, join(folder, String(at)), stop);
    for (const name of PHASES) {
      const all = stalls.get(name) ?? [];
      longest[name]!.push(Math.max(0, ...all.map(({ ms }) => ms)));
      worked[name]!.push(Math.max(0, ...all.map(({ ownMs }) => ownMs)));
    }
    over.push([...stalls.values()].flat().filter(({ ms }) => ms > MOST_MS).length);
  }
  return {
    parameters: { scenes, runs: RUNS[scale], images: false },
    figures: [
      ...PHASES.flatMap((name) => [
        figure(`${name}: longest`, "ms", longest[name]!, { atMost: MOST_MS }),
        figure(`${name}: most own work in one`, "ms of processor", worked[name]!),
      ]),
      figure(`all: longer than ${MOST_MS} ms`, "stalls", over),
    ],
  };
}

interface Stall {
  ms: number;
  /** How much of it was work of its own: without waits for the disk and for a turn. */
  ownMs: number;
}

/** @returns by phase, how long it stood still each time */
async function oneRun(
  scenes: number,
  seed: number,
  folder: string,
  stop: AbortSignal,
): Promise<Map<string, Stall[]>> {
  await using servers = await Servers.start(scenes, seed);
  const plain = { sync_poster: false, sync_background: false };
  const watched = sourceCommand(join(ROOT, "scripts", "bench", "watched_program.ts"));
  const data = join(folder, "data");
  await Home.make(data, servers, plain, watched);
  const daemonHome = await Home.make(data, servers, plain, watched);
  const home = await Home.make(data, servers, plain);
  /** Ends of the phases, epoch ms. */
  const ends: [string, number][] = [];
  const ended = (name: string) => void ends.push([name, Date.now()]);
  await home.run("queue", "clear", "--yes");
  await using daemon = await daemonHome.start("run");
  const wait = (what: string, sql: string, want: number) =>
    until(what, () => {
      stop.throwIfAborted();
      return home.ask<{ n: number }>(sql).n === want;
    }, PATIENCE_MS);
  await daemon.stderr.line(/start|Start/);
  ended("start");
  await wait("all scenes were walked", "SELECT count(*) AS n FROM scenes", scenes);
  ended("first walk");
  await home.run("sync", "--all", "--yes");
  ended("queueing all");
  await wait("all scenes are synced", "SELECT count(*) AS n FROM jobs", 0);
  const written = home.outcomes("written");
  check(written === scenes, `${written} of ${scenes} scenes were written`);
  ended("syncing all");
  await home.run("sync", "--all");
  await wait("all scenes are synced again", "SELECT count(*) AS n FROM jobs", 0);
  ended("queueing all again");
  daemon.kill();
  const { code, stdout } = await daemon.result;
  ended("end");
  check(code === 0, `the daemon ended with ${code}`);
  const stalls: [number, number, number][] = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
  const byPhase = new Map<string, Stall[]>(PHASES.map((name) => [name, []]));
  for (const [at, ms, ownMs] of stalls) {
    byPhase.get(ends.find(([, end]) => at <= end)?.[0] ?? "end")!.push({ ms, ownMs });
  }
  return byPhase;
}

export const stalls: BenchCase = {
  question: "how long the daemon's event loop stands still at most",
  run,
};
