import { assertEquals } from "@std/assert";
import { HOUR_MS } from "../../../src/core/time/duration.ts";
import { assertInvariants } from "../invariants.ts";
import { attempt, back, claimAll, claimed, LEASE_MS, madeWaiting, retry, T0 } from "../samples.ts";
import { openTestStore, storeTest } from "../temp_store.ts";
import { TARGET } from "../../one_target.ts";

storeTest("claim() takes by priority, then by age, then in the order of arrival", ({ store }) => {
  store.jobs.enqueue(["b2", "b1"], "bulk", T0);
  store.jobs.enqueue(["h-late"], "hook", T0 + 2);
  store.jobs.enqueue(["h-early"], "hook", T0 + 1);
  store.jobs.enqueue(["w"], "watch", T0);
  store.jobs.enqueue(["r"], "retry", T0);
  store.jobs.enqueue(["m"], "rename", T0);
  const scenes = claimAll(store, T0 + 2).map((job) => job.scene_id);
  assertEquals(scenes, ["h-early", "h-late", "r", "w", "m", "b2", "b1"]);
});

storeTest("claim() keeps to its limit and leaves the rest for the next one", ({ store }) => {
  store.jobs.enqueue(["1", "2", "3", "4", "5"], "hook", T0);
  const rounds = [2, 2, 2, 2].map((limit) =>
    store.jobs.claim("w", T0, limit, LEASE_MS, TARGET).map((job) => job.scene_id)
  );
  assertEquals(rounds, [["1", "2"], ["3", "4"], ["5"], []]);
});

storeTest("claim() gives the row as it stands, leased from now", ({ store }) => {
  store.jobs.enqueue(["1"], "watch", T0);
  const [job] = store.jobs.claim("me", T0 + 5_000, 10, LEASE_MS, TARGET);
  assertEquals(job, {
    id: 1,
    scene_id: "1",
    target: "plex",
    run_id: 1,
    reason: "watch",
    priority: 10,
    generation: 1,
    state: "running",
    retry_count: 0,
    wait_count: 0,
    deaths: 0,
    next_retry_at: T0,
    lease_owner: "me",
    lease_until: T0 + 5_000 + LEASE_MS,
    last_error_type: null,
    last_error_message: null,
    path: null,
    enqueued_at: T0,
    updated_at: T0 + 5_000,
  });
  assertEquals(store.jobs.get("1", TARGET), job);
});

storeTest("claim() never touches a job that is not due, or that waits for Plex", ({ store }) => {
  const job = claimed(store, "1");
  store.settlement.settle([attempt(job, retry(T0 + 5_000))], T0);
  madeWaiting(store, "2", T0 + 5_000);
  const before = store.queue.list(10);
  assertEquals(claimAll(store, T0 + 4_999), []);
  assertEquals(store.jobs.hasDue(T0 + 4_999, TARGET), false);
  assertEquals(store.queue.list(10), before);
  // Due itself, but waiting: only wake() makes that ready.
  assertEquals(claimAll(store, T0 + 5_000).map((job) => job.scene_id), ["1"]);
  assertEquals(store.jobs.get("2", TARGET)!.state, "waiting");
});

storeTest("an idle claim() writes nothing", ({ store }) => {
  madeWaiting(store, "2", T0 + 5_000);
  store.database.exec("PRAGMA query_only = ON");
  assertEquals(claimAll(store, T0), []);
});

storeTest("promise 3: no two workers hold one scene while a lease stands", ({ store }) => {
  store.jobs.enqueue(["1", "2"], "hook", T0);
  assertEquals(store.jobs.claim("a", T0, 1, LEASE_MS, TARGET).length, 1);
  assertEquals(claimAll(store, T0, "b").map((job) => job.scene_id), ["2"]);
  assertEquals(claimAll(store, T0 + LEASE_MS - 1, "c"), []);
  assertEquals(store.jobs.hasDue(T0 + LEASE_MS - 1, TARGET), false);
});

storeTest("an expired lease lets another worker take the job, unchanged else", ({ store }) => {
  const held = claimed(store, "1", T0, "a");
  assertEquals(store.jobs.hasDue(T0 + LEASE_MS, TARGET), true);
  const [taken] = claimAll(store, T0 + LEASE_MS, "b");
  assertEquals(taken, {
    ...held,
    deaths: 1,
    lease_owner: "b",
    lease_until: T0 + 2 * LEASE_MS,
    updated_at: T0 + LEASE_MS,
  });
  assertInvariants(store.database, { accepted: ["1"] });
});

storeTest("claim() takes a job over which a process died alone, in its turn", ({ store }) => {
  store.jobs.enqueue(["1", "2", "3", "4"], "watch", T0);
  store.jobs.enqueue(["3"], "hook", T0);
  store.jobs.claim("dies", T0, 1, LEASE_MS, TARGET);
  store.jobs.rescueAll(T0);
  store.jobs.enqueue(["4"], "hook", T0);
  const rounds = [9, 9, 9].map(() => claimAll(store, T0).map(({ scene_id }) => scene_id));
  assertEquals(rounds, [["3"], ["4", "1", "2"], []]);
});

