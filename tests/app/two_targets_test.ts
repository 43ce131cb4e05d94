/** Two targets in one installation: each operation goes over both, and mixes up nothing. */
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { lettersOfOutage, listLetters, retryLetters } from "../../src/app/queue/letters.ts";
import { listPins, unpinScene } from "../../src/app/scenes/pins.ts";
import { clearMatchIndex } from "../../src/app/queue/queued_jobs.ts";
import { planFor } from "../../src/app/scenes/scene_plans.ts";
import { reportOf } from "../../src/app/scenes/plan_report.ts";
import { planLines } from "../../src/app/scenes/plan_totals.ts";
import {
  restingBecause,
  statusReport,
  undosRestBecause,
} from "../../src/app/reports/status_report.ts";
import { targetNamed } from "../../src/app/targets.ts";
import { PlexsyncError, UserError } from "../../src/core/failures/errors.ts";
import { machineOf, unreadSectionsOf } from "../../src/core/meta_keys.ts";
import { attempt, dead } from "../store/samples.ts";
import type { MemoryTarget } from "../target/memory_target.ts";
import { fileOf, TwoTargets } from "./two_targets_rig.ts";

Deno.test("each target gets the scenes that it has, and waits for the others by itself", async () => {
  await using pair = await TwoTargets.open();
  await pair.syncAll();
  assertEquals(pair.jobs(), ["left 3: waiting", "right 1: waiting"]);
  assertEquals(pair.remembered(), [["1", "2"], ["2", "3"]]);
  const titles = async (target: MemoryTarget) =>
    [...(await target.read(["1", "2"])).values()].map(({ values }) => values.title);
  assertEquals(await titles(pair.left), [["Scene 1"], ["Scene 2"]]);
  assertEquals(await titles(pair.right), [["Scene 2"], ["Scene 3"]]);
});

Deno.test("a file that comes to one target wakes its job alone", async () => {
  await using pair = await TwoTargets.open();
  await pair.syncAll();
  pair.runtime.jump(1_000);
  pair.left.add({ section: "1", files: [fileOf("3")] });
  await pair.contexts[0]!.keeper.refresh(0);
  await pair.work();
  assertEquals(pair.jobs(), ["right 1: waiting"]);
});

Deno.test("a target that is down stops no other, and the pass and the status say so", async () => {
  await using pair = await TwoTargets.open();
  pair.right.fault = "down";
  pair.store.jobs.enqueue(["1", "2", "3"], "bulk", pair.runtime.now());
  assertEquals(await pair.work(), "server down");
  assertEquals(pair.remembered(), [["1", "2"], []]);
  const { report, problems } = statusReport(pair.installation);
  assertEquals(problems.map(({ id }) => id), ["daemon_stopped", "right_down", "stash_unset"]);
  assertEquals(report.plex.breaker, "closed");
  assertEquals(report.other_targets?.map(({ breaker }) => breaker), ["open"]);
});

Deno.test("the status sums up both, and names the second server", async () => {
  await using pair = await TwoTargets.open();
  await pair.syncAll();
  const { report } = statusReport(pair.installation);
  assertEquals(report.queue, { ready: 0, running: 0, waiting: 2 });
  assertEquals(pair.store.indexedCount(), { items: 4, files: 4 });
  assertEquals([report.plex.url, report.outcomes.length], ["http://left", 6]);
  const others = report.other_targets?.map(({ key, url }) => [key, url]);
  assertEquals(others, [["right", "http://right"]]);
});

Deno.test("the status tells which library of which server cannot be listed", async () => {
  await using pair = await TwoTargets.open();
  const unread = {
    section: "1",
    title: "Films",
    since: 1,
    message: "Right answered 500",
    absentSince: null,
    told: true,
  };
  pair.store.meta.set(unreadSectionsOf("right"), [unread]);
  const { problems } = statusReport(pair.installation);
  const told = problems.find(({ id }) => id === "right_library_unread");
  assertMatch(told?.summary ?? "", /cannot list "Films" \(Right answered 500\)/);
  // The work goes on.
  assertEquals(restingBecause(pair.installation).filter((line) => line.includes("Films")), []);
});

Deno.test("what somebody changes in one target is found there, and queued for it alone", async () => {
  await using pair = await TwoTargets.open();
  await pair.syncAll();
  // That the left one waits for the scene is no reason to leave it alone in the right one.
  pair.right.edit("2", { summary: ["Mine"] });
  const { report } = await pair.reconcile();
  const { drifted, equal, missing } = report.classes;
  assertEquals([drifted.found, equal.found, missing.found, report.scenes], [1, 3, 2, 6]);
  assertEquals(drifted.samples.map(({ target, scene_id }) => [target, scene_id]), [["right", "3"]]);
  assertEquals(pair.jobs(), ["left 3: waiting", "right 1: waiting", "right 3: ready"]);
  await pair.work();
  assertEquals((await pair.reconcile()).report.classes.drifted.found, 0);
});

Deno.test("an item is orphaned in the target that has it", async () => {
  await using pair = await TwoTargets.open();
  await pair.syncAll();
  pair.server.destroy(["1"]);
  const { orphaned } = (await pair.reconcile()).report.classes;
  assertEquals(orphaned.samples.map(({ scene_id, title }) => [scene_id, title]), [
    ["1", "Scene 1"],
  ]);
});

