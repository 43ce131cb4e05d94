import { assertEquals } from "@std/assert";
import { planSync, type SyncRules } from "../../src/core/sync/plan.ts";
import {
  judge,
  type ReconcileRules,
  type Sight,
  type Standing,
  type Verdict,
} from "../../src/core/reconcile/reconcile_verdict.ts";
import { sceneHash } from "../../src/core/sync/scene_hash.ts";
import {
  countVerdict,
  emptyReport,
  MAX_SAMPLES,
  type ReconcileReport,
  reportText,
} from "../../src/core/reconcile/reconcile_report.ts";
import { nextReconcileAt } from "../../src/core/reconcile/reconcile_due.ts";
import type { Memory } from "../../src/core/sync/memory.ts";
import type { Scene } from "../../src/core/sync/scene.ts";
import { changed, type FlatItem, item, memory, ours, rules, scene, WAYS } from "./samples.ts";

const FREE: Standing = { job: null, dead: null };
const ASKED: ReconcileRules = { missing: true, skipNotFound: false };

/** The item as our write of `scene()` left it. */
const SYNCED = item({
  title: "New Title",
  studio: "Studio",
  summary: "A summary",
  date: "2024-05-06",
  tags: ["Outdoor", "Blue"],
  performers: [{ name: "Ann" }, { name: "Bob" }],
  collection: ["Studio"],
});
/** What is remembered of that write. */
const OURS = memory({
  fields: {
    title: ours("New Title"),
    studio: ours("Studio"),
    summary: ours("A summary"),
    date: ours("2024-05-06"),
    tags: ours("outdoor", "Blue"),
    performers: ours("Ann", "Bob"),
    collection: ours("Studio"),
  },
  sceneHash: sceneHash(scene()),
});

/** An item without values. */
const NOTHING: FlatItem = {
  studio: "",
  summary: "",
  date: "",
  tags: [],
  performers: [],
  collection: [],
};

interface Case {
  when: string;
  scene?: Partial<Scene>;
  item?: FlatItem;
  memory?: Partial<Memory> | null;
  rules?: Partial<SyncRules>;
  standing?: Partial<Standing>;
  want: Partial<Verdict>;
}

