import { assert, assertEquals, assertMatch } from "@std/assert";
import { agreeToFullSync } from "../../src/app/queue/full_sync.ts";
import type { Config } from "../../src/config/config.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/core/time/duration.ts";
import { FULL_SYNC_AGREED_AT } from "../../src/core/meta_keys.ts";
import { emptyReport } from "../../src/core/reconcile/reconcile_report.ts";
import { ReconcileSchedule } from "../../src/daemon/reconcile_schedule.ts";
import { createStashClient } from "../../src/stash/client.ts";
import { collect } from "../log/harness.ts";
import { Rig } from "../worker/rig.ts";

/** The schedule of a daemon that works on the rig. */
function scheduleOf(rig: Rig, config: Partial<Config> = {}) {
  const { url, apiKey } = rig.stash;
  const limits = { connectTimeoutMs: 1_000, readTimeoutMs: 2_000 };
  const { log, lines } = collect({ format: "text", component: "Reconcile" });
  const schedule = new ReconcileSchedule({
    config: {
      reconcileInterval: "hourly",
      reconcileScope: "all",
      reconcileMissing: true,
      ...config,
    },
    store: rig.store,
    works: [{ context: rig.context, gates: rig.gates }],
    runtime: rig.runtime,
    stash: createStashClient({ url, apiKey, fetch, ...limits }),
    log,
  });
  return { schedule, lines };
}

/** Runs the schedule alone for `ms` of the made-up clock. */
async function runFor(
  rig: Rig,
  ms: number,
  { schedule }: ReturnType<typeof scheduleOf>,
): Promise<void> {
  const stop = new AbortController();
  rig.runtime.after(ms, () => stop.abort());
  await schedule.run(stop.signal);
}

const states = (rig: Rig) => rig.store.reconcileRuns.recent().map(({ state }) => state).reverse();

Deno.test("the daemon reconciles at each interval, counted from start to start", async () => {
  await using rig = await Rig.open();
  const schedule = scheduleOf(rig);
  const begin = rig.runtime.now();
  await runFor(rig, 4.5 * HOUR_MS, schedule);
  const runs = rig.store.reconcileRuns.recent().reverse();
  assertEquals(
    runs.map(({ state, origin }) => `${state} ${origin}`),
    Array(5).fill("done schedule"),
  );
  runs.forEach(({ started_at }, hour) => {
    const late = started_at - (begin + hour * HOUR_MS);
    assert(late >= 0 && late <= hour * 10_000, `${late} ms late after ${hour} hours`);
  });
  const said = schedule.lines.filter((line) => line.includes("Reconciled"));
  assertEquals(said.length, 5);
  assertMatch(said[0]!, /Reconciled \(all\): 20 scenes compared, 20 queued: 20 empty/);
  assertMatch(said[1]!, /20 scenes compared, 0 queued: 20 empty \(20 already queued\)/);
});

Deno.test("with the interval `never` nothing is reconciled", async () => {
  await using rig = await Rig.open();
  await runFor(rig, HOUR_MS, scheduleOf(rig, { reconcileInterval: "never" }));
  assertEquals(states(rig), []);
});

Deno.test("a run by hand counts for the schedule when it saw enough and was no dry run", async () => {
  await using rig = await Rig.open();
  const { reconcileRuns: runs } = rig.store;
  const byHand = (scope: "all" | "24h", dryRun: boolean) => {
    const at = rig.runtime.now();
    const begun = runs.begin({ at, origin: "command", scope, dryRun, report: emptyReport() });
    assert("id" in begun);
    runs.end(begun.id, { at, state: "done", report: emptyReport(), error: null });
  };
  byHand("all", false);
  rig.runtime.jump(30 * MINUTE_MS);
  byHand("24h", false);
  byHand("all", true);
  const scope = { reconcileScope: "7days" } as const;
  await runFor(rig, 25 * MINUTE_MS, scheduleOf(rig, scope));
  assertEquals(runs.recent().length, 3);
  await runFor(rig, 10 * MINUTE_MS, scheduleOf(rig, scope));
  assertEquals([runs.recent().length, runs.recent()[0]!.scope], [4, "7days"]);
});

Deno.test("nothing is reconciled while work is paused", async () => {
  await using rig = await Rig.open();
  rig.gates.target.attend("The token is wrong", rig.runtime.now());
  rig.runtime.after(2 * HOUR_MS, () => rig.gates.target.attended("read"));
  const begin = rig.runtime.now();
  await runFor(rig, 2.5 * HOUR_MS, scheduleOf(rig));
  const starts = rig.store.reconcileRuns.recent().map((run) => run.started_at - begin);
  assertEquals(starts.map((after) => after >= 2 * HOUR_MS), [true]);
});

