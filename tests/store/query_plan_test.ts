/** No statement of the store's daily work reads a whole table. */
import { emptyMemory } from "../../src/core/sync/memory.ts";
import { assertEquals } from "@std/assert";
import type { Database, Statement } from "../../src/store/database/database.ts";
import { readFigures, readFiguresSince } from "../../src/store/figures/read_figures.ts";
import { Store } from "../../src/store/store.ts";
import { scene } from "../core/samples.ts";
import { addJobs } from "./many_jobs.ts";
import {
  attempt,
  begunField,
  begunWrite,
  dead,
  done,
  indexed,
  LEASE_MS,
  retry,
  sceneFile,
  T0,
  waiting,
} from "./samples.ts";
import { type StoreTest, storeTest } from "./temp_store.ts";
import { TARGET, TARGETS } from "../one_target.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

/** `inner`, noting the text of each statement that is run. */
function recording(inner: Database, seen: Set<string>): Database {
  const note = (sql: string, statement: Statement): Statement => ({
    run: (...values) => (seen.add(sql), statement.run(...values)),
    get: (...values) => (seen.add(sql), statement.get(...values)),
    all: (...values) => (seen.add(sql), statement.all(...values)),
  });
  return { ...inner, prepare: (sql) => note(sql, inner.prepare(sql)) };
}

/** Each step of SQLite's plan for `sql`. */
function planOf(database: Database, sql: string): string[] {
  return database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all<{ detail: string }>()
    .map((row) => row.detail);
}

/** The plans of all that `work` runs on a long queue and a large index, by statement. */
function plansOf({ store }: StoreTest, work: (store: Store) => void): [string, string[]][] {
  addJobs(store, 50_000, "r", { state: "ready", dueAt: T0, priority: 0 });
  addJobs(store, 2_000, "w", { state: "waiting", dueAt: T0 + 1_000_000, priority: 20 });
  const files = Array.from({ length: 2_000 }, (_, i) => indexed(`${i}`, `/m/${i}.mp4`));
  store.of(TARGET).index.put(files, T0);
  const seen = new Set<string>();
  work(new Store(recording(store.database, seen), TARGETS));
  assertEquals(seen.size > 0, true);
  return [...seen].map((sql) => [sql, planOf(store.database, sql)]);
}

/** Steps that read all rows of a table or of an index, or sort what was read. */
const COSTLY = /^(SCAN (?!json_each|.*VIRTUAL TABLE|CONSTANT)|USE TEMP B-TREE)/;

