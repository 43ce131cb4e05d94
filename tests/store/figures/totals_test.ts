import { assertEquals } from "@std/assert";
import type { Attempt, Disposition } from "../../../src/core/jobs/job.ts";
import type { StatsJson } from "../../../src/core/stats/sync_stats.ts";
import type { SqlValue } from "../../../src/store/database/database.ts";
import { Store } from "../../../src/store/store.ts";
import { assertInvariants, foldOutcomes } from "../invariants.ts";
import { attempt, back, claimed, dead, done, retry, T0, waiting } from "../samples.ts";
import { storeTest } from "../temp_store.ts";
import { TARGETS } from "../../one_target.ts";

const ZERO: StatsJson = {
  jobs_processed: 0,
  jobs_succeeded: 0,
  jobs_failed: 0,
  jobs_to_dlq: 0,
  total_processing_time: 0,
  session_start: 0,
  errors_by_type: {},
  high_confidence_matches: 0,
  low_confidence_matches: 0,
};

const one = { jobs_processed: 1, total_processing_time: 0.1 };
const success = { ...one, jobs_succeeded: 1 };
const failure = { ...one, jobs_failed: 1 };

const cases: { name: string; end: Disposition; more?: Partial<Attempt>; raises: object }[] = [
  { name: "written without a match", end: done("written"), raises: success },
  {
    name: "written, high confidence",
    end: done("written"),
    more: { confidence: "high" },
    raises: { ...success, high_confidence_matches: 1 },
  },
  {
    name: "unchanged, low confidence",
    end: done("unchanged"),
    more: { confidence: "low" },
    raises: { ...success, low_confidence_matches: 1 },
  },
  { name: "skipped", end: done("skipped"), raises: success },
  { name: "gone", end: done("gone"), more: { errorType: "SceneGone" }, raises: {} },
  { name: "waiting", end: waiting(T0), more: { errorType: "PlexNotFound" }, raises: {} },
  { name: "back", end: back(T0), more: { errorType: "PlexServerDown" }, raises: {} },
  {
    name: "retry",
    end: retry(T0),
    raises: { ...failure, errors_by_type: { TransientError: 1 } },
  },
  {
    name: "retry with a match",
    end: retry(T0),
    more: { confidence: "high", errorType: "PlexTemporaryError" },
    raises: { ...failure, errors_by_type: { PlexTemporaryError: 1 } },
  },
  {
    name: "dead",
    end: dead,
    more: { errorType: "AmbiguousMatch" },
    raises: { ...failure, jobs_to_dlq: 1, errors_by_type: { AmbiguousMatch: 1 } },
  },
  {
    name: "dead of an unknown cause",
    end: dead,
    more: { errorType: null },
    raises: { ...failure, jobs_to_dlq: 1, errors_by_type: { Unknown: 1 } },
  },
];

for (const { name, end, more, raises } of cases) {
  storeTest(`an attempt that is ${name} raises just its own totals`, ({ store }) => {
    store.settlement.settle([attempt(claimed(store), end, more)], T0);
    assertEquals(store.totals.read(), { ...ZERO, ...raises });
    assertInvariants(store.database);
  });
}

storeTest("dead of a scene that changed meanwhile is a failure, no dead letter", ({ store }) => {
  const job = claimed(store);
  store.jobs.enqueue(["1"], "hook", T0);
  store.settlement.settle([attempt(job, dead)], T0);
  assertEquals(store.totals.read(), {
    ...ZERO,
    ...failure,
    errors_by_type: { TransientError: 1 },
  });
});

storeTest("promise 5: totals equal a fold over the outcomes", ({ store }) => {
  cases.forEach(({ end, more }, i) => {
    const ended = attempt(claimed(store, `${i}`), end, { durationMs: 33.4 * i, ...more });
    store.settlement.settle([ended], T0 + i);
  });
  assertEquals(store.totals.read(), foldOutcomes(store.database, null));
  assertEquals(store.totals.read().jobs_processed, 8);
});

storeTest("settle() adds a whole batch to the totals in one statement", ({ store }) => {
  const { database } = store;
  const written: string[] = [];
  const recording = new Store({
    ...database,
    prepare(sql) {
      const statement = database.prepare(sql);
      const run = (...values: SqlValue[]) => (written.push(sql), statement.run(...values));
      return { ...statement, run };
    },
  }, TARGETS);
  const batch = ["1", "2", "3"].map((scene) => attempt(claimed(store, scene), done("written")));
  recording.settlement.settle(batch, T0);
  assertEquals(store.totals.read().jobs_processed, 3);
  assertEquals(written.filter((sql) => sql.includes("INTO totals")).length, 1);
});

storeTest("an outcome tells what the attempt came to", ({ store }) => {
  const ended = attempt(claimed(store, "7"), done("written"), {
    durationMs: 12.6,
    confidence: "low",
    items: ["100"],
    changedFields: ["title", "tags"],
    errorMessage: "two items fit",
  });
  store.settlement.settle([ended], T0 + 5);
  assertEquals(store.outcomes.recent(5), [{
    id: 1,
    job_id: 1,
    scene_id: "7",
    target: "plex",
    run_id: 1,
    at: T0 + 5,
    outcome: "written",
    error_type: null,
    error_message: "two items fit",
    duration_ms: 13,
    confidence: "low",
    items: '["100"]',
    left_out: "[]",
    changed_fields: '["title","tags"]',
  }]);
});

storeTest("outcomes go after their time and the totals keep what they counted", ({ store }) => {
  for (let i = 0; i < 4; i++) {
    store.settlement.settle([attempt(claimed(store, `${i}`), done("written"))], T0 + i);
  }
  const before = store.totals.read();
  assertEquals(store.outcomes.removeOlder(T0 + 3), 3);
  assertEquals(store.outcomes.recent(9).map((row) => row.scene_id), ["3"]);
  assertEquals(store.totals.read(), before);
});

const older: StatsJson = {
  jobs_processed: 50,
  jobs_succeeded: 48,
  jobs_failed: 2,
  jobs_to_dlq: 1,
  total_processing_time: 6.1504,
  session_start: 1_700_000_000.75,
  errors_by_type: { PlexNotFound: 2 },
  high_confidence_matches: 47,
  low_confidence_matches: 1,
};

storeTest("takeOver() makes an older program's counters the base, once", ({ store }) => {
  const base = { ...older, total_processing_time: 6.15, session_start: 1_700_000_000 };
  store.totals.takeOver(older, 9);
  assertEquals(store.totals.read(), base);
  store.totals.takeOver(older, 9);
  store.totals.takeOver(null, 9);
  assertEquals(store.totals.read(), base);

  const end = attempt(claimed(store), dead, { errorType: "PlexNotFound" });
  store.settlement.settle([end], T0);
  assertEquals(store.totals.read().errors_by_type, { PlexNotFound: 3 });
  assertEquals(store.totals.read().total_processing_time, 6.25);
  assertInvariants(store.database, { accepted: ["1"], base });
});

storeTest("takeOver() of nothing begins the first session now", ({ store }) => {
  store.totals.takeOver(null, 1_790_000_000);
  assertEquals(store.totals.read(), { ...ZERO, session_start: 1_790_000_000 });
  store.totals.takeOver(older, 1_800_000_000);
  assertEquals(store.totals.read(), { ...ZERO, session_start: 1_790_000_000 });
});

storeTest("takeOver() of a file without a session start begins it now", ({ store }) => {
  store.totals.takeOver({ ...older, session_start: 0 }, 1_790_000_000);
  assertEquals(store.totals.read().session_start, 1_790_000_000);
});
