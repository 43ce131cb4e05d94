import { assertEquals } from "@std/assert";
import { HINTS } from "../../../src/core/failures/hints.ts";
import { assertInvariants, dump } from "../invariants.ts";
import { attempt, buried, claimAll, claimed, dead, done, T0 } from "../samples.ts";
import { storeTest } from "../temp_store.ts";
import { TARGET } from "../../one_target.ts";

storeTest("a dead letter tells all that is known of the failure", ({ store }) => {
  store.jobs.enqueue(["12"], "watch", T0);
  store.database.exec("UPDATE jobs SET retry_count = 5, wait_count = 1");
  const [job] = claimAll(store, T0 + 1);
  const end = attempt(job!, dead, {
    errorType: "AmbiguousMatch",
    errorMessage: "2 items fit",
    path: "/media/a.mp4",
    hint: "Remove one of them",
    stackTrace: "at a.ts:1",
    candidates: ["100", "101"],
  });
  store.settlement.settle([end], T0 + 2);
  const [letter] = store.deadLetters.recent(5);
  assertEquals({ ...letter!, job_data: JSON.parse(letter!.job_data) }, {
    id: 1,
    job_id: job!.id,
    scene_id: "12",
    target: "plex",
    run_id: 1,
    job_data: {
      id: job!.id,
      scene_id: "12",
      reason: "watch",
      priority: 10,
      generation: 1,
      state: "running",
      retry_count: 5,
      wait_count: 1,
      next_retry_at: T0,
      last_error_type: null,
      last_error_message: null,
      path: null,
      enqueued_at: T0,
      updated_at: T0 + 1,
      candidates: ["100", "101"],
    },
    error_type: "AmbiguousMatch",
    error_message: "2 items fit",
    stack_trace: "at a.ts:1",
    retry_count: 5,
    path: "/media/a.mp4",
    hint: "Remove one of them",
    failed_at: T0 + 2,
  });
  assertEquals(store.deadLetters.byId(1), letter);
  assertEquals(store.deadLetters.byId(2), undefined);
});

storeTest("a dead letter without a hint of its own has that of its type", ({ store }) => {
  buried(store, "1", T0, { errorType: "PlexNotFound", errorMessage: null });
  buried(store, "2", T0, { errorType: null });
  const [two, one] = store.deadLetters.recent(2);
  assertEquals([one!.error_type, one!.error_message], ["PlexNotFound", ""]);
  assertEquals([one!.hint, one!.stack_trace, one!.path], [HINTS.PlexNotFound, null, null]);
  assertEquals([two!.error_type, two!.hint], ["Unknown", HINTS.Unknown]);
});

storeTest("a scene has one dead letter: the newer failure replaces the older", ({ store }) => {
  buried(store, "1", T0, { errorMessage: "old" });
  buried(store, "2", T0);
  buried(store, "1", T0 + 1, { errorMessage: "new" });
  const letters = store.deadLetters.recent(9);
  assertEquals(letters.map((letter) => [letter.scene_id, letter.error_message]), [
    ["1", "new"],
    ["2", "Plex answered 500"],
  ]);
  assertEquals(store.deadLetters.count(), 2);
  assertInvariants(store.database, { accepted: ["1", "2"] });
});

storeTest("recent() has the newest first, byType() the most frequent", ({ store }) => {
  assertEquals([store.deadLetters.recent(5), store.deadLetters.byType()], [[], {}]);
  buried(store, "1", T0 + 9, { errorType: "PermanentError" });
  buried(store, "2", T0 + 1, { errorType: "PlexNotFound" });
  buried(store, "3", T0 + 5, { errorType: "PlexNotFound" });
  buried(store, "4", T0 + 5, { errorType: "Unknown" });
  assertEquals(store.deadLetters.recent(3).map((letter) => letter.scene_id), ["1", "4", "3"]);
  assertEquals(Object.entries(store.deadLetters.byType()), [
    ["PlexNotFound", 2],
    ["PermanentError", 1],
    ["Unknown", 1],
  ]);
});

storeTest("retry() puts a scene back with fresh counts, and a repeat does nothing", ({ store }) => {
  const job = claimed(store, "1");
  store.database.exec("UPDATE jobs SET retry_count = 5, wait_count = 12");
  store.settlement.settle([attempt(job, dead)], T0);
  assertEquals(store.deadLetters.retry([1, 99], T0 + 1), [1]);
  const back = store.jobs.get("1", TARGET)!;
  assertEquals([back.reason, back.state, back.retry_count, back.wait_count, back.next_retry_at], [
    "retry",
    "ready",
    0,
    0,
    T0 + 1,
  ]);
  assertEquals(back.id === job.id, false);
  assertEquals(store.deadLetters.count(), 0);
  const once = dump(store.database);
  assertEquals(store.deadLetters.retry([1, 99, 1], T0 + 2), []);
  assertEquals(store.deadLetters.retry([], T0 + 2), []);
  assertEquals(dump(store.database), once);
  assertInvariants(store.database, { accepted: ["1"] });
});

storeTest("retry() of a scene that is queued again makes no second job", ({ store }) => {
  buried(store, "1");
  store.jobs.enqueue(["1"], "bulk", T0);
  assertEquals(store.deadLetters.retry([1], T0), [1]);
  assertEquals(store.queue.list(9).map((job) => [job.scene_id, job.generation]), [["1", 2]]);
});

storeTest("retry() that ends in the same failure makes a dead letter again", ({ store }) => {
  buried(store, "1");
  store.deadLetters.retry([1], T0);
  store.settlement.settle([attempt(claimAll(store)[0]!, dead)], T0 + 1);
  assertEquals(store.deadLetters.recent(9).map((letter) => letter.id), [2]);
  store.deadLetters.retry([2], T0);
  store.settlement.settle([attempt(claimAll(store)[0]!, done("written"))], T0 + 1);
  assertEquals(store.deadLetters.count() + store.jobs.count(), 0);
  assertInvariants(store.database, { accepted: ["1"] });
});

storeTest("removeOlder() says how many it removed and keeps the rest", ({ store }) => {
  for (const [scene, at] of [["1", 0], ["2", 10], ["3", 20]] as const) {
    buried(store, scene, T0 + at);
  }
  assertEquals(store.deadLetters.removeOlder(T0), 0);
  assertEquals(store.deadLetters.removeOlder(T0 + 20), 2);
  assertEquals(store.deadLetters.recent(9).map((letter) => letter.scene_id), ["3"]);
  assertEquals(store.totals.read().jobs_to_dlq, 3);
});
