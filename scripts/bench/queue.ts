/** How fast the queue is, against another one on SQLite, and whether a long one is slower. */
import { join } from "node:path";
import process from "node:process";
import { DEFAULT_TARGET } from "../../src/app/targets.ts";
import { MINUTE_MS } from "../../src/core/time/duration.ts";
import { transaction } from "../../src/store/database/database.ts";
import { openDriver } from "../../src/store/database/driver.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { attempt, done } from "../../tests/store/samples.ts";
import { type BenchCase, check, type Figure, type Scale, type Tools } from "./case.ts";
import { fillStore } from "./long_store.ts";
import { figure, interleave, ratios, type Side } from "./measure.ts";
import { installRival, PACKAGES, Rival } from "./rival.ts";

interface Size {
  /** Rows that wait behind the work. */
  backlogs: readonly number[];
  /** Jobs of one run. */
  jobs: number;
  rounds: number;
}

const SIZES: Readonly<Record<Scale, Size>> = {
  tiny: { backlogs: [0], jobs: 100, rounds: 1 },
  small: { backlogs: [0, 20_000], jobs: 500, rounds: 5 },
  full: { backlogs: [0, 100_000, 1_000_000], jobs: 1_000, rounds: 7 },
};
const BATCH = 50;
/** Single ones, each with its own commit. */
const SINGLES = 100;

const LEAST = { durable: 10, undurable: 1.2 };
const MOST = { growth: 1.2, commit: 1.2 };

async function run(scale: Scale, tools: Tools) {
  const { backlogs, jobs, rounds } = SIZES[scale];
  const { folder, say, stop } = tools;
  say(`installing ${PACKAGES.join(" and ")} for this run`);
  const missing = await installRival(folder, scale !== "tiny", stop);
  if (missing !== null) say(`without them: ${missing}`);
  await using all = new AsyncDisposableStack();
  const lines: Line[] = [];
  for (const backlog of backlogs) {
    say(`${backlog} rows wait`);
    const line = await makeLine(backlog, tools);
    all.defer(() => line.store.close());
    lines.push(line);
  }
  const sides: Record<string, Side> = {};
  for (const { backlog, store, file, cpuMs } of lines) {
    sides[`plexsync ${backlog}`] = () => workOff(store, jobs, cpuMs);
    if (missing !== null) continue;
    for (const [name, synchronous] of [["durable", "FULL"], ["undurable", ""]] as const) {
      const rival = all.use(new Rival(folder, file(name), synchronous));
      await rival.ask("wait", backlog);
      sides[`${name} ${backlog}`] = () => rivalWorksOff(rival, jobs);
    }
  }
  // All lengths by turns as well: one after the other, what else the machine does would tell them
  // apart.
  const times = await interleave(rounds, sides, stop);
  const pace = (ms: readonly number[]) => ms.map((each) => jobs / each * 1_000);
  const figures: Figure[] = [];
  for (const { backlog, store, file, cpuMs } of lines) {
    const among = `${backlog} waiting`;
    const own = times[`plexsync ${backlog}`]!;
    figures.push(figure(`plexsync, ${among}`, "jobs/s", pace(own)));
    const counted = cpuMs.slice(-rounds).map((ms) => ms / jobs * 1_000);
    figures.push(figure(`plexsync, ${among}: one job`, "µs of processor", counted));
    for (const name of ["durable", "undurable"] as const) {
      const theirs = times[`${name} ${backlog}`];
      if (theirs === undefined) continue;
      figures.push(
        figure(`plainjob ${name}, ${among}`, "jobs/s", pace(theirs)),
        figure(`plexsync by plainjob ${name}, ${among}`, "times", ratios(theirs, own), {
          atLeast: LEAST[name],
        }),
      );
    }
    figures.push(...await singles(store, file("commit"), rounds, among, stop));
  }
  const [first, last] = [lines[0]!, lines.at(-1)!];
  if (first !== last) {
    const name = `plexsync: a job at ${last.backlog} by one at ${first.backlog} waiting`;
    const most = { atMost: MOST.growth };
    const own = ({ backlog }: Line) => times[`plexsync ${backlog}`]!;
    figures.push(
      figure(name, "times", ratios(own(last), own(first)), most),
      figure(`${name}, processor`, "times", ratios(last.cpuMs, first.cpuMs).slice(-rounds), most),
    );
  }
  return {
    parameters: { ...SIZES[scale], batch: BATCH, singles: SINGLES, rival: PACKAGES.join(", ") },
    figures,
    skipped: missing === null ? [] : [`plainjob: better-sqlite3 cannot be installed: ${missing}`],
  };
}

