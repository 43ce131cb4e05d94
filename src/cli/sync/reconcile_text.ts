import { runResult } from "../../app/reconcile/run_result.ts";
import { AGREE_HINT } from "../../app/queue/full_sync.ts";
import { formatDuration } from "../../core/time/duration.ts";
import { RECONCILE_CLASSES, type ReconcileClass } from "../../core/reconcile/reconcile_classes.ts";
import { MAX_SAMPLES, reasonsText } from "../../core/reconcile/reconcile_report.ts";
import type { ReconcileRun } from "../../store/queue/reconcile_runs.ts";
import { facts, table } from "../terminal/output.ts";
import { instant } from "../../core/text/wording.ts";
import type { Paint } from "../terminal/paint.ts";

/** A run as `--json` has it. Names are stable. Times are epoch ms in `_at`. */
export function runJson(run: ReconcileRun) {
  const { report, error, ...facts } = run;
  return {
    ...facts,
    scenes: report.scenes,
    result: runResult(run),
    error,
    orphans_looked_for: report.orphans_looked_for,
    classes: report.classes,
  };
}

/**
 * One run for people: the counts, why what was found was not queued, and the result.
 * @param dryRun It was asked for like that
 */
export function runText(
  run: ReconcileRun,
  { missing, dryRun, daemonRuns }: { missing: boolean; dryRun: boolean; daemonRuns: boolean },
  paint: Paint,
): string {
  const { report, dry_run, queued } = run;
  const head = ["CLASS", "FOUND", "QUEUED", "WHY NOT"];
  const counts = table(head, RECONCILE_CLASSES.map((name) => rowOf(name, run)), paint);
  const sections = [counts];
  const samples = SHOWN.map((name) => [name, report.classes[name].samples] as const)
    .filter(([, samples]) => samples.length > 0)
    .map(([name, samples]) => [
      name,
      `scenes ${samples.map(({ scene_id }) => scene_id).join(", ")}` +
      (report.classes[name].found > MAX_SAMPLES ? ", …" : ""),
    ]);
  if (samples.length > 0) sections.push(facts(samples));
  const orphans = report.classes.orphaned.samples;
  if (orphans.length > 0) {
    sections.push(table(
      ["ORPHANED ITEM", "SCENE", "TITLE IN PLEX"],
      orphans.map(({ rating_key, scene_id, title }) => [rating_key ?? "", scene_id, title ?? ""]),
      paint,
    ));
  }
  const result = run.state === "done" ? runResult(run) : paint.bad(runResult(run));
  const last = [[result]];
  if (dry_run) last.unshift([paint.warn("Dry run: QUEUED is what would be queued")]);
  if (dry_run && !dryRun) {
    last.unshift([paint.warn("Nothing was queued: no sync of all scenes was agreed to yet")]);
    last.push([`hint: ${AGREE_HINT}`]);
  }
  if (!missing) last.push(["Missing scenes are not queued: --missing true does that"]);
  if (queued > 0 && !dry_run && !daemonRuns) {
    last.push([paint.warn("No daemon runs: start it with plexsync run")]);
  }
  sections.push(facts(last));
  return sections.join("\n");
}

/** Classes whose scenes are named. */
const SHOWN: readonly ReconcileClass[] = ["missing", "empty", "stale", "drifted", "skipped"];

function rowOf(name: ReconcileClass, { report, scope }: ReconcileRun): string[] {
  const { found, queued, why_not } = report.classes[name];
  if (name === "orphaned" && !report.orphans_looked_for) {
    const why = scope === "all" ? "only after all scenes were seen" : "only with --scope all";
    return [name, "-", "-", `looked for ${why}`];
  }
  return [name, String(found), String(queued), reasonsText(why_not)];
}

/** Runs for people, one line each. */
export function historyText(runs: readonly ReconcileRun[], paint: Paint): string {
  return table(
    ["STARTED", "TOOK", "BY", "SCOPE", "STATE", "QUEUED", "RESULT"],
    runs.map((run) => [
      instant(run.started_at),
      run.ended_at === null ? "" : formatDuration(run.ended_at - run.started_at),
      run.origin,
      run.scope,
      run.dry_run ? `${run.state}, dry run` : run.state,
      String(run.dry_run ? 0 : run.queued),
      runResult(run),
    ]),
    paint,
  ) || "No reconciliation so far\n";
}
