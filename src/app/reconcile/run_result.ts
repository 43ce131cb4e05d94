import { reportText } from "../../core/reconcile/reconcile_report.ts";
import { plural } from "../../core/text/wording.ts";
import type { ReconcileRun } from "../../store/queue/reconcile_runs.ts";

/** What came of a run so far, in words. */
export function runResult({ state, error, report, scope, dry_run }: ReconcileRun): string {
  switch (state) {
    case "done":
      return reportText(report, { scope, dryRun: dry_run });
    case "running":
      return `under way: ${plural(report.scenes, "scene")} compared so far`;
    case "stopped":
      return `cut off after ${plural(report.scenes, "scene")}, ${report.queued} queued`;
    case "failed":
      return `failed after ${plural(report.scenes, "scene")}: ${error}`;
  }
}
