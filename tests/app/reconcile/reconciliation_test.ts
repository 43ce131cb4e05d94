import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/time/duration.ts";
import { PlexsyncError, UserError } from "../../../src/core/failures/errors.ts";
import { type Edit, type Item, NO_EDIT } from "../../../src/core/sync/item.ts";
import { RECONCILE_CLASSES } from "../../../src/core/reconcile/reconcile_classes.ts";
import { emptyReport, type ReconcileScope } from "../../../src/core/reconcile/reconcile_report.ts";
import { agreeToFullSync } from "../../../src/app/queue/full_sync.ts";
import { FULL_SYNC_AGREED_AT } from "../../../src/core/meta_keys.ts";
import { reconcile, type ReconcileHooks } from "../../../src/app/reconcile/reconciliation.ts";
import { createStashClient } from "../../../src/stash/client.ts";
import type { ReconcileRun } from "../../../src/store/queue/reconcile_runs.ts";
import type { SceneInput } from "../../sim/stash/server.ts";
import { Rig, type RigOptions } from "../../worker/rig.ts";
import { TARGET } from "../../one_target.ts";

interface RunOptions extends Partial<ReconcileHooks> {
  scope?: ReconcileScope;
  missing?: boolean;
  dryRun?: boolean;
}

function parts(rig: Rig) {
  const { url, apiKey } = rig.stash;
  const limits = { connectTimeoutMs: 1_000, readTimeoutMs: 2_000 };
  return {
    store: rig.store,
    contexts: [rig.context],
    runtime: rig.runtime,
    stash: createStashClient({ url, apiKey, fetch, ...limits }),
  };
}

function run(rig: Rig, options: RunOptions = {}): Promise<ReconcileRun> {
  const { scope = "all", missing = true, dryRun = false, ...hooks } = options;
  return reconcile({ scope, missing, dryRun, origin: "command" }, parts(rig), {
    stop: new AbortController().signal,
    ready: () => Promise.resolve(),
    done: () => {},
    failed: () => false,
    ...hooks,
  });
}

/** `found/queued` by class; classes without any are left out. */
function counts({ report }: ReconcileRun): Record<string, string> {
  return Object.fromEntries(
    RECONCILE_CLASSES.map((name) => [name, report.classes[name]] as const)
      .filter(([, { found }]) => found > 0)
      .map(([name, { found, queued }]) => [name, `${found}/${queued}`]),
  );
}

/** Both servers over one library that was synced. */
async function synced(options: RigOptions = {}): Promise<Rig> {
  const rig = await Rig.open(options);
  rig.enqueue();
  await rig.once();
  assertEquals(rig.store.jobs.count(), 0);
  return rig;
}

/** What a person, or an agent, does to an item in Plex. */
async function editPlex(
  rig: Rig,
  sceneId: string,
  edit: (item: Item) => Partial<Edit>,
): Promise<void> {
  const { target } = rig.context;
  const { item: id } = rig.store.of(TARGET).written.ofScene(sceneId)[0]!;
  const item = (await target.read([id])).get(id)!;
  await target.write(item, { ...NO_EDIT, ...edit(item) });
}

const newSummary = () => ({ text: { summary: "Mine" } });

const allTakenAway = ({ values }: Item): Partial<Edit> => ({
  text: { studio: "", summary: "", date: "" },
  names: {
    tags: { want: [], remove: [...values.tags] },
    performers: { want: [], remove: [...values.performers] },
  },
});

const seed = (path: string, changes: SceneInput = {}): SceneInput => ({
  title: "New",
  files: [{ path, size: 5, duration: 5 }],
  ...changes,
});

