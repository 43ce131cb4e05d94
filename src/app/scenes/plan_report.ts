import type { BulkScope } from "../../intake/bulk.ts";
import type { BulkWork, LongWork } from "../queue/enqueue.ts";
import type { Installation } from "../installation.ts";
import { countPlan, newPlanTotals, type PlanTotals } from "./plan_totals.ts";
import { TempRows } from "../../store/database/temp_rows.ts";
import { type PlanPage, planScenes, type ScenePlan } from "./scene_plans.ts";

/** What a sync would do; what it takes in memory does not depend on the library's size. */
export interface PlanReport {
  totals: PlanTotals;
  /** All that have something to show, or samples of them, in the order of the scenes. */
  plans: Iterable<ScenePlan>;
  /** How many more there are. */
  more: number;
}

/** So many are shown whatever they are, and so many of each kind. */
const FIRST = 20;
const OF_A_KIND = 3;

/**
 * Plans all scenes of a scope in one pass, without writing and in bounded memory.
 * @param full All plans are given, which are kept on disk for that; else samples of each kind
 * @throws {PlexsyncError} a server did not answer
 */
export async function reportPlan(
  scope: BulkScope,
  installation: Installation,
  { progress, stop, force }: LongWork & Pick<BulkWork, "force">,
  full = false,
): Promise<PlanReport> {
  const pages = planScenes(scope, installation, { stop, force });
  const rows = full ? new TempRows<ScenePlan>(installation.store.database) : null;
  return await reportOf(pages, progress, rows);
}

/**
 * As `reportPlan`, of plans that come page by page.
 * @param rows Where all of them are kept; null for samples
 */
export async function reportOf(
  pages: AsyncIterable<PlanPage>,
  progress: LongWork["progress"],
  rows: TempRows<ScenePlan> | null,
): Promise<PlanReport> {
  const totals = newPlanTotals();
  const samples = new Samples();
  for await (const { plans, total, unreached } of pages) {
    totals.unreached = unreached;
    totals.scenes += new Set(plans.map((plan) => plan.scene_id)).size;
    for (const plan of plans) {
      countPlan(totals, plan);
      // An equal scene has nothing to show; a library may have a hundred thousand of them.
      if (plan.outcome === "equal" && plan.left_out.length === 0) continue;
      if (rows === null) samples.add(plan);
      else rows.add(plan);
    }
    progress(totals.scenes, total);
  }
  return { totals, plans: rows?.read() ?? samples.plans, more: samples.more };
}

/** The first plans, and of each kind some more. */
class Samples {
  readonly plans: ScenePlan[] = [];
  more = 0;
  readonly #seen = new Map<string, number>();

  add(plan: ScenePlan): void {
    const kind = kindOf(plan);
    const seen = this.#seen.get(kind) ?? 0;
    this.#seen.set(kind, seen + 1);
    if (this.plans.length < FIRST || seen < OF_A_KIND) this.plans.push(plan);
    else this.more++;
  }
}

/** What a person wants to have seen of it before a library is written. */
function kindOf(plan: ScenePlan): string {
  if (plan.overwritten.length > 0) return "overwritten";
  return plan.names_removed > 0 ? "removed" : plan.outcome;
}
