import { reconcileNow, type ReconcileRequest } from "../app/reconcile/reconciliation.ts";
import { reportText } from "../core/reconcile/reconcile_report.ts";
import type { QueuedClass } from "../core/reconcile/reconcile_classes.ts";
import type { Task } from "./task_context.ts";

const NOTHING_QUEUED = "Nothing was queued: no sync of all scenes was agreed to yet. The task " +
  "Sync all shows what it would change";

/** @param only Of what is found only this is queued */
export function reconcileTask(
  { scope, only }: { scope: ReconcileRequest["scope"]; only?: QueuedClass },
): Task["run"] {
  return (context) =>
    context.long(`A comparison with Plex (${only ?? scope})`, async (long) => {
      const missing = only === "missing" || context.settings.config.reconcileMissing;
      const classes = only === undefined ? undefined : [only];
      const request = { scope, only: classes, missing, dryRun: false };
      const installation = await context.installation();
      const { report, dry_run } = await reconcileNow(request, installation, long);
      const text = reportText(report, { scope, dryRun: dry_run });
      return dry_run ? [text, { warning: NOTHING_QUEUED }] : [text];
    });
}
