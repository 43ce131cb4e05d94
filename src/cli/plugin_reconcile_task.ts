import type { ReconcileClass } from "../core/reconcile_verdict.ts";
import { reportText } from "../core/reconcile_report.ts";
import { workContext } from "../daemon/daemon.ts";
import { plexOf, stashOf } from "../app/servers.ts";
import { reconcile, type ReconcileRequest } from "../app/reconciliation.ts";
import type { Task, TaskContext } from "./plugin_task_context.ts";

/** @param only Of what is found only this is queued */
export function reconcileTask(
  { scope, only }: { scope: ReconcileRequest["scope"]; only?: ReconcileClass },
): Task["run"] {
  return (context) =>
    context.long(`A comparison with Plex (${only ?? scope})`, async ({ progress, stop }) => {
      const store = await context.store();
      // Without a daemon, a scheduled run that is under way is one that was killed.
      if (!context.daemonRuns) store.reconcileRuns.stopScheduled();
      const run = await reconcile(
        {
          scope,
          only,
          missing: only === "missing" || context.config.reconcileMissing,
          dryRun: false,
          origin: "command",
        },
        partsOf(context, store, stop),
        {
          stop,
          ready: () => Promise.resolve(),
          done: progress,
          failed: () => false,
        },
      );
      return [reportText(run.report, { scope, dryRun: false })];
    });
}

function partsOf(
  context: TaskContext,
  store: Awaited<ReturnType<TaskContext["store"]>>,
  stop: AbortSignal,
) {
  const stash = stashOf(context.config, stop);
  const plex = plexOf(context.config, store, stop);
  return { store, stash, context: workContext({ ...context, store }, plex, stash) };
}
