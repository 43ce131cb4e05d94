/**
 * What the kill tests do to a store. Each step is all or nothing: after a kill the file is as it was
 * before some step, or after the last.
 */
import { emptyMemory } from "../../src/core/sync/memory.ts";
import type { Disposition } from "../../src/core/jobs/job.ts";
import { machineOf } from "../../src/core/meta_keys.ts";
import { planUndo } from "../../src/core/journal/undo.ts";
import type { UndoScope } from "../../src/core/journal/undo_scope.ts";
import type { Store } from "../../src/store/store.ts";
import type { UndoRequest } from "../../src/store/journal/undo_requests.ts";
import { settleTaken } from "../../src/worker/undo/undo_settle.ts";
import { item, scene, WAYS } from "../core/samples.ts";
import {
  attempt,
  back,
  begunField,
  begunWrite,
  buried,
  claimAll,
  claimed,
  dead,
  done,
  indexed,
  LEASE_MS,
  madeWaiting,
  retry,
  sceneFile,
  T0,
  waiting,
  written,
} from "./samples.ts";
import { TARGET } from "../one_target.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

export interface Operation {
  name: string;
  /** Scenes that were accepted before it. */
  accepted: readonly string[];
  before(store: Store): void;
  steps: readonly ((store: Store) => void)[];
}

const NOW = T0 + 1_000;
const A = sceneFile("/data/a.mp4", 1);
const known = scene({ id: "4", links: [{ kind: "tag", id: "5" }] });
const section = {
  section: "1",
  title: "Films",
  item_type: "movie" as const,
  cursor: 5,
  refreshed_at: NOW,
  listed_at: NOW,
};
const older = {
  jobs_processed: 50,
  jobs_succeeded: 48,
  jobs_failed: 2,
  jobs_to_dlq: 1,
  total_processing_time: 6.25,
  session_start: 1_700_000_000,
  errors_by_type: { PlexNotFound: 2 },
  high_confidence_matches: 47,
  low_confidence_matches: 1,
};

/** An end for each scene of a batch. */
const ends: Readonly<Record<string, Disposition>> = {
  written: done("written"),
  unchanged: done("unchanged"),
  skipped: done("skipped"),
  gone: done("gone"),
  retry: retry(NOW + 5),
  back: back(NOW + 5),
  waiting: waiting(NOW + 5, A, sceneFile("/data/b.mp4", 2)),
  dead,
};
const scenes = Object.keys(ends);
/** Scenes of the batch for which something was written. */
const WROTE = ["written", "gone", "retry"];

/** What stood after the write that was begun for the first of them. */
const SEEN = [
  { write: 1, field: "title" as const, stood: ["New"], locked: true },
  { write: 1, field: "tags" as const, stood: ["Drama"], locked: false },
];

/** All scenes of `ends` in hand, some of them with an older dead letter. */
function batch(store: Store): void {
  for (const scene of ["written", "dead"]) buried(store, scene);
  store.of("plex").beginWrites([], [begunWrite("written", "written")], T0);
  noteScenes(store.database, [scene({ id: "waiting" })], T0);
  store.jobs.enqueue(scenes, "hook", T0);
  claimAll(store, T0, "worker");
}

function settleBatch(store: Store): void {
  const held = store.queue.list(100).map((job) => ({ ...job, generation: 1 }));
  const all = held.map((job) =>
    attempt(job, ends[job.scene_id]!, {
      confidence: "high",
      errorType: "TransientError",
      // Of some only: a child for each statement of all would take long and say no more.
      written: WROTE.includes(job.scene_id) ? [written(job.scene_id, job.scene_id)] : [],
      seen: job.scene_id === "written" ? SEEN : [],
    })
  );
  // A late one amid them, whose job another worker has.
  all.splice(3, 0, attempt({ ...held[0]!, lease_owner: "other" }, dead));
  store.settlement.settle(all, NOW);
}

const ALL: UndoScope = { kind: "all" };
/** The first run of a new database. */
const UNDO_RUN = 1;

