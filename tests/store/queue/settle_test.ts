import { assertEquals } from "@std/assert";
import type { Disposition, Job } from "../../../src/core/jobs/job.ts";
import type { Store } from "../../../src/store/store.ts";
import { scene } from "../../core/samples.ts";
import { assertInvariants, dump } from "../invariants.ts";
import {
  attempt,
  back,
  buried,
  claimAll,
  claimed,
  dead,
  done,
  LEASE_MS,
  retry,
  sceneFile,
  T0,
  waiting,
  written,
} from "../samples.ts";
import { storeTest } from "../temp_store.ts";
import { TARGET } from "../../one_target.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";

const AT = T0 + 5_000;
const NOW = T0 + 100;
const FILE = sceneFile("/data/A b.MP4", 42);

interface Case {
  name: string;
  disposition: Disposition;
  /** The job afterwards when nothing changed meanwhile; null when it left the queue. */
  after: Partial<Job> | null;
  /** Its row of `outcomes`, or null. */
  outcome: string | null;
  /** The outcome when the scene changed meanwhile, where that differs. */
  changedOutcome?: string;
}

const freed = { lease_owner: null, lease_until: null, updated_at: NOW };
const failure = {
  last_error_type: "TransientError",
  last_error_message: "Plex answered 500",
  path: "/media/a.mp4",
} as const;
const again = { ...freed, state: "ready", next_retry_at: NOW } as const;

const cases: Case[] = [
  { name: "written", disposition: done("written"), after: null, outcome: "written" },
  { name: "unchanged", disposition: done("unchanged"), after: null, outcome: "unchanged" },
  { name: "skipped", disposition: done("skipped"), after: null, outcome: "skipped" },
  { name: "gone", disposition: done("gone"), after: null, outcome: "gone" },
  { name: "dead", disposition: dead, after: null, outcome: "dead", changedOutcome: "retry" },
  {
    name: "retry",
    disposition: retry(AT),
    after: { ...freed, ...failure, state: "ready", retry_count: 3, next_retry_at: AT },
    outcome: "retry",
  },
  {
    name: "back",
    disposition: back(AT),
    after: {
      ...freed,
      state: "ready",
      next_retry_at: AT,
      last_error_type: failure.last_error_type,
      last_error_message: failure.last_error_message,
    },
    outcome: null,
  },
  {
    name: "waiting",
    disposition: waiting(AT, FILE),
    after: { ...freed, ...failure, state: "waiting", next_retry_at: AT },
    outcome: "waiting",
  },
];

/** A claimed job that failed twice before and was looked for four times. */
function held(store: Store): Job {
  store.jobs.enqueue(["1"], "hook", T0);
  store.database.exec("UPDATE jobs SET retry_count = 2, wait_count = 4");
  return claimAll(store)[0]!;
}

const endOf = (job: Job, disposition: Disposition) =>
  attempt(job, disposition, {
    errorType: failure.last_error_type,
    errorMessage: failure.last_error_message,
    path: failure.path,
  });

const outcomesOf = (store: Store) => store.outcomes.recent(10).map((row) => row.outcome);

storeTest("settle() as back leaves what a job has paid for as its last error", ({ store }) => {
  const outage = { errorType: "PlexServerDown", errorMessage: "Plex is down" } as const;
  const errorAfter = (paid: number) => {
    store.jobs.enqueue([`${paid}`], "hook", T0);
    store.database.prepare("UPDATE jobs SET retry_count = ?, last_error_type = ?").run(
      paid,
      failure.last_error_type,
    );
    const job = claimAll(store).find(({ scene_id }) => scene_id === `${paid}`)!;
    store.settlement.settle([attempt(job, back(AT), outage)], NOW);
    return store.jobs.get(`${paid}`, TARGET)!.last_error_type;
  };
  assertEquals(errorAfter(0), "PlexServerDown");
  assertEquals(errorAfter(1), "TransientError");
});