storeTest("renew() extends the leases of its owner alone", ({ store }) => {
  claimed(store, "1", T0, "a");
  claimed(store, "2", T0, "a");
  claimed(store, "3", T0, "b");
  assertEquals(store.jobs.renew("a", T0 + 5 * LEASE_MS, TARGET), 2);
  assertEquals(store.jobs.renew("nobody", T0 + 5 * LEASE_MS, TARGET), 0);
  assertEquals(claimAll(store, T0 + LEASE_MS, "c").map((job) => job.scene_id), ["3"]);
  assertEquals(store.jobs.get("1", TARGET)!.lease_until, T0 + 5 * LEASE_MS);
});

storeTest("renew() brings back no lease that is gone", ({ store }) => {
  claimed(store, "1", T0, "a");
  claimAll(store, T0 + LEASE_MS, "b");
  assertEquals(store.jobs.renew("a", T0 + 9 * LEASE_MS, TARGET), 0);
  assertEquals(store.jobs.get("1", TARGET)!.lease_owner, "b");
});

storeTest("rescueAll() frees every lease at once, and nothing else", ({ store }) => {
  claimed(store, "1", T0, "a");
  claimed(store, "2", T0, "b");
  madeWaiting(store, "3", T0 + 5_000);
  const waits = store.jobs.get("3", TARGET);
  assertEquals(store.jobs.rescueAll(T0 + 1), 2);
  assertEquals(store.jobs.rescueAll(T0 + 1), 0);
  assertEquals(store.jobs.get("3", TARGET), waits);
  const taken = ["c", "c"].map((owner) => claimAll(store, T0 + 1, owner));
  assertEquals(taken.map((jobs) => jobs.map((job) => job.scene_id)), [["1"], ["2"]]);
});

storeTest("a clock that was set back strands no job and no lease", ({ store }) => {
  const yearOn = T0 + 8760 * HOUR_MS;
  store.jobs.enqueue(["queued"], "hook", yearOn);
  claimed(store, "leased", yearOn, "a");
  store.jobs.rescueAll(yearOn);
  claimAll(store, yearOn, "a");
  claimAll(store, yearOn, "a");
  store.settlement.settle(
    [attempt(store.jobs.get("queued", TARGET)!, back(yearOn))],
    yearOn,
  );
  assertEquals(store.jobs.hasDue(T0, TARGET), true);
  const taken = ["b", "b"].map((owner) => claimAll(store, T0, owner));
  assertEquals(taken.map((jobs) => jobs.map((job) => job.scene_id)), [["queued"], ["leased"]]);
});

storeTest(
  "hasWork(), nextDueAt(), nextWaitingAt() and counts() tell what is there",
  ({ store }) => {
    assertEquals(store.jobs.hasWork(T0), false);
    assertEquals([store.jobs.nextDueAt(), store.jobs.nextWaitingAt()], [null, null]);
    assertEquals(store.jobs.counts(), []);

    madeWaiting(store, "1", T0 + 7_000);
    assertEquals(store.jobs.hasWork(T0 + 9_000), false);
    const job = claimed(store, "2");
    assertEquals(store.jobs.hasWork(T0), true);
    assertEquals(store.jobs.nextDueAt(), null);
    store.settlement.settle([attempt(job, retry(T0 + 5_000))], T0);
    assertEquals([store.jobs.hasWork(T0 + 4_999), store.jobs.hasWork(T0 + 5_000)], [false, true]);
    assertEquals(store.jobs.nextDueAt(), T0 + 5_000);
    assertEquals(store.jobs.nextWaitingAt(), T0 + 7_000);
    claimed(store, "3", T0 + 1);
    assertEquals(store.jobs.counts(), [
      { state: "ready", count: 1, oldest_at: T0 },
      { state: "running", count: 1, oldest_at: T0 + 1 },
      { state: "waiting", count: 1, oldest_at: T0 },
    ]);
    assertEquals(store.jobs.count(), 3);
    assertEquals(store.queue.list(10).map((job) => job.scene_id), ["3", "2", "1"]);
    assertEquals(store.queue.list(10, { states: ["waiting"] }).map((job) => job.scene_id), ["1"]);
    assertEquals(store.queue.list(1).length, 1);
  },
);

storeTest("two handles of one file never claim the same job", async ({ store, path, driver }) => {
  const other = await openTestStore(path, driver);
  store.jobs.enqueue(Array.from({ length: 20 }, (_, i) => String(i)), "hook", T0);
  const taken: string[] = [];
  for (let round = 0; round < 5; round++) {
    for (const [name, each] of [["a", store], ["b", other]] as const) {
      taken.push(...each.jobs.claim(name, T0, 2, LEASE_MS, TARGET).map((job) => job.scene_id));
    }
  }
  other.close();
  assertEquals(taken.length, 20);
  assertEquals(new Set(taken).size, 20);
});
