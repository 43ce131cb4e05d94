import { assertEquals } from "@std/assert";
import type { Store } from "../../../src/store/store.ts";
import { attempt, buried, claimAll, claimed, done, LEASE_MS, T0 } from "../samples.ts";
import { storeTest } from "../temp_store.ts";
import { TARGET } from "../../one_target.ts";

const MINUTE_MS = 60_000;
const runOf = (store: Store, scene: string) => store.jobs.get(scene, TARGET)!.run_id;
const runs = (store: Store) =>
  store.database.prepare("SELECT kind, started_at, last_at FROM runs ORDER BY id").all();

storeTest("a burst of one reason is one run, until it pauses for a minute", ({ store }) => {
  store.jobs.enqueue(["1"], "hook", T0);
  store.jobs.enqueue(["2"], "hook", T0 + MINUTE_MS - 1);
  store.jobs.enqueue(["3"], "watch", T0 + MINUTE_MS - 1);
  store.jobs.enqueue(["4"], "hook", T0 + 2 * MINUTE_MS - 2);
  store.jobs.enqueue(["5"], "hook", T0 + 3 * MINUTE_MS - 2);
  store.jobs.enqueue([], "poke", T0);
  assertEquals(["1", "2", "3", "4", "5"].map((scene) => runOf(store, scene)), [1, 1, 2, 1, 3]);
  assertEquals(runs(store)[0], {
    kind: "hook",
    started_at: T0,
    last_at: T0 + 2 * MINUTE_MS - 2,
  });
  assertEquals(runs(store).length, 3);
});

storeTest("a clock that was set back begins a new run", ({ store }) => {
  store.jobs.enqueue(["1"], "hook", T0);
  store.jobs.enqueue(["2"], "hook", T0 - MINUTE_MS);
  assertEquals(runOf(store, "2"), 2);
});

storeTest("a run that was begun on purpose holds all that it is named for", ({ store }) => {
  const [first, second] = [store.jobs.runs.begin("bulk", T0), store.jobs.runs.begin("bulk", T0)];
  store.jobs.enqueue(["1"], "bulk", T0, { runId: first });
  store.jobs.enqueue(["2"], "bulk", T0 + 9 * MINUTE_MS, { runId: first });
  store.jobs.enqueue(["3"], "bulk", T0, { runId: second });
  assertEquals(["1", "2", "3"].map((scene) => runOf(store, scene)), [first, first, second]);
});

storeTest("a job that is asked for again belongs to the run that asked last", ({ store }) => {
  store.jobs.enqueue(["1"], "hook", T0);
  const job = claimAll(store)[0]!;
  store.jobs.enqueue(["1"], "bulk", T0, { runId: store.jobs.runs.begin("bulk", T0) });
  assertEquals([job.run_id, runOf(store, "1")], [1, 2]);
});

storeTest("outcomes and dead letters name the run of their job", ({ store }) => {
  store.settlement.settle([attempt(claimed(store, "1"), done("written"))], T0);
  buried(store, "2", T0 + MINUTE_MS);
  assertEquals(store.outcomes.recent(9).map(({ run_id }) => run_id), [2, 1]);
  assertEquals(store.deadLetters.recent(9).map(({ run_id }) => run_id), [2]);
});

storeTest("old runs go, but for those of which a job or a dead letter is left", ({ store }) => {
  for (const [n, scene] of ["done", "queued", "dead"].entries()) {
    const run = store.jobs.runs.begin("bulk", T0 + n);
    store.jobs.enqueue([scene], "bulk", T0 + n, { runId: run });
  }
  store.settlement.settle([attempt(claimed(store, "done"), done("written"))], T0);
  store.database.exec("UPDATE jobs SET state = 'ready', lease_owner = NULL, lease_until = NULL");
  buried(store, "dead");
  const before = T0 + LEASE_MS * 60;
  assertEquals(runs(store).length, 4);
  store.jobs.runs.removeOlder(T0);
  assertEquals(runs(store).length, 4);
  store.jobs.runs.removeOlder(before);
  const left = store.database.prepare("SELECT id FROM runs ORDER BY id").all<{ id: number }>();
  const used = [runOf(store, "queued"), store.deadLetters.recent(1)[0]!.run_id];
  assertEquals(left.map(({ id }) => id), used.sort());
});

storeTest("each death of a process counts on the jobs that it held", ({ store }) => {
  store.jobs.enqueue(["1", "2"], "hook", T0);
  store.jobs.claim("a", T0, 1, LEASE_MS, TARGET);
  store.jobs.rescueAll(T0);
  assertEquals(["1", "2"].map((scene) => store.jobs.get(scene, TARGET)!.deaths), [1, 0]);
  claimAll(store, T0, "a");
  claimAll(store, T0, "b");
  const [suspect] = claimAll(store, T0 + LEASE_MS);
  assertEquals(["1", "2"].map((scene) => store.jobs.get(scene, TARGET)!.deaths), [2, 1]);
  // One that is given back, or fails, killed nobody: what killed before is mended.
  store.settlement.settle([attempt(suspect!, { to: "back", at: T0 })], T0);
  assertEquals(["1", "2"].map((scene) => store.jobs.get(scene, TARGET)!.deaths), [2, 0]);
});