Deno.test("every class is found, and what should be is queued with the reason `reconcile`", async () => {
  await using rig = await synced({ library: { scenes: 30 } });
  rig.stash.upsert([{ id: 1, title: "Changed" }]);
  await editPlex(rig, "2", newSummary);
  const [bare, lost] = rig.stash.upsert([
    seed("/data/scenes/bare.mp4"),
    seed("/data/scenes/lost.mp4", { details: "Not in Plex" }),
  ]);
  rig.stash.destroy(["5"]);

  const result = await run(rig);
  assertEquals(counts(result), {
    missing: "1/1",
    stale: "1/1",
    drifted: "1/1",
    equal: "27/0",
    skipped: "1/0",
    orphaned: "1/0",
  });
  assertEquals([result.state, result.queued, result.report.scenes], ["done", 3, 31]);
  const { classes } = result.report;
  assertEquals(classes.skipped.why_not, { "no metadata": 1 });
  assertEquals(classes.skipped.samples.map(({ scene_id }) => scene_id), [bare]);
  assertEquals(classes.drifted.samples[0]!.fields, ["summary"]);
  assertEquals(classes.missing.samples[0]!.path, "/data/scenes/lost.mp4");
  const jobs = rig.store.queue.list(10);
  assertEquals(jobs.map((job) => job.scene_id).sort(), ["1", "2", lost!].sort());
  assertEquals(new Set(jobs.map((job) => job.reason)), new Set(["reconcile"]));
});

Deno.test("what is queued mends what was found: the next run finds nothing to do", async () => {
  await using rig = await synced();
  rig.stash.upsert([{ id: 1, title: "Changed" }]);
  await editPlex(rig, "2", newSummary);
  assertEquals((await run(rig)).queued, 2);
  await rig.once();
  const again = await run(rig);
  assertEquals([counts(again), again.queued], [{ equal: "20/0" }, 0]);
});

Deno.test("items that hold nothing of ours are empty, and all of them are queued", async () => {
  await using rig = await Rig.open();
  const first = await run(rig);
  assertEquals([counts(first), first.queued], [{ empty: "20/20" }, 20]);
  const second = await run(rig);
  assertEquals(second.report.classes.empty.why_not, { "already queued": 20 });
  await rig.once();
  assertEquals(counts(await run(rig)), { equal: "20/0" });
});

Deno.test("a dry run finds the same, queues nothing and is in the history", async () => {
  await using rig = await Rig.open();
  const result = await run(rig, { dryRun: true });
  assertEquals([counts(result), rig.store.jobs.count()], [{ empty: "20/20" }, 0]);
  assertEquals(rig.writes(), []);
  assertEquals(rig.store.reconcileRuns.recent().map((one) => one.dry_run), [true]);
  assertEquals(rig.store.reconcileRuns.last("24h"), null);
});

Deno.test("missing scenes are queued once: then they wait, and at last they are dead", async () => {
  await using rig = await synced();
  const [id] = rig.stash.upsert([seed("/data/scenes/lost.mp4", { details: "Not in Plex" })]);
  const why = async (options: RunOptions = {}) =>
    (await run(rig, options)).report.classes.missing.why_not;
  assertEquals(await why({ missing: false }), { "reconcile_missing is off": 1 });
  assertEquals(await why(), {});
  await rig.once();
  assertEquals(rig.store.jobs.get(id!, TARGET)?.state, "waiting");
  assertEquals(await why(), { "already waiting": 1 });
  await rig.until(() => rig.store.deadLetters.count() === 1);
  assertEquals(await why(), { "already dead": 1 });
  assertEquals(rig.store.jobs.count(), 0);
});

Deno.test("with preserve_plex_edits what a person changed is drifted and left alone", async () => {
  await using rig = await synced({ settings: { preservePlexEdits: true } });
  await editPlex(rig, "2", newSummary);
  const result = await run(rig);
  assertEquals([counts(result).drifted, result.queued], ["1/0", 0]);
  assertEquals(result.report.classes.drifted.why_not, { "kept as edited in Plex": 1 });
});

Deno.test("an item that somebody emptied is empty although the scene did not change", async () => {
  await using rig = await synced();
  await editPlex(rig, "3", allTakenAway);
  assertEquals(counts(await run(rig)), { empty: "1/1", equal: "19/0" });
});

