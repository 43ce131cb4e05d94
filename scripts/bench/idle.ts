/** What a daemon takes while nothing happens. */
import { join } from "node:path";
import { until } from "../../tests/e2e/world.ts";
import { type BenchCase, check, type Figure, type Scale, type Tools } from "./case.ts";
import { knowsUsage, type Usage, usageOf } from "./machine.ts";
import { figure } from "./measure.ts";
import { Home, Servers } from "./place.ts";

interface Size {
  /** Of the library that was synced before. */
  scenes: number;
  /** How long is looked at a time, and how often. */
  windowMs: number;
  windows: number;
}

const SIZES: Readonly<Record<Scale, Size>> = {
  tiny: { scenes: 20, windowMs: 500, windows: 1 },
  // Enough batches for one that is kept to be seen in what they take together.
  small: { scenes: 3_000, windowMs: 20_000, windows: 3 },
  full: { scenes: 100_000, windowMs: 60_000, windows: 3 },
};
/**
 * After its start, or after its work, before it counts as idle: V8 collects its garbage half a minute
 * after the last of it was made, which takes 50 ms and more.
 */
const CALM_MS: Readonly<Record<Scale, number>> = { tiny: 500, small: 60_000, full: 60_000 };

const PATIENCE_MS = 60 * 60_000;

const MOST = { share: 0.2, idleMib: 90, laterMib: 110, peakMib: 200 };

async function run(scale: Scale, { seed, folder, say, stop }: Tools) {
  const { scenes, windowMs, windows } = SIZES[scale];
  const parameters = { scenes, windowMs, windows, settings: "default" };
  if (!knowsUsage) {
    return { parameters, figures: [], skipped: ["all: only Linux tells what a process uses"] };
  }
  const figures: Figure[] = [];
  await using servers = await Servers.start(scenes, seed);

  say("a daemon with nothing to do");
  const fresh = await Home.make(join(folder, "fresh"), servers);
  {
    await using daemon = await fresh.start("run");
    // By then there is a database to be asked.
    await daemon.stderr.line(/start/i);
    await walked(fresh);
    const seen = await watch(daemon.pid);
    figures.push(
      figure("idle: share of a core", "%", seen.shares, { atMost: MOST.share }),
      figure("idle: main thread goes to sleep", "a second", seen.sleeps),
      figure("idle: memory", "MiB", [seen.last.rssMib], { atMost: MOST.idleMib }),
    );
  }

  say(`a daemon after ${scenes} scenes were synced without images`);
  const plain = { sync_poster: false, sync_background: false };
  const worked = await Home.make(join(folder, "worked"), servers, plain);
  await worked.run("sync", "--all", "--yes");
  {
    await using daemon = await worked.start("run");
    await until("all scenes are synced", () => {
      stop.throwIfAborted();
      return worked.ask<{ n: number }>("SELECT count(*) AS n FROM jobs").n === 0;
    }, PATIENCE_MS);
    await walked(worked);
    const written = worked.outcomes("written");
    check(written === scenes, `${written} of ${scenes} scenes were written`);
    const seen = await watch(daemon.pid);
    figures.push(
      figure("after work: share of a core", "%", seen.shares, { atMost: MOST.share }),
      figure("after work: memory", "MiB", [seen.last.rssMib], { atMost: MOST.laterMib }),
      figure("at work: most memory", "MiB", [seen.last.peakMib], { atMost: MOST.peakMib }),
    );
  }
  return { parameters: { ...parameters, calmMs: CALM_MS[scale] }, figures };

  /** Waits for the end of the first walk, which a daemon begins at its start. */
  async function walked(home: Home): Promise<void> {
    await until("all scenes were walked", () => {
      stop.throwIfAborted();
      return home.ask<{ n: number }>("SELECT count(*) AS n FROM scenes").n === scenes;
    }, PATIENCE_MS);
  }

  /** Waits until it is calm, then looks at it for some windows. */
  async function watch(pid: number) {
    await pause(CALM_MS[scale], stop);
    let last: Usage = await usageOf(pid);
    const shares: number[] = [];
    const sleeps: number[] = [];
    for (let at = 0; at < windows; at++) {
      const start = performance.now();
      await pause(windowMs, stop);
      const now = await usageOf(pid);
      const ms = performance.now() - start;
      shares.push((now.cpuMs - last.cpuMs) / ms * 100);
      sleeps.push((now.sleeps - last.sleeps) / ms * 1_000);
      last = now;
    }
    return { shares, sleeps, last };
  }
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    stop.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, end - performance.now())));
  }
}

export const idle: BenchCase = {
  question: "what an idle daemon takes: share of a core, memory, also after work",
  run,
};