/** A queue with so many rows behind the work. */
interface Line {
  readonly backlog: number;
  readonly store: Store;
  /** Where the database of one of those that are compared is. */
  file(name: string): string;
  /** Own processor time of each run so far. */
  readonly cpuMs: number[];
}

async function makeLine(backlog: number, { folder, stop }: Tools): Promise<Line> {
  const file = (name: string) => join(folder, `${name}-${backlog}.db`);
  const counts = { ended: 0, queued: 0, dead: 0, waiting: backlog };
  await fillStore(file("plexsync"), counts, { stop, say: () => {} });
  const sleep = () => Promise.resolve();
  const store = await openStore(file("plexsync"), [DEFAULT_TARGET], { sleep });
  return { backlog, store, file, cpuMs: [] };
}

let next = 0;

/**
 * Queues jobs, then takes and ends them batch by batch.
 * @param cpuMs Takes the processor time of the latter
 * @returns ms of the latter
 */
function workOff(store: Store, jobs: number, cpuMs: number[]): number {
  const now = Date.now();
  store.jobs.enqueue(Array.from({ length: jobs }, () => `job${++next}`), "bulk", now);
  const before = process.cpuUsage();
  const start = performance.now();
  let ended = 0;
  for (;;) {
    const batch = store.jobs.claim("bench", now, BATCH, MINUTE_MS, DEFAULT_TARGET);
    if (batch.length === 0) break;
    const ends = batch.map((job) => attempt(job, done("written")));
    ended += store.settlement.settle(ends, now).settled.length;
  }
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  cpuMs.push((user + system) / 1_000);
  check(ended === jobs, `${ended} of ${jobs} jobs ended`);
  return ms;
}

async function rivalWorksOff(rival: Rival, jobs: number): Promise<number> {
  await rival.ask("fill", jobs);
  const { ms, n } = await rival.ask("work", jobs);
  check(n === jobs, `${n} of ${jobs} jobs of plainjob ended`);
  return ms!;
}

/** One job with its own commit, against a commit with one row and nothing else. */
async function singles(
  store: Store,
  path: string,
  rounds: number,
  among: string,
  stop: AbortSignal,
): Promise<Figure[]> {
  const bare = await openDriver(path, undefined);
  bare.exec("PRAGMA journal_mode = WAL");
  bare.exec("PRAGMA synchronous = FULL");
  bare.exec("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, text TEXT)");
  const each = (work: (at: number) => void) => () => {
    const start = performance.now();
    for (let at = 0; at < SINGLES; at++) work(at);
    return (performance.now() - start) / SINGLES;
  };
  const insert = bare.prepare("INSERT INTO rows (text) VALUES (?)");
  const times = await interleave(rounds, {
    enqueue: each(() => store.jobs.enqueue([`single${++next}`], "hook", Date.now())),
    commit: each((at) => transaction(bare, () => insert.run(String(at)))),
  }, stop);
  bare.close();
  store.database.exec("DELETE FROM jobs WHERE state = 'ready'");
  return [
    figure(`one durable enqueue, ${among}`, "ms", times.enqueue),
    figure(`one bare commit, ${among}`, "ms", times.commit),
    figure(`enqueue by commit, ${among}`, "times", ratios(times.enqueue, times.commit), {
      atMost: MOST.commit,
    }),
  ];
}

export const queue: BenchCase = {
  question: "jobs a second against plainjob on better-sqlite3, by the length of the queue",
  run,
};