Deno.test("an outage in the middle of a run delays it, and costs nothing", async () => {
  await using rig = await Rig.open({ library: { scenes: 120 } });
  const { schedule, lines } = scheduleOf(rig, { reconcileInterval: "weekly" });
  rig.runtime.after(100, () => rig.plex.setFaults([{ path: ".", status: 503 }]));
  rig.runtime.after(HOUR_MS, () => rig.plex.setFaults([]));
  const stop = new AbortController();
  const scheduled = schedule.run(stop.signal);
  const { reconcileRuns: runs, jobs, outages } = rig.store;
  // A schedule that only waits for its next run lets days pass while the worker waits for answers.
  const endAfterRun = () => {
    if (runs.recent()[0]?.state === "done") stop.abort();
    else rig.runtime.after(MINUTE_MS, endAfterRun);
  };
  endAfterRun();
  await rig.until(() => stop.signal.aborted && jobs.count() === 0);
  await scheduled;
  const [run] = runs.recent();
  assertEquals([states(rig), run!.report.scenes], [["done"], 120]);
  assert(run!.ended_at! - run!.started_at >= HOUR_MS - 1_000);
  assertEquals([rig.outcomes(), outages.recent(9).length], [{ written: 120 }, 1]);
  assertEquals(lines.filter((line) => line.includes("failed")), []);
});

Deno.test("a run that was killed begins anew at the next start", async () => {
  await using rig = await Rig.open();
  const { reconcileRuns: runs } = rig.store;
  const at = rig.runtime.now();
  const killed = { origin: "schedule", scope: "all", dryRun: false } as const;
  runs.begin({ ...killed, at, report: emptyReport() });
  await runFor(rig, MINUTE_MS, scheduleOf(rig));
  assertEquals(states(rig), ["stopped", "done"]);
});

Deno.test("a run that a stop cut off begins anew at the next start", async () => {
  await using rig = await Rig.open({ library: { scenes: 200 } });
  await runFor(rig, 300, scheduleOf(rig));
  const [cut] = rig.store.reconcileRuns.recent();
  assertEquals(cut!.state, "stopped");
  assert(cut!.report.scenes < 200);
  await runFor(rig, MINUTE_MS, scheduleOf(rig));
  assertEquals(states(rig), ["stopped", "done"]);
});

Deno.test("batches are apart, so that the worker has the servers most of the time", async () => {
  await using rig = await Rig.open({ library: { scenes: 250 } });
  await runFor(rig, MINUTE_MS, scheduleOf(rig));
  // Five batches, and the two steps of the search for orphans.
  assertEquals(rig.runtime.sleeps.filter((ms) => ms === 200).length, 6);
});

Deno.test("a run that failed is tried again after ten minutes, and said once", async () => {
  await using rig = await Rig.open();
  rig.stash.setFaults([{ path: "graphql", status: 502 }]);
  rig.runtime.after(15 * MINUTE_MS, () => rig.stash.setFaults([]));
  const schedule = scheduleOf(rig);
  await runFor(rig, 40 * MINUTE_MS, schedule);
  assertEquals(states(rig), ["failed", "failed", "done"]);
  const warnings = schedule.lines.filter((line) => line.startsWith("\x01w"));
  assertEquals(warnings.length, 1);
  assertMatch(warnings[0]!, /502/);
});

Deno.test("a library that does not exist asks for a person and ends the run", async () => {
  await using rig = await Rig.open({ libraries: ["No such library"] });
  await runFor(rig, MINUTE_MS, scheduleOf(rig));
  assertEquals(states(rig), ["failed"]);
  assertMatch(rig.gates.target.attention!.message, /No such library/);
});

Deno.test("before a full sync was agreed to, a scheduled run only reports, and says so once", async () => {
  await using rig = await Rig.open();
  rig.store.meta.remove(FULL_SYNC_AGREED_AT);
  const schedule = scheduleOf(rig);
  await runFor(rig, 2.5 * HOUR_MS, schedule);
  assertEquals(rig.store.jobs.count(), 0);
  // At its interval, and not over and over because nothing was queued.
  assertEquals(states(rig), ["done", "done", "done"]);
  const said = schedule.lines.filter((line) => /Reconciled|only report/.test(line));
  assertEquals(said.length, 4);
  assertMatch(said[0]!, /Reconciliations only report: .* agreed to yet/);
  assertMatch(said[1]!, /Reconciled \(all\): 20 scenes compared, 20 would be queued: 20 empty/);

  agreeToFullSync(rig);
  await runFor(rig, HOUR_MS, schedule);
  assertEquals(rig.store.jobs.count(), 20);
  assertMatch(schedule.lines.at(-1)!, /20 scenes compared, 20 queued/);
});