for (const { name, disposition, after, outcome, changedOutcome = outcome } of cases) {
  storeTest(`settle() as ${name} brings the job to its one next place`, ({ store }) => {
    const job = held(store);
    const end = endOf(job, disposition);
    assertEquals(store.settlement.settle([end], NOW), { settled: [end], again: [], late: [] });
    assertEquals(store.jobs.get("1", TARGET), after === null ? undefined : { ...job, ...after });
    assertEquals(store.deadLetters.count(), name === "dead" ? 1 : 0);
    assertEquals(outcomesOf(store), outcome === null ? [] : [outcome]);
    assertInvariants(store.database, { accepted: ["1"] });
  });

  storeTest(`settle() as ${name} runs a scene again that changed meanwhile`, ({ store }) => {
    const job = held(store);
    store.jobs.enqueue(["1"], "bulk", T0 + 1);
    const end = endOf(job, disposition);
    const result = { settled: [end], again: [end], late: [] };
    assertEquals(store.settlement.settle([end], NOW), result);
    // An outage tells its reason; every other end says nothing of the newer change.
    const reason = name === "back" ? after! : {};
    const due = name === "back" ? NOW : again.next_retry_at;
    const base = { ...job, run_id: 2, generation: 2, updated_at: T0 + 1 };
    assertEquals(store.jobs.get("1", TARGET), { ...base, ...reason, ...again, next_retry_at: due });
    assertEquals(store.deadLetters.count(), 0);
    assertEquals(outcomesOf(store), changedOutcome === null ? [] : [changedOutcome]);
    assertEquals(claimAll(store, NOW).map((job) => [job.id, job.generation]), [[job.id, 2]]);
    assertInvariants(store.database, { accepted: ["1"] });
  });

  const lost: Record<string, (store: Store) => void> = {
    "whose lease another worker has": (store) => void claimAll(store, T0 + LEASE_MS, "other"),
    "whose lease was freed": (store) => void store.jobs.rescueAll(T0),
    "whose job is done": (store) =>
      void store.settlement.settle([attempt(store.jobs.get("1", TARGET)!, done("written"))], T0),
    "whose scene has a new job in other hands": (store) => {
      store.settlement.settle([attempt(store.jobs.get("1", TARGET)!, done("written"))], T0);
      claimed(store, "1", T0);
    },
    "whose job is dead": (store) =>
      void store.settlement.settle([attempt(store.jobs.get("1", TARGET)!, dead)], T0),
  };
  for (const [whose, lose] of Object.entries(lost)) {
    storeTest(`promise 3: a late settle() as ${name}, ${whose}, changes nothing`, ({ store }) => {
      const job = held(store);
      lose(store);
      const before = dump(store.database);
      const end = attempt(job, disposition, { written: [written("1", "999")] });
      assertEquals(store.settlement.settle([end], NOW), { settled: [], again: [], late: [end] });
      assertEquals(dump(store.database), before);
    });
  }
}

storeTest("settle() of one attempt twice counts it once", ({ store }) => {
  const job = held(store);
  const end = attempt(job, done("written"));
  const result = { settled: [end], again: [], late: [end] };
  assertEquals(store.settlement.settle([end, end], NOW), result);
  assertEquals(store.outcomes.recent(9).map(({ outcome }) => outcome), ["written"]);
});

storeTest("settle() of a batch parts what is late from what is not", ({ store }) => {
  const late = claimed(store, "1", T0, "a");
  claimAll(store, T0 + LEASE_MS, "b");
  const good = claimed(store, "2", T0 + LEASE_MS, "a");
  const ends = [attempt(late, done("written")), attempt(good, retry(AT))];
  const result = { settled: [ends[1]!], again: [], late: [ends[0]!] };
  assertEquals(store.settlement.settle(ends, NOW), result);
});

storeTest("settle() takes a whole batch or nothing", ({ store }) => {
  const first = claimed(store, "1");
  const second = claimed(store, "2");
  const before = dump(store.database);
  const broken = attempt(second, done("written"), { durationMs: NaN });
  let failed = false;
  try {
    store.settlement.settle([attempt(first, done("written")), broken], NOW);
  } catch {
    failed = true;
  }
  assertEquals(failed, true);
  assertEquals(dump(store.database), before);
});