Deno.test("an orphaned item is only reported, with its title, and again the next time", async () => {
  await using rig = await synced();
  const { item: ratingKey } = rig.store.of(TARGET).written.ofScene("5")[0]!;
  const { title } = rig.plex.items().find((item) => item.ratingKey === ratingKey)!;
  rig.stash.destroy(["5", "20"]);
  for (const _ of [1, 2]) {
    const { report } = await run(rig);
    const [orphan, last] = report.classes.orphaned.samples;
    assertEquals([orphan!.rating_key, orphan!.title, orphan!.scene_id], [ratingKey, title, "5"]);
    assertEquals([last!.scene_id, report.orphans_looked_for], ["20", true]);
    assertEquals(report.classes.orphaned.why_not, { "only reported": 2 });
  }
  assertEquals([rig.store.jobs.count(), rig.writes().filter((w) => w.startsWith("DELETE"))], [
    0,
    [],
  ]);
  assertEquals(
    rig.store.of(TARGET).written.ofScene("5").length,
    1,
    "what was written is still known",
  );
});

Deno.test("no item is orphaned that Plex lost too, or that another scene has now", async () => {
  await using rig = await synced();
  const fileOf = (id: string) => rig.stash.scenes().find((scene) => scene.id === id)!.files[0]!;
  const [lost, kept] = [fileOf("5"), fileOf("6")];
  rig.stash.destroy(["5", "6"]);
  await rig.plex.removeFile(lost.path);
  const { size, duration } = kept;
  const [heir] = rig.stash.upsert([
    seed(kept.path, { details: "Scanned anew", files: [{ path: kept.path, size, duration }] }),
  ]);
  const itemOf = (id: string) => rig.store.of(TARGET).written.ofScene(id)[0]?.item;
  const item = itemOf("6");
  rig.enqueue([heir!]);
  await rig.once();
  // What was known of the item went over to the scene that has it now.
  assertEquals([itemOf(heir!), itemOf("6")], [item, undefined]);
  const { report } = await run(rig);
  assertEquals([report.orphans_looked_for, report.classes.orphaned.samples], [true, []]);
});

Deno.test("an orphan stays known when the worker has dealt with its scene, until Plex loses it", async () => {
  await using rig = await synced();
  const { path } = rig.stash.scenes().find(({ id }) => id === "5")!.files[0]!;
  rig.stash.destroy(["5", "7"]);
  rig.enqueue(["5", "7"]);
  await rig.once();
  assertEquals([rig.outcomes().gone, rig.store.of(TARGET).written.hashes(4, 5).size], [2, 0]);
  const orphans = async () =>
    (await run(rig)).report.classes.orphaned.samples.map(({ scene_id }) => scene_id);
  assertEquals(await orphans(), ["5", "7"]);
  await rig.plex.removeFile(path);
  assertEquals(await orphans(), ["7"]);
  assertEquals(rig.store.of(TARGET).written.gone("", 9).length, 1);
});

Deno.test("a search for orphans that is tried again counts none of them twice", async () => {
  let fails = (_url: string) => false;
  const spoiled: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    return fails(url) ? Promise.resolve(new Response("", { status: 503 })) : fetch(input, init);
  };
  await using rig = await synced({ settings: { batchSize: 2 }, fetch: spoiled });
  const gone = ["2", "4", "6", "8", "20"];
  rig.stash.destroy(gone);
  const { item } = rig.store.of(TARGET).written.ofScene("6")[0]!;
  // The read of one orphan, and then of those others that are to show whether Plex is well.
  let left = 0;
  let isOver = false;
  fails = (url) => {
    const items = /\/metadata\/([\d,]+)\?/.exec(url)?.[1]?.split(",") ?? [];
    if (!isOver && items.includes(item)) {
      isOver = true;
      left = 3;
      return true;
    }
    return items.length === 1 && left-- > 0;
  };
  let failures = 0;
  const { report } = await run(rig, { failed: () => ++failures < 5 });
  assertEquals([failures, report.classes.orphaned.found], [1, 5]);
  assertEquals(report.classes.orphaned.samples.map(({ scene_id }) => scene_id), gone);
});

