/**
 * One of several processes that settle jobs and write snapshots in one data directory.
 * Arguments: the folder, a name of its own, and how many jobs to settle.
 */
import { Summaries } from "../../src/daemon/summaries.ts";
import { createLogger } from "../../src/log/logger.ts";
import { openStore } from "../../src/store/store.ts";
import { attempt, done } from "../store/samples.ts";
import { TARGET, TARGETS } from "../one_target.ts";

const LEASE_MS = 60_000;

const [folder, name, jobs] = Deno.args as [string, string, string];
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const store = await openStore(`${folder}/plexsync.db`, TARGETS, { sleep, driver: "builtin" });
const log = createLogger({
  format: "text",
  target: "console",
  level: "warning",
  secrets: [],
  obfuscatePaths: false,
  write: (bytes) => void Deno.stderr.writeSync(bytes),
  now: Date.now,
  colour: false,
});
// Its clock is a second further each time, so that each job makes a snapshot.
let clock = Date.now();
const summaries = new Summaries(store, log, `${folder}/stats.json`, 1, () => clock += 1_000);
for (let settled = 0; settled < Number(jobs);) {
  store.jobs.enqueue([`${name}-${settled}`], "bulk", Date.now());
  // The other process may take it, and this one the other's: each settles what it took.
  for (const job of store.jobs.claim(name, Date.now(), 1, LEASE_MS, TARGET)) {
    const ends = [attempt(job, done("unchanged"))];
    summaries.settled(store.settlement.settle(ends, Date.now()).settled);
    settled++;
  }
}
summaries.end();
store.close();