storeTest("promise 4: an outage spends no attempt and counts nowhere", ({ store }) => {
  for (let time = 0; time < 20; time++) {
    const [job] = time === 0 ? [held(store)] : claimAll(store, T0 + time);
    const end = attempt(job!, back(T0 + time + 1), { errorType: "PlexServerDown" });
    store.settlement.settle([end], T0 + time);
  }
  const { retry_count, wait_count, state } = store.jobs.get("1", TARGET)!;
  assertEquals({ retry_count, wait_count, state }, {
    retry_count: 2,
    wait_count: 4,
    state: "ready",
  });
  assertEquals(store.outcomes.recent(1), []);
  assertEquals(store.totals.read().jobs_processed, 0);
});

storeTest("settle() as back keeps an older reason when it has none of its own", ({ store }) => {
  const job = held(store);
  store.settlement.settle([endOf(job, retry(T0))], T0);
  store.settlement.settle([attempt(claimAll(store)[0]!, back(AT))], NOW);
  assertEquals(store.jobs.get("1", TARGET)!.last_error_message, failure.last_error_message);
});

storeTest("settle() keeps what was written, also when the run was not the last", ({ store }) => {
  const ends: [string, Disposition][] = [
    ["1", done("written")],
    ["2", retry(AT)],
    ["3", back(AT)],
    ["4", dead],
  ];
  for (const [scene, disposition] of ends) {
    const job = claimed(store, scene);
    store.jobs.enqueue([scene], "hook", T0);
    store.settlement.settle([attempt(job, disposition, { written: [written(scene)] })], NOW);
    assertEquals(store.of(TARGET).written.ofScene(scene), [written(scene)]);
  }
  const job = claimed(store, "5");
  store.settlement.settle([attempt(job, done("unchanged"))], NOW);
  assertEquals(store.of(TARGET).written.ofScene("5"), []);
});

storeTest(
  "settle() as gone keeps what was written out of sight, unless the scene is back",
  ({ store }) => {
    for (const back of [false, true]) {
      store.settlement.settle(
        [attempt(claimed(store), done("written"), { written: [written("1")] })],
        NOW,
      );
      const job = claimed(store);
      if (back) store.jobs.enqueue(["1"], "hook", T0);
      store.settlement.settle([attempt(job, done("gone"))], NOW);
      assertEquals(store.of(TARGET).written.ofScene("1"), [written("1")]);
      assertEquals(store.of(TARGET).written.hashes(0, 1).size, back ? 1 : 0);
      assertEquals(store.of(TARGET).written.gone("", 9).length, back ? 0 : 1);
      noteScenes(store.database, [scene({ id: "1" })], NOW);
    }
  },
);

storeTest("a job that is done takes an older dead letter of its scene along", ({ store }) => {
  for (const outcome of ["written", "unchanged", "skipped", "gone"] as const) {
    buried(store, "1");
    buried(store, "2");
    store.settlement.settle([attempt(claimed(store, "1"), done(outcome))], NOW);
    assertEquals(store.deadLetters.recent(9).map((letter) => letter.scene_id), ["2"], outcome);
  }
});

storeTest("settle() leaves an item to the scene that wrote it last, of the batch or before", ({
  store,
}) => {
  const { written: values } = store.of(TARGET);
  values.put(written("8", "100"));
  values.put(written("9", "300"));
  noteScenes(store.database, [scene({ id: "8" })], T0);
  store.scenes.noteGone(["8"], T0);
  const jobs = ["1", "2", "3"].map((id) => claimed(store, id));
  const items = [["100"], ["100", "200"], ["200"]];
  store.settlement.settle(
    jobs.map((job, at) =>
      attempt(job, done("written"), {
        written: items[at]!.map((item) => written(job.scene_id, item)),
        released: at === 2 ? [written("9", "300")] : [],
      })
    ),
    NOW,
  );
  const rows = store.database.prepare("SELECT item, scene_id FROM written ORDER BY item").all();
  assertEquals(rows, [{ item: "100", scene_id: "2" }, { item: "200", scene_id: "3" }]);
  const gone = store.database.prepare("SELECT scene_id FROM scenes WHERE gone_at > 0").all();
  assertEquals(gone, []);
  assertInvariants(store.database);
});
