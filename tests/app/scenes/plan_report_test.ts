import { assertEquals } from "@std/assert";
import { reportOf } from "../../../src/app/scenes/plan_report.ts";
import { planLine, planLines } from "../../../src/app/scenes/plan_totals.ts";
import type { ScenePlan } from "../../../src/app/scenes/scene_plans.ts";
import { TempRows } from "../../../src/store/database/temp_rows.ts";
import { eachDriver } from "../../store/database/drivers.ts";
import { openTestStore, TempFolder } from "../../store/temp_store.ts";

function plan(sceneId: number, changes: Partial<ScenePlan> = {}): ScenePlan {
  return {
    scene_id: String(sceneId),
    outcome: "change",
    rating_key: String(sceneId),
    title: `Scene ${sceneId}`,
    pinned_to: null,
    confidence: "high",
    path: null,
    evidence: "path",
    changes: [{ field: "title", from: "", to: "T" }],
    names_added: 0,
    names_removed: 0,
    overwritten: [],
    kept: [],
    undone: [],
    left_out: [],
    error_type: null,
    reason: null,
    hint: null,
    ...changes,
  };
}

const equal: Partial<ScenePlan> = { outcome: "equal", changes: [] };
const waiting: Partial<ScenePlan> = { outcome: "waiting", changes: [], rating_key: null };

async function* pagesOf(plans: readonly ScenePlan[], size = 50) {
  for (let at = 0; at < plans.length; at += size) {
    yield await Promise.resolve({
      plans: plans.slice(at, at + size),
      total: plans.length,
      unreached: {},
    });
  }
}

const many = (from: number, count: number, changes: Partial<ScenePlan> = {}) =>
  Array.from({ length: count }, (_, at) => plan(from + at, changes));

const ids = (plans: Iterable<ScenePlan>) => [...plans].map(({ scene_id }) => scene_id);

Deno.test("a plan's totals say in one line what would happen to how much", async () => {
  const plans = [
    ...many(1, 411, { names_added: 4 }),
    plan(822, {
      names_added: 259,
      names_removed: 37,
      overwritten: ["title", "tags", "date", "studio", "poster"],
    }),
    ...many(823, 12, waiting),
    ...many(835, 3, { ...equal, kept: ["title"], undone: ["tags", "date"] }),
  ];
  const { totals } = await reportOf(pagesOf(plans), () => {}, null);
  assertEquals(
    planLine(totals),
    "412 items, 1,903 names added, 37 removed, 5 edits of a person overwritten, 12 without an item",
  );
  assertEquals([totals.scenes, totals.kept, totals.undone, totals.fields], [427, 3, 6, {
    title: 412,
  }]);
});

Deno.test("a plan of one of each speaks of one", async () => {
  const one = plan(1, { names_added: 1, overwritten: ["title"] });
  const { totals } = await reportOf(pagesOf([one]), () => {}, null);
  assertEquals(
    planLine(totals),
    "1 item, 1 name added, 0 removed, 1 edit of a person overwritten, 0 without an item",
  );
});

Deno.test("a plan in which no scene has an item says where to look", async () => {
  const hint = "Plex has none of them: plexsync config check --online tells why";
  const linesOf = async (plans: ScenePlan[]) =>
    planLines((await reportOf(pagesOf(plans), () => {}, null)).totals);
  assertEquals((await linesOf(many(1, 3, waiting))).includes(hint), true);
  assertEquals((await linesOf([...many(1, 3, waiting), plan(4)])).includes(hint), false);
  assertEquals((await linesOf([])).includes(hint), false);
});

Deno.test("a scene with several items counts once, and each of its items", async () => {
  const plans = [plan(1), plan(1, { rating_key: "2" }), plan(2, equal)];
  const { totals } = await reportOf(pagesOf(plans), () => {}, null);
  assertEquals([totals.scenes, totals.items], [2, 2]);
});

Deno.test("samples of a plan are bounded, and show each kind however late it comes", async () => {
  const plans = [
    ...many(1, 5_000),
    ...many(5_001, 100, waiting),
    ...many(5_101, 10, { overwritten: ["title"] }),
    ...many(5_111, 2, { names_removed: 1 }),
    ...many(5_113, 50, equal),
  ];
  const report = await reportOf(pagesOf(plans), () => {}, null);
  const shown = ids(report.plans);
  assertEquals(shown.slice(0, 20), ids(plans.slice(0, 20)));
  assertEquals(shown.slice(20), ["5001", "5002", "5003", "5101", "5102", "5103", "5111", "5112"]);
  assertEquals(report.more, 5_112 - 28);
});

Deno.test("progress of a plan counts scenes", async () => {
  const told: (number | null)[][] = [];
  await reportOf(pagesOf(many(1, 120)), (...each) => told.push(each), null);
  assertEquals(told, [[50, 120], [100, 120], [120, 120]]);
});

eachDriver(
  "a plan in full has every scene that is not equal, in order, from disk",
  async (driver) => {
    using folder = new TempFolder();
    const store = await openTestStore(folder.file("plexsync.db"), driver);
    try {
      const plans = [...many(1, 230, { title: 'ü "quoted"\n' }), ...many(231, 9, equal)];
      plans.push(plan(240, { ...equal, left_out: ["date: that day does not exist"] }));
      for (const _again of [1, 2]) {
        const rows = new TempRows<ScenePlan>(store.database);
        const report = await reportOf(pagesOf(plans), () => {}, rows);
        assertEquals([...report.plans], [...plans.slice(0, 230), plans.at(-1)!]);
        assertEquals(report.more, 0);
      }
      const tables = store.database.prepare(
        "SELECT name FROM sqlite_master WHERE name LIKE '%rows'",
      );
      assertEquals(tables.all(), []);
    } finally {
      store.close();
    }
  },
);
