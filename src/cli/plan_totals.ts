import type { ScenePlan } from "../app/scene_plans.ts";
import { plural } from "../core/wording.ts";

/** What a sync would do, in figures. Names are stable: `--json` has them. */
export type PlanTotals = ReturnType<typeof newPlanTotals>;

export function newPlanTotals() {
  return {
    scenes: 0,
    change: 0,
    equal: 0,
    skipped: 0,
    gone: 0,
    waiting: 0,
    dead: 0,
    failed: 0,
    /** Changes by field. */
    fields: {} as Record<string, number>,
    kept: 0,
  };
}

export function countPlan(totals: PlanTotals, plan: ScenePlan): void {
  totals[plan.outcome]++;
  totals.kept += plan.kept.length;
  for (const { field } of plan.changes) totals.fields[field] = (totals.fields[field] ?? 0) + 1;
}

export function planTotalsText(totals: PlanTotals): string {
  const fields = Object.entries(totals.fields).map(([field, n]) => `${n} ${field}`).join(", ");
  const parts = (["change", "equal", "skipped", "gone", "waiting", "dead", "failed"] as const)
    .filter((name) => totals[name] > 0).map((name) => `${totals[name]} ${name}`);
  const kept = totals.kept > 0 ? `Kept as edited in Plex: ${plural(totals.kept, "field")}\n` : "";
  return `${plural(totals.scenes, "scene")}: ${parts.join(", ") || "none"}\n` +
    (fields === "" ? "" : `Changes: ${fields}\n`) + kept;
}