const cases: Case[] = [
  { when: "nothing changed", want: { class: "equal", queue: false, why: "nothing to do" } },
  {
    when: "Plex is right although nothing was written",
    memory: null,
    want: { class: "equal", queue: false },
  },
  {
    when: "the item has nothing but its title",
    item: { ...NOTHING, title: "New Title" },
    want: { class: "empty", queue: true, why: null },
  },
  {
    when: "the item has nothing, and was never written",
    item: { ...NOTHING, title: "a" },
    memory: null,
    want: { class: "empty", queue: true },
  },
  {
    when: "the item has nothing, and none of that is to be filled",
    item: { ...NOTHING, title: "a" },
    rules: {
      syncStudio: false,
      syncSummary: false,
      syncDate: false,
      syncPerformers: false,
      syncTags: false,
      syncCollection: false,
    },
    want: { class: "drifted", queue: true, fields: ["title"] },
  },
  {
    when: "the scene changed since our write",
    scene: { title: "Newer" },
    want: { class: "stale", queue: true, fields: ["title"] },
  },
  {
    when: "the scene was never written, and Plex has other values",
    item: { summary: "Of an agent" },
    memory: null,
    want: { class: "stale", queue: true, fields: ["summary"] },
  },
  {
    when: "what was written went to another item",
    item: { id: "99", summary: "Of an agent" },
    memory: null,
    want: { class: "stale", queue: true },
  },
  {
    when: "the scene changed, and then changed back",
    memory: { sceneHash: "of another state" },
    want: { class: "equal", queue: false },
  },
  {
    when: "somebody changed a text in Plex",
    item: { summary: "Mine" },
    want: { class: "drifted", queue: true, fields: ["summary"] },
  },
  {
    when: "somebody took one of our tags away",
    item: { tags: ["Blue"] },
    want: { class: "drifted", queue: true, fields: ["tags"] },
  },
  {
    when: "somebody added a tag, which is left alone",
    item: { tags: ["Outdoor", "Blue", "Mine"] },
    want: { class: "equal", queue: false },
  },
  {
    when: "somebody changed a text in Plex, and edits are kept",
    item: { summary: "Mine" },
    rules: { preservePlexEdits: true },
    want: { class: "drifted", queue: false, why: "kept as edited in Plex", fields: ["summary"] },
  },
  {
    when: "edits are kept, and one of them emptied a field",
    item: { summary: "Mine", studio: "" },
    rules: { preservePlexEdits: true },
    want: { class: "drifted", queue: false, fields: ["studio", "summary"] },
  },
  {
    when: "the scene changed where an edit is kept",
    scene: { details: "Newer" },
    item: { summary: "Mine" },
    rules: { preservePlexEdits: true },
    want: { class: "stale", queue: false, why: "kept as edited in Plex" },
  },
  {
    when: "a setting now asks for a field that was never written",
    scene: { code: "AB-1" },
    memory: { sceneHash: sceneHash(scene({ code: "AB-1" })) },
    want: { class: "stale", queue: true, fields: ["tagline"] },
  },
  {
    when: "a setting now asks for fewer tags, and Plex has what was written",
    memory: { fields: { ...OURS.fields, tags: ours("Outdoor", "Blue") } },
    rules: { maxTags: 1 },
    want: { class: "stale", queue: true, fields: ["tags"] },
  },
  {
    when: "the rating changed in Stash",
    scene: { rating100: 80 },
    rules: { syncRating: true },
    want: { class: "stale", queue: true, fields: ["rating"] },
  },
  {
    when: "the rating changed in Plex",
    scene: { rating100: 80 },
    item: { rating: 3 },
    memory: { fields: { rating: ours("8") }, sceneHash: sceneHash(scene({ rating100: 80 })) },
    rules: { syncRating: true },
    want: { class: "drifted", queue: true, fields: ["rating"] },
  },
  ...(["ready", "running"] as const).map((job) => ({
    when: `its job is ${job}`,
    scene: { title: "Newer" },
    standing: { job },
    want: { class: "stale", queue: false, why: "already queued" } as const,
  })),
  {
    when: "its job waits for the item that is there now",
    scene: { title: "Newer" },
    standing: { job: "waiting" },
    want: { class: "stale", queue: true },
  },
  {
    when: "it was given up for a reason that may still hold",
    scene: { title: "Newer" },
    standing: { dead: "PermanentError" },
    want: { class: "stale", queue: false, why: "already dead" },
  },
  ...(["PlexNotFound", "AmbiguousMatch"] as const).map((dead) => ({
    when: `it was given up as ${dead}, and has its item now`,
    scene: { title: "Newer" },
    standing: { dead },
    want: { class: "stale", queue: true } as const,
  })),
];

for (const { when, want, ...test } of cases) {
  Deno.test(`judge() finds ${want.class}${want.queue ? " to queue" : ""} when ${when}`, () => {
    const theScene = scene(test.scene);
    const theItem = changed(SYNCED, test.item ?? {});
    const last = test.memory === null ? null : { ...OURS, ...test.memory };
    const plan = planSync(theScene, theItem, last, rules(test.rules), WAYS);
    const sight: Sight = { kind: "item", scene: theScene, item: theItem, memory: last, plan };
    const verdict = judge(sight, { ...FREE, ...test.standing }, ASKED);
    verdict.fields.sort();
    const got = Object.fromEntries(
      Object.keys(want).map((key) => [key, verdict[key as keyof Verdict]]),
    );
    assertEquals(got, want);
  });
}

const absent: [when: string, Partial<Standing>, Partial<ReconcileRules>, why: string | null][] = [
  ["missing scenes are asked for", {}, {}, null],
  ["they are not asked for", {}, { missing: false }, "reconcile_missing is off"],
  ["skip_not_found leaves them alone", {}, { skipNotFound: true }, "skip_not_found is on"],
  ["it waits for Plex", { job: "waiting" }, {}, "already waiting"],
  ["its job is due", { job: "ready" }, {}, "already queued"],
  ["it was given up", { dead: "PlexNotFound" }, {}, "already dead"],
  ["it waits, and is not asked for", { job: "waiting" }, { missing: false }, "already waiting"],
];
for (const [when, standing, asked, why] of absent) {
  Deno.test(`judge() of a missing scene says ${why ?? "to queue it"} when ${when}`, () => {
    const verdict = judge({ kind: "missing" }, { ...FREE, ...standing }, { ...ASKED, ...asked });
    assertEquals(verdict, { class: "missing", queue: why === null, why, fields: [] });
  });
}