const daily: { name: string; work: (store: Store) => void }[] = [
  {
    name: "claim() and hasDue()",
    work: (store) => {
      assertEquals(store.jobs.claim("me", T0, 50, LEASE_MS, TARGET).length, 50);
      assertEquals(store.jobs.hasDue(T0, TARGET), true);
    },
  },
  {
    name: "an idle loop",
    work: (store) => {
      store.jobs.hasDue(T0 - 1, TARGET);
      store.jobs.hasWork(T0);
      store.jobs.nextDueAt();
      store.jobs.nextWaitingAt();
      store.jobs.renew("me", T0, TARGET);
    },
  },
  { name: "enqueue()", work: (store) => void store.jobs.enqueue(["r1", "new"], "hook", T0) },
  {
    name: "settle()",
    work: (store) => {
      const [a, b, c, d] = store.jobs.claim("me", T0, 4, LEASE_MS, TARGET);
      store.settlement.settle([
        attempt(a!, done("written")),
        attempt(b!, dead),
        attempt(c!, retry(T0)),
        attempt(d!, waiting(T0, sceneFile("/a.mp4"))),
      ], T0);
    },
  },
  {
    name: "find() and dropItem()",
    work: (store) => {
      store.of(TARGET).index.find([sceneFile("/m/5.mp4", 7)]);
      store.of(TARGET).index.ofItem("5");
      store.of(TARGET).index.dropItem("5");
    },
  },
  {
    name: "put() and dropUnseen()",
    work: (store) => {
      store.of(TARGET).index.put([indexed("9", "/m/9.mp4")], T0);
      store.of(TARGET).index.dropUnseen("1", T0);
    },
  },
  {
    name: "what a batch reads and begins",
    work: (store) => {
      noteScenes(store.database, [scene({ id: "w1" }), scene({ id: "r1" })], T0);
      store.of(TARGET).written.ofScenes(["w1", "r1"]);
      store.of(TARGET).beginWrites([emptyMemory("r1", "5")], [begunWrite("r1", "5")], T0);
      store.of(TARGET).journal.unseenOf("5", 1);
    },
  },
  {
    name: "a step of making the journal shorter",
    work: (store) => {
      const { pruning } = store.of(TARGET);
      for (const at of [T0, T0 + 1, T0 + 2]) {
        const fields = [begunField("title", [`${at}`], [`${at + 1}`])];
        store.of(TARGET).beginWrites([], [begunWrite("r1", "5", fields)], at);
      }
      assertEquals(pruning.writtenAt(0, 1), T0 + 1);
      for (const isFull of [false, true]) {
        assertEquals(pruning.step(T0 + 2, 50, isFull), true);
        assertEquals(pruning.step(T0 + 2, 50, isFull), false);
      }
    },
  },
  {
    name: "what a batch is matched by",
    work: (store) => {
      const { index, written, holds } = store.of(TARGET);
      const files = [{ path: "/m/5.mp4", size: 7, durationMs: 60_000 }];
      index.ofItems(["5"]);
      index.atPaths(["/m/5.mp4"]);
      index.ofBytes(files);
      store.scenes.atPaths(["/m/5.mp4"]);
      store.scenes.ofBytes(files);
      store.scenes.filesOfAll(["r1"]);
      written.writersOf(["5"]);
      holds.ofAll([{ id: "5", files }]);
    },
  },
  {
    name: "what is noted of an image that is shown",
    work: (store) => {
      const image = { item: "5", field: "poster", digest: "d" } as const;
      store.of(TARGET).written.shown([{ ...image, sceneId: "r1", key: "k", mark: ["m"] }]);
      store.of(TARGET).journal.shown([{ ...image, key: "k" }]);
    },
  },
  {
    name: "a page of the full walk",
    work: (store) => {
      store.of(TARGET).written.hashes(0, 250);
      store.scenes.hadJob("r1");
      store.entityNames.get({ kind: "tag", id: "1" });
    },
  },
];

for (const { name, work } of daily) {
  storeTest(`${name}: every statement has an index with 50,000 jobs`, (test) => {
    for (const [sql, plan] of plansOf(test, work)) {
      // find() sorts the rows of one file, of which there are few.
      const steps = plan.filter((step) =>
        !(name.startsWith("find()") && step.startsWith("USE TEMP"))
      );
      assertEquals(steps.filter((step) => COSTLY.test(step)), [], `${sql}\n${plan.join("\n")}`);
    }
  });
}

/** What is listed and counted, by the numbers of rows that each has to stay away from. */
const lists: { name: string; work: (store: Store) => void }[] = [
  { name: "figures of all time", work: (store) => void readFigures(store, null, T0) },
  { name: "figures since a time", work: (store) => void readFiguresSince(store, T0 - 1, T0) },
  { name: "the rows of the index", work: (store) => void store.indexedCount() },
  {
    name: "the queue",
    work: ({ queue }) => {
      const behind = queue.list(5, { states: ["ready"] }).at(-1)!;
      queue.list(5);
      queue.list(5, { states: ["ready", "waiting"], targets: TARGETS });
      queue.list(5, { states: ["ready"], behind });
      queue.list(5, { sceneIds: ["r1", "w1"] });
      queue.extent({});
      queue.extent({ states: ["ready"], sceneIds: ["r1"] });
    },
  },
  {
    name: "what waits",
    work: ({ queue }) => void queue.waiting(5, queue.waiting(5).at(-1)),
  },
  {
    name: "dead letters",
    work: ({ deadLetters }) => {
      deadLetters.recent(5);
      deadLetters.recent(5, { behind: { failedAt: T0, id: 1 } });
      deadLetters.recent(5, { sinceAt: T0 });
      deadLetters.recent(5, { types: ["TransientError"] });
      deadLetters.recent(5, { types: ["TransientError"], behind: { failedAt: T0, id: 1 } });
    },
  },
  {
    name: "what was done",
    work: ({ outcomes }) => {
      outcomes.recent(5);
      outcomes.recentOf("r1", 5);
      outcomes.byHour(T0);
    },
  },
];