/** Ends the undo that the worker has in hand, as one that put back all. */
function settleUndo(store: Store): void {
  const requests = store.database.prepare(
    "SELECT id, run_id, scene_id, item, retry_count FROM undo_requests ORDER BY id",
  ).all<Omit<UndoRequest, "scope">>();
  const taken = requests.map((request) => ({
    request: { ...request, scope: ALL },
    job: store.jobs.get(request.scene_id, TARGET)!,
  }));
  const ends = new Map(taken.map(({ request, job }) => {
    const now = item({ id: request.item, title: "New", tags: ["Drama"], locked: ["title"] });
    const rows = store.of(TARGET).journal.ofItems([request.item]).get(request.item)!;
    const plan = planUndo({ item: now, rows, scope: ALL, images: {}, ways: WAYS });
    const undoing = {
      request,
      job,
      rows,
      item: now,
      images: {},
      plan,
      after: now,
      isAnother: false,
      begun: null,
      refused: [],
      unsure: [],
      failed: [],
    };
    const result = { restored: ["title" as const], locks: [], left: [], error: null };
    return [request.id, { kind: "ended" as const, result, undoing }];
  }));
  settleTaken(taken, ends, { store, target: { id: TARGET }, runtime: { now: () => NOW } });
}

export const OPERATIONS: readonly Operation[] = [
  {
    name: "enqueue() of new, queued, running and waiting scenes",
    accepted: ["1", "2", "3"],
    before(store) {
      madeWaiting(store, "3", NOW + 9, A);
      claimed(store, "2");
      store.jobs.enqueue(["1"], "bulk", T0);
    },
    steps: [(store) => store.jobs.enqueue(["1", "2", "3", "4", "4"], "hook", NOW)],
  },
  {
    name: "claim() with an expired lease",
    accepted: ["1", "2"],
    before(store) {
      claimed(store, "1", T0 - LEASE_MS, "dead");
      store.jobs.enqueue(["2"], "hook", T0);
    },
    steps: [(store) => claimAll(store, T0), (store) => claimAll(store, T0)],
  },
  {
    name: "renew() and rescueAll()",
    accepted: ["1", "2"],
    before(store) {
      claimed(store, "1");
      claimed(store, "2");
    },
    steps: [
      (store) => store.jobs.renew("worker", NOW + LEASE_MS, TARGET),
      (store) => store.jobs.rescueAll(NOW),
    ],
  },
  {
    name: "settle() of a batch with every end",
    accepted: scenes,
    before: batch,
    steps: [settleBatch],
  },
  {
    name: "settle() of a batch whose scenes all changed meanwhile",
    accepted: scenes,
    before(store) {
      batch(store);
      store.jobs.enqueue(scenes, "hook", T0);
    },
    steps: [settleBatch],
  },
  {
    name: "retry() of dead letters",
    accepted: ["1", "2", "3"],
    before(store) {
      for (const scene of ["1", "2", "3"]) buried(store, scene);
      store.jobs.enqueue(["2"], "bulk", T0);
    },
    steps: [
      (store) => store.deadLetters.retry([1, 2, 99], NOW),
      (store) => store.deadLetters.removeOlder(T0),
    ],
  },
  {
    name: "wake()",
    accepted: ["1", "2", "3"],
    before(store) {
      madeWaiting(store, "1", NOW + 9, A);
      madeWaiting(store, "2", NOW, sceneFile("/data/x.mp4"));
      madeWaiting(store, "3", NOW, sceneFile("/data/y.mp4"));
      store.database.exec("UPDATE jobs SET wait_count = 12 WHERE scene_id = '3'");
      store.of(TARGET).index.put([indexed("100", "/media/a.mp4")], NOW);
    },
    steps: [(store) => store.jobs.wake(NOW, NOW, TARGET)],
  },
  {
    name: "a sweep of the index",
    accepted: [],
    before(store) {
      store.of(TARGET).index.put([indexed("100", "/a.mp4"), indexed("101", "/b.mp4")], T0);
    },
    steps: [
      (store) =>
        store.of(TARGET).index.put([indexed("100", "/c.mp4"), indexed("100", "/d.mp4")], NOW),
      (store) => store.of(TARGET).index.put([indexed("102", "/e.mp4")], NOW),
      (store) => store.of(TARGET).index.dropUnseen("1", NOW),
      (store) => store.of(TARGET).index.putSection(section),
      (store) => store.of(TARGET).index.keepSections(["2"]),
    ],
  },
  {
    name: "forgetTarget()",
    accepted: ["1"],
    before(store) {
      store.of(TARGET).index.put([indexed("100", "/a.mp4")], T0);
      store.of(TARGET).index.putSection(section);
      store.meta.set(machineOf("plex"), "abc");
      const end = attempt(claimed(store, "1"), done("written"), { written: [written("1")] });
      store.settlement.settle([end], T0);
    },
    steps: [(store) => store.of(TARGET).forget()],
  },
  {
    name: "a rename on its way to its scenes",
    accepted: ["1"],
    before(store) {
      store.jobs.enqueue(["1"], "bulk", T0);
      store.fanouts.add({ kind: "tag", id: "5" }, false, T0);
    },
    steps: [
      (store) => store.fanouts.advance(store.fanouts.next()!, ["1", "2"], NOW),
      (store) => store.fanouts.advance(store.fanouts.next()!, ["7"], NOW),
      (store) => store.fanouts.done(store.fanouts.next()!),
    ],
  },
  {
    name: "note() of scenes that are new, changed, as they were, or back",
    accepted: ["2"],
    before(store) {
      noteScenes(store.database, [known, scene({ id: "3", files: [A] })], T0);
      const ends = { written: [written("2")] };
      store.settlement.settle([attempt(claimed(store, "2"), done("written"), ends)], T0);
      store.settlement.settle([attempt(claimed(store, "2"), done("gone"))], T0);
    },
    steps: [
      (store) =>
        noteScenes(store.database, [known, { ...known, id: "1" }, scene({ id: "3" })], NOW),
      (store) => noteScenes(store.database, [scene({ id: "2", files: [A] })], NOW),
    ],
  },
  {
    name: "beginWrites() of first and later ones, and what is seen of them later",
    accepted: [],
    before: (store) => store.of(TARGET).written.put(written("1")),
    steps: [
      (store) =>
        store.of(TARGET).beginWrites(
          ["1", "2"].map((sceneId) => ({
            ...emptyMemory(sceneId, "100"),
            begun: { title: ["New"] },
          })),
          [begunWrite("1", "100", [begunField("poster", [], ["ab"])]), begunWrite("2", "101")],
          NOW,
        ),
      (store) =>
        store.of(TARGET).journal.shown([{ item: "100", field: "poster", digest: "ab", key: "k" }]),
    ],
  },
  {
    name: "an undo that is asked for, taken and settled",
    accepted: ["2"],
    before(store) {
      store.jobs.runs.begin("undo", T0, "undo");
      store.jobs.enqueue(["2"], "bulk", T0);
      for (const scene of ["1", "2"]) {
        store.of(TARGET).written.put(written(scene, scene));
        const [write] = store.of(TARGET).beginWrites([], [begunWrite(scene, scene)], T0);
        store.of(TARGET).journal.seen(SEEN.map((seen) => ({ ...seen, write: write! })));
      }
    },
    steps: [
      (store) => {
        const { undos } = store.of(TARGET);
        undos.request(undos.targetsOf(ALL), () => ALL, UNDO_RUN, NOW);
      },
      (store) => store.of(TARGET).undos.claim("worker", NOW, 10, LEASE_MS),
      settleUndo,
    ],
  },
  {
    name: "takeOver() of an older program's counters",
    accepted: [],
    before: () => {},
    steps: [(store) => store.totals.takeOver(older, 9)],
  },
];