Deno.test("orphans are looked for only on an unbroken walk over all scenes", async () => {
  await using rig = await synced();
  rig.stash.destroy(["5"]);
  const { report } = await run(rig, { scope: "7days" });
  assertEquals([report.orphans_looked_for, report.classes.orphaned.found], [false, 0]);
  // The page that proves the end of the walk does not come.
  const done = () => rig.stash.setFaults([{ path: "graphql", status: 502 }]);
  await assertRejects(() => run(rig, { done }), PlexsyncError, "502");
  const [failed] = rig.store.reconcileRuns.recent();
  assertEquals([failed!.state, failed!.report.scenes], ["failed", 19]);
  assertEquals([failed!.report.orphans_looked_for, failed!.report.classes.orphaned.found], [
    false,
    0,
  ]);
  assertMatch(failed!.error!, /502/);
});

Deno.test("a batch of scenes costs one request to each server", async () => {
  await using rig = await synced({ library: { scenes: 120 } });
  rig.plex.clearRequests();
  rig.stash.clearRequests();
  assertEquals(counts(await run(rig)), { equal: "120/0" });
  const reads = rig.plex.requests().filter(({ path }) => path.startsWith("/library/metadata/"));
  assertEquals(reads.length, 3);
  // Three batches, and two pages of the walk: the second one is empty and proves the end.
  assertEquals(rig.stash.requests().length, 5);
});

Deno.test("a scope looks at the scenes that changed within it", async () => {
  await using rig = await Rig.open();
  const seen = async (scope: ReconcileScope) => (await run(rig, { scope })).report.scenes;
  const stamps = rig.stash.scenes().map(({ updated_at }) => Date.parse(updated_at));
  // The simulated Stash stamps what is changed now with the true time.
  rig.stash.upsert([{ id: 1, details: "Changed" }]);
  const changedAt = Date.parse(rig.stash.scenes()[0]!.updated_at);
  assert(changedAt - Math.max(...stamps) > 8 * DAY_MS, "the library is old");
  rig.runtime.jump(changedAt + HOUR_MS - rig.runtime.now());
  assertEquals([await seen("24h"), await seen("7days"), await seen("all")], [1, 1, 20]);
  rig.runtime.jump(3 * DAY_MS);
  assertEquals([await seen("24h"), await seen("7days"), await seen("all")], [0, 1, 20]);
});

Deno.test("all that one reconciliation queues is one run of jobs, and a dry one has none", async () => {
  await using rig = await Rig.open({ library: { scenes: 9 }, settings: { batchSize: 2 } });
  const runs = () => rig.store.database.prepare("SELECT id, kind FROM runs").all();
  await run(rig, { dryRun: true });
  assertEquals(runs(), []);
  await run(rig, { done: () => rig.runtime.jump(HOUR_MS) });
  assertEquals(runs(), [{ id: 1, kind: "reconcile" }]);
  assertEquals(rig.store.queue.list(99).map(({ run_id }) => run_id), Array(9).fill(1));
});

Deno.test("two runs at once are refused, unless the first one was killed", async () => {
  await using rig = await Rig.open();
  const { reconcileRuns: runs } = rig.store;
  const first = { origin: "command", scope: "all", dryRun: false, report: emptyReport() } as const;
  runs.begin({ ...first, at: rig.runtime.now() });
  await assertRejects(() => run(rig), UserError, "Another reconciliation is under way");
  rig.runtime.jump(6 * MINUTE_MS);
  assertEquals((await run(rig)).state, "done");
  assertEquals(runs.recent().map(({ state }) => state), ["done", "stopped"]);
});

Deno.test("a run that is stopped says so, and counts for no schedule", async () => {
  await using rig = await Rig.open({ library: { scenes: 120 } });
  const stop = new AbortController();
  const result = await run(rig, { stop: stop.signal, done: () => stop.abort() });
  assertEquals([result.state, result.report.scenes, result.queued], ["stopped", 50, 50]);
  assertEquals(rig.store.reconcileRuns.last("all"), null);
});

Deno.test("50 runs are kept", async () => {
  await using rig = await Rig.open({ library: { scenes: 1 } });
  for (let n = 0; n < 55; n++) await run(rig, { dryRun: true });
  const runs = rig.store.reconcileRuns.recent();
  assertEquals([runs.length, runs[0]!.id, runs.at(-1)!.id], [50, 55, 6]);
});