Deno.test("judge() of what cannot be compared names the reason and queues nothing", () => {
  const verdict = judge({ kind: "skipped", reason: "ambiguous" }, FREE, ASKED);
  assertEquals(verdict, { class: "skipped", queue: false, why: "ambiguous", fields: [] });
});

/** A report of so many scenes of each verdict. */
function reportOf(...found: [number, Omit<Verdict, "fields" | "queue">][]): ReconcileReport {
  const report = emptyReport();
  for (const [count, one] of found) {
    for (let n = 0; n < count; n++) {
      const facts = { scene_id: `${n}`, rating_key: null, title: "T".repeat(1_000), path: null };
      countVerdict(report, { ...one, queue: one.why === null, fields: [] }, facts);
    }
  }
  return report;
}

const texts: [string, ReconcileReport, "all" | "24h" | "7days", boolean][] = [
  ["0 scenes compared, 0 queued: Stash has no scenes", reportOf(), "all", false],
  ["0 scenes compared, 0 queued: no scene changed within 24 hours", reportOf(), "24h", false],
  ["0 scenes compared, 0 queued: no scene changed within 7 days", reportOf(), "7days", false],
  [
    "1 scene compared, 0 queued: Plex has all of them as they are in Stash",
    reportOf([1, { class: "equal", why: "nothing to do" }]),
    "all",
    false,
  ],
  [
    "10 scenes compared, 0 queued: 3 missing (2 already waiting, 1 already dead), " +
    "5 equal, 2 skipped (2 no metadata)",
    reportOf(
      [5, { class: "equal", why: "nothing to do" }],
      [2, { class: "missing", why: "already waiting" }],
      [1, { class: "missing", why: "already dead" }],
      [2, { class: "skipped", why: "no metadata" }],
    ),
    "all",
    false,
  ],
  [
    "7 scenes compared, 5 queued: 3 stale, 2 drifted",
    reportOf(
      [3, { class: "stale", why: null }],
      [2, { class: "drifted", why: null }],
      [2, { class: "drifted", why: "kept as edited in Plex" }],
    ),
    "all",
    false,
  ],
  [
    "3 scenes compared, 3 would be queued: 3 empty",
    reportOf([3, { class: "empty", why: null }]),
    "all",
    true,
  ],
];
for (const [want, report, scope, dryRun] of texts) {
  Deno.test(`reportText() says "${want}"`, () => {
    assertEquals(reportText(report, { scope, dryRun }), want);
  });
}

Deno.test("a report of a large library is no larger than one of a small one", () => {
  const found = [
    { class: "stale", why: null },
    { class: "missing", why: "already waiting" },
    { class: "skipped", why: "no metadata" },
  ] as const;
  const of = (count: number) => reportOf(...found.map((one) => [count, one] as [number, Verdict]));
  const report = of(5_000);
  assertEquals(report.classes.stale.samples.length, MAX_SAMPLES);
  const size = (one: ReconcileReport) => JSON.stringify(one).length;
  assertEquals(size(report) - size(of(50)) < 50, true);
});

const NOW = 1_790_000_000_000;
const HOUR = 60 * 60_000;
const MINUTE = 60_000;
const ran = (ago: number, failed = false) => ({
  startedAt: NOW - ago,
  endedAt: NOW - ago + MINUTE,
  failed,
});
const plans: [string, Parameters<typeof nextReconcileAt>, number | null][] = [
  ["never", ["never", null, NOW], null],
  ["at once without a run before", ["weekly", null, NOW], NOW],
  ["an hour after the last start", ["hourly", ran(10 * MINUTE), NOW], NOW + 50 * MINUTE],
  ["a day after the last start", ["daily", ran(HOUR), NOW], NOW + 23 * HOUR],
  ["a week after the last start", ["weekly", ran(HOUR), NOW], NOW + (7 * 24 - 1) * HOUR],
  ["in the past when it was missed", ["daily", ran(30 * HOUR), NOW], NOW - 6 * HOUR],
  ["ten minutes after a failure", ["daily", ran(2 * MINUTE, true), NOW], NOW + 9 * MINUTE],
  ["at once when the clock was set back", ["weekly", ran(-48 * HOUR), NOW], NOW],
];
for (const [what, given, want] of plans) {
  Deno.test(`nextReconcileAt() is ${what}`, () => assertEquals(nextReconcileAt(...given), want));
}