Deno.test("a plan tells for each target what a sync would do to it", async () => {
  await using pair = await TwoTargets.open();
  const { installation: { config, runtime }, contexts, stash } = pair;
  const told: string[] = [];
  for await (const { plans } of planFor({ kind: "all" }, { contexts, stash, config, runtime })) {
    told.push(...plans.map((plan) => `${plan.target} ${plan.scene_id}: ${plan.outcome}`));
  }
  assertEquals(told.sort(), [
    "left 1: change",
    "left 2: change",
    "left 3: waiting",
    "right 1: waiting",
    "right 2: change",
    "right 3: change",
  ]);
});

Deno.test("a plan shows the target that answers, and names the one that does not", async () => {
  await using pair = await TwoTargets.open();
  const { installation: { config, runtime }, contexts, stash } = pair;
  const planned = () => planFor({ kind: "all" }, { contexts, stash, config, runtime });
  pair.right.fault = "down";
  const { totals } = await reportOf(planned(), () => {}, null);
  assertEquals([totals.change, totals.waiting, totals.scenes], [2, 1, 3]);
  assertEquals(Object.keys(totals.unreached), ["right"]);
  const [line] = planLines(totals).filter((line) => line.includes("right"));
  assertStringIncludes(line!, "Not planned for right, which does not answer: ");
  pair.left.fault = "down";
  await assertRejects(() => reportOf(planned(), () => {}, null), PlexsyncError);
});

Deno.test("a dead letter is put back for its own target, by that target's outage", async () => {
  await using pair = await TwoTargets.open();
  const { store, installation } = pair;
  const at = pair.runtime.now();
  for (const [target, since] of [["left", at - 9_000], ["right", at - 5_000]] as const) {
    store.outages.begin(target, since, "gone");
    store.outages.end(target, at + 1);
  }
  store.jobs.enqueue(["1"], "hook", at);
  for (const target of ["left", "right"]) {
    const [job] = store.jobs.claim("me", at, 9, 60_000, target);
    const failed = { ...attempt(job!, dead), errorType: "PlexTemporaryError" as const };
    store.settlement.settle([failed], at);
  }
  assertEquals(listLetters(installation, {}, null).length, 2);
  const found = lettersOfOutage(installation);
  if ("lasting" in found) throw new Error("It is over");
  retryLetters(installation, found);
  assertEquals(pair.jobs(), ["right 1: ready"]);
  assertEquals(listLetters(installation, {}, null).map(({ target }) => target), ["left"]);
});

Deno.test("a pin holds in its own target, and is taken back there", async () => {
  await using pair = await TwoTargets.open();
  const files = [fileOf("2")];
  pair.store.of("right").pins.put({ scene_id: "2", item: null, paths: [], files, made_at: 1 });
  await pair.syncAll();
  assertEquals(pair.remembered(), [["1", "2"], ["3"]]);
  const pins = listPins(pair.installation).map(({ target, item }) => [target, item]);
  assertEquals(pins, [["right", null]]);
  unpinScene("2", pair.installation);
  assertEquals(pair.jobs().filter((job) => job.includes(" 2: ")), ["right 2: ready"]);
  await pair.work();
  assertEquals(pair.remembered(), [["1", "2"], ["2", "3"]]);
});

Deno.test("forgetting one server leaves the other as it is, and clearing the index clears all", async () => {
  await using pair = await TwoTargets.open();
  await pair.syncAll();
  const { store } = pair;
  store.of("right").forget();
  assertEquals(pair.remembered(), [["1", "2"], []]);
  const servers = ["left", "right"].map((key) => store.meta.get(machineOf(key)));
  assertEquals(servers, ["memory-1", undefined]);
  assertEquals(clearMatchIndex(pair.installation), { items: 2, files: 2 });
  assertEquals(store.indexedCount(), { items: 0, files: 0 });
});

Deno.test("targetNamed() wants to be told which of several is meant", async () => {
  await using pair = await TwoTargets.open();
  const { targets } = pair.installation;
  assertEquals(targetNamed(targets, "right").key, "right");
  for (const key of [null, "middle"]) {
    assertThrows(() => targetNamed(targets, key), UserError, "there are left, right");
  }
});

Deno.test("the work is idle when both are: what comes late for the first is still taken", async () => {
  await using pair = await TwoTargets.open();
  const { store, runtime } = pair;
  // The right one has work again and again, longer than one alone would wait.
  for (let second = 5; second <= 30; second += 5) {
    runtime.after(second * 1_000, () => {
      store.jobs.enqueue(["3"], "hook", runtime.now(), { targets: ["right"] });
    });
  }
  runtime.after(31_000, () => {
    store.jobs.enqueue(["1"], "hook", runtime.now(), { targets: ["left"] });
  });
  assertEquals(await pair.work({ once: false, idleExitMs: 10_000 }), "idle");
  assertEquals(pair.remembered(), [["1"], ["3"]]);
});

Deno.test("that the disk is full is told once to whoever waits for an undo on both", async () => {
  await using pair = await TwoTargets.open();
  const lines = undosRestBecause(["left", "right"], pair.installation, 0);
  assertEquals(lines.length, 1, lines.join("\n"));
  assertStringIncludes(lines[0]!, "is full");
  assertEquals(undosRestBecause(["left", "right"], pair.installation, 1e9), []);
});
