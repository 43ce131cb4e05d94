import { assertEquals } from "@std/assert";
import {
  type Job,
  type JobState,
  PRIORITY,
  type Reason,
  REASONS,
} from "../../../src/core/jobs/job.ts";
import type { Store } from "../../../src/store/store.ts";
import { assertInvariants } from "../invariants.ts";
import { attempt, claimAll, claimed, LEASE_MS, retry, sceneFile, T0, waiting } from "../samples.ts";
import { storeTest } from "../temp_store.ts";
import { TARGET } from "../../one_target.ts";

for (const reason of REASONS) {
  storeTest(`enqueue() for ${reason} makes one job that is due at once`, ({ store }) => {
    assertEquals(store.jobs.enqueue(["7"], reason, T0), { added: 1, merged: 0 });
    assertEquals(store.jobs.get("7", TARGET), {
      id: 1,
      scene_id: "7",
      target: "plex",
      run_id: 1,
      reason,
      priority: PRIORITY[reason],
      generation: 1,
      state: "ready",
      retry_count: 0,
      wait_count: 0,
      deaths: 0,
      next_retry_at: T0,
      lease_owner: null,
      lease_until: null,
      last_error_type: null,
      last_error_message: null,
      path: null,
      enqueued_at: T0,
      updated_at: T0,
    });
    assertEquals(store.jobs.hasDue(T0 - 1, TARGET), false);
    assertEquals(store.jobs.hasDue(T0, TARGET), true);
  });
}

storeTest("enqueue() counts what is new and what was there, repeats included", ({ store }) => {
  assertEquals(store.jobs.enqueue([], "hook", T0), { added: 0, merged: 0 });
  assertEquals(store.jobs.enqueue(["1", "2", "1"], "hook", T0), { added: 2, merged: 1 });
  assertEquals(store.jobs.enqueue(["2", "3"], "hook", T0), { added: 1, merged: 1 });
  assertEquals(store.jobs.count(), 3);
});

storeTest("a scene id is text, never a number", ({ store }) => {
  store.jobs.enqueue(["1", "01", "1e3", "9007199254740993"], "hook", T0);
  assertEquals(store.queue.list(10).map((job) => job.scene_id).sort(), [
    "01",
    "1",
    "1e3",
    "9007199254740993",
  ]);
});

/** A job of scene 1 in each state, with two failures and three looks behind it. */
function jobIn(store: Store, state: JobState): Job {
  const job = claimed(store);
  store.database.exec("UPDATE jobs SET retry_count = 1, wait_count = 3");
  if (state === "ready") store.settlement.settle([attempt(job, retry(T0 + 50_000))], T0);
  if (state === "waiting") {
    const disposition = waiting(T0 + 50_000, sceneFile("/a.mp4"));
    store.settlement.settle([attempt(job, disposition)], T0);
  }
  store.database.exec("UPDATE jobs SET retry_count = 2");
  return store.jobs.get("1", TARGET)!;
}

const states: JobState[] = ["ready", "running", "waiting"];
const counted: Record<Reason, boolean> = {
  hook: false,
  poke: false,
  watch: false,
  rename: false,
  retry: false,
  undo: false,
  bulk: true,
  reconcile: true,
};
for (const state of states) {
  for (const reason of REASONS) {
    const kept = counted[reason] ? "keeps" : "forgets";
    storeTest(`enqueue() for ${reason} of a ${state} job ${kept} its failures`, ({ store }) => {
      const before = jobIn(store, state);
      assertEquals(store.jobs.enqueue(["1"], reason, T0 + 10), { added: 0, merged: 1 });
      const after = store.jobs.get("1", TARGET)!;
      assertEquals(after, {
        ...before,
        run_id: reason === "hook" ? before.run_id : before.run_id! + 1,
        generation: before.generation + 1,
        state: state === "waiting" ? "ready" : state,
        next_retry_at: state === "running" ? before.next_retry_at : T0 + 10,
        retry_count: counted[reason] ? 2 : 0,
        wait_count: counted[reason] ? 3 : 0,
        updated_at: T0 + 10,
      });
      assertEquals(store.jobs.count(), 1);
      assertInvariants(store.database, { accepted: ["1"] });
    });
  }
}

storeTest("enqueue() raises a priority and never lowers it", ({ store }) => {
  store.jobs.enqueue(["1"], "bulk", T0);
  for (const reason of ["hook", "bulk", "watch"] as const) {
    store.jobs.enqueue(["1"], reason, T0);
    assertEquals(store.jobs.get("1", TARGET)!.priority, PRIORITY.hook, reason);
  }
});

storeTest("enqueue() does not make a job later than it was", ({ store }) => {
  store.jobs.enqueue(["1"], "hook", T0);
  store.jobs.enqueue(["1"], "hook", T0 + 5_000);
  assertEquals(store.jobs.get("1", TARGET)!.next_retry_at, T0);
});

storeTest("promise 2: a scene changed while it runs is run again, once", ({ store }) => {
  const job = claimed(store);
  store.jobs.enqueue(["1"], "hook", T0 + 1);
  store.jobs.enqueue(["1"], "hook", T0 + 2);
  assertEquals(claimAll(store, T0 + 2), []);
  store.settlement.settle([attempt(job, { to: "done", outcome: "written" })], T0 + 3);
  const again = claimAll(store, T0 + 3);
  assertEquals(again.map((job) => [job.id, job.generation]), [[job.id, 3]]);
  store.settlement.settle([attempt(again[0]!, { to: "done", outcome: "unchanged" })], T0 + 4);
  assertEquals(store.jobs.count(), 0);
  assertEquals(claimAll(store, T0 + LEASE_MS), []);
});

storeTest("enqueue() takes all scenes of a call or none", ({ store }) => {
  const broken = ["1", undefined as unknown as string];
  let failed = false;
  try {
    store.jobs.enqueue(broken, "hook", T0);
  } catch {
    failed = true;
  }
  assertEquals([failed, store.jobs.count()], [true, 0]);
});