Deno.test("before a full sync was agreed to, no reconciliation queues anything", async () => {
  await using rig = await Rig.open();
  rig.store.meta.remove(FULL_SYNC_AGREED_AT);
  for (const scope of ["all", "7days", "24h"] as const) {
    const { dry_run, state } = await run(rig, { scope });
    assertEquals([dry_run, state, rig.store.jobs.count()], [true, "done", 0], scope);
  }
  agreeToFullSync(rig);
  const { dry_run, queued } = await run(rig);
  assertEquals([dry_run, queued, rig.store.jobs.count()], [false, 20, 20]);
});

/** Somebody uploads an image of their own, which Plex shows from then on. */
async function choosePoster(rig: Rig, sceneId: string): Promise<void> {
  const { target, store } = rig.context;
  const { item: id } = store.of(TARGET).written.ofScene(sceneId)[0]!;
  const bytes = new Uint8Array([Number(sceneId)]);
  const image = { digest: "", bytes: () => Promise.resolve({ bytes, contentType: "image/png" }) };
  await target.show({ id }, "poster", image);
}

/** How often Plex was asked for the images that it has for an item. */
const listings = (rig: Rig) =>
  rig.plex.requests().filter(({ method, path }) =>
    method === "GET" && /\/(posters|arts)$/.test(path)
  ).length;

Deno.test("a poster that somebody chose or an agent replaced has drifted, and comes back", async () => {
  await using rig = await synced();
  await choosePoster(rig, "3");
  const before = listings(rig);
  const result = await run(rig);
  assertEquals(counts(result), { drifted: "1/1", equal: "19/0" });
  assertEquals(result.report.classes.drifted.samples[0]!.fields, ["poster"]);
  assert(listings(rig) - before <= 2, "of the others no image is asked for");
  await rig.once();
  assertEquals(counts(await run(rig)), { equal: "20/0" });
});

Deno.test("a poster that somebody chose is kept with preserve_plex_edits", async () => {
  await using rig = await synced({ settings: { preservePlexEdits: true } });
  await choosePoster(rig, "3");
  const { report } = await run(rig);
  assertEquals(report.classes.drifted.why_not, { "kept as edited in Plex": 1 });
  assertEquals(rig.store.jobs.count(), 0);
});

Deno.test("an image whose mark alone is new is asked for once, and has not drifted", async () => {
  await using rig = await synced();
  const marks = () => rig.store.of(TARGET).written.ofScene("3")[0]!.fields.poster!.stood;
  const known = marks();
  const { item } = rig.store.of(TARGET).written.ofScene("3")[0]!;
  await fetch(`${rig.plex.url}/library/sections/1/all?type=1&id=${item}&titleSort.value=Z`, {
    method: "PUT",
    headers: { "X-Plex-Token": "sim-plex-token" },
  }).then((response) => response.body?.cancel());
  const asked: number[] = [];
  for (const _again of [1, 2]) {
    const before = listings(rig);
    assertEquals(counts(await run(rig)), { equal: "20/0" });
    asked.push(listings(rig) - before);
  }
  assertEquals(asked, [2, 0]);
  assertNotEquals(marks(), known);
});

Deno.test("an image that was undone is left alone, and said to be undone", async () => {
  await using rig = await synced();
  const { written, holds } = rig.store.of(TARGET);
  const memory = written.ofScene("3")[0]!;
  const item = (await rig.context.target.read([memory.item])).get(memory.item)!;
  const hold = {
    field: "poster",
    origin: [memory.covers.poster!.digest],
    off: [],
    on: [],
  } as const;
  holds.change(item, "3", new Map([["poster", hold]]), rig.runtime.now());
  await choosePoster(rig, "3");
  const { report } = await run(rig);
  assertEquals(report.classes.equal.why_not, { "nothing to do": 19, "undone by you": 1 });
  assertEquals(rig.store.jobs.count(), 0);
});

Deno.test("an item whose images cannot be listed is compared by all else", async () => {
  await using rig = await synced();
  await choosePoster(rig, "3");
  rig.plex.setFaults([{ path: "/posters", status: 404 }]);
  assertEquals(counts(await run(rig)), { equal: "20/0" });
});