/** Reads an index, or a table by its ids, from one end up to the LIMIT. */
const FROM_THE_END = /ORDER BY (failed_at DESC, )?id DESC LIMIT/;
/** Counters, rows up to a LIMIT, and dead letters, of which there are thousands, by their index. */
const FEW =
  /FROM (totals|row_counts|hour_sums|outages)\b|FROM outcomes\s+WHERE at >=|GROUP BY error_type/;

for (const { name, work } of lists) {
  storeTest(`${name}: no list reads or sorts a whole table`, (test) => {
    for (const [sql, plan] of plansOf(test, work)) {
      const steps = plan.filter((step) => COSTLY.test(step) && !FEW.test(sql))
        .filter((step) => !(FROM_THE_END.test(sql) && step.startsWith("SCAN")));
      assertEquals(steps, [], `${sql}\n${plan.join("\n")}`);
    }
  });
}

storeTest("wake() reads the waiting files and the new items, never the queue", (test) => {
  const plans = plansOf(test, (store) => {
    // From the items, and from the jobs.
    store.jobs.wake(T0, T0 + 1, TARGET);
    store.jobs.wake(T0, 0, TARGET);
  });
  for (const [sql, plan] of plans) {
    const scanned = plan.filter((step) =>
      /^SCAN (jobs|j|s|f|scene_files|index_files)\b/.test(step)
    );
    assertEquals(scanned, [], `${sql}\n${plan.join("\n")}`);
  }
});

storeTest("in quiet hours no bulk job is read to find the others", (test) => {
  const plans = plansOf(test, (store) => {
    assertEquals(store.jobs.hasDue(T0, TARGET), true);
    assertEquals(store.jobs.claim("me", T0, 50, LEASE_MS, TARGET, { leastPriority: 1 }), []);
  });
  const byPriority = plans.map(([, plan]) => plan.filter((step) => step.includes("priority>?")));
  assertEquals(byPriority.map(({ length }) => length), [0, 2]);
});

Deno.test("the plan test sees a scan", () => {
  assertEquals(COSTLY.test("SCAN jobs"), true);
  assertEquals(COSTLY.test("SCAN jobs USING COVERING INDEX jobs_claim"), true);
  assertEquals(COSTLY.test("USE TEMP B-TREE FOR ORDER BY"), true);
  assertEquals(
    COSTLY.test("SEARCH jobs USING INDEX jobs_due (state=? AND next_retry_at<?)"),
    false,
  );
});

storeTest(
  "an undo's job is given back by the requests of its scene, however many there are",
  (test) => {
    const { undos } = test.store.of(TARGET);
    const items = ["1", "2"].map((id) => ({ scene_id: id, item: id }));
    undos.request(items, () => ({ kind: "all" }), 1, T0);
    const { job } = undos.claim("me", T0, 1, LEASE_MS)[0]!;
    const plans = plansOf(test, (store) => store.of(TARGET).undos.release(job, T0))
      .filter(([sql]) => sql.includes("FROM undo_requests"));
    // By time SQLite would go through all that wait.
    assertEquals(plans.map(([, plan]) => plan), [
      ["SEARCH undo_requests USING INDEX undo_requests_scene (scene_id=? AND target=?)"],
    ]);
  },
);
