/** What a person waits for each list and report of a long-lived installation. */
import { join } from "node:path";
import { type BenchCase, check, type Figure, type Scale, type Tools } from "./case.ts";
import { fillStore, type LongSize } from "./long_store.ts";
import { interleave, leastFigure, leastSurplus, timed } from "./measure.ts";
import { Home } from "./place.ts";

const SIZES: Readonly<Record<Scale, LongSize>> = {
  tiny: { ended: 1_000, queued: 500, waiting: 500, dead: 100 },
  small: { ended: 100_000, queued: 50_000, waiting: 50_000, dead: 10_000 },
  full: { ended: 1_000_000, queued: 500_000, waiting: 500_000, dead: 100_000 },
};
const ROUNDS: Readonly<Record<Scale, number>> = { tiny: 1, small: 5, full: 9 };

/** Each within this many ms, the start of its process included. */
const MOST_MS = 100;

const COMMANDS: readonly (readonly string[])[] = [
  ["status", "--offline"],
  ["stats"],
  ["stats", "--since", "24h"],
  ["stats", "--since", "60d"],
  ["queue", "list"],
  ["queue", "list", "--state", "waiting"],
  ["dead", "list"],
  ["dead", "list", "--type", "TransientError"],
  ["history"],
  ["match", "list"],
  ["reconcile", "history"],
];

async function run(scale: Scale, { folder, say, stop }: Tools) {
  const size = SIZES[scale];
  const long = await Home.make(join(folder, "long"), null);
  const none = await Home.make(join(folder, "none"), null);
  await fillStore(long.database, size, { say, stop });
  await none.run("queue", "clear", "--yes");
  const count = (what: string) => long.ask<{ n: number }>(`SELECT count(*) AS n FROM ${what}`).n;
  check(count("jobs") === size.queued + size.waiting, `there are ${count("jobs")} jobs`);
  check(count("dead_letters") === size.dead, `there are ${count("dead_letters")} dead letters`);
  const outcomes = size.ended + size.dead + size.waiting;
  check(count("outcomes") === outcomes, `there are ${count("outcomes")} outcomes`);

  const figures: Figure[] = [];
  for (const command of COMMANDS) {
    const name = command.join(" ");
    say(name);
    const times = await interleave(ROUNDS[scale], {
      long: () => timed(() => long.run(...command, "--json")),
      none: () => timed(() => none.run(...command, "--json")),
    }, stop);
    figures.push(
      leastFigure(`${name}, whole process`, "ms", times.long, { atMost: MOST_MS }),
      leastFigure(`${name}, over an empty database`, "ms", leastSurplus(times.long, times.none)),
    );
  }
  return { parameters: { ...size, outcomes, rounds: ROUNDS[scale] }, figures };
}

export const lists: BenchCase = {
  question: "how long each list and report takes on a database with many rows",
  run,
};
