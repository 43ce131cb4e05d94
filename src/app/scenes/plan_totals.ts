import { countText } from "../../core/text/wording.ts";
import type { ScenePlan } from "./scene_plans.ts";

/** What a sync would do, in figures. Names are stable: `--json` has them. */
export type PlanTotals = ReturnType<typeof newPlanTotals>;

export function newPlanTotals() {
  return {
    scenes: 0,
    /** Items that would be written to. */
    items: 0,
    /** Names of lists that would come and go, over all items. */
    names_added: 0,
    names_removed: 0,
    /** Fields in which something goes that a person set. */
    overwritten: 0,
    /** Scenes of which no item is there yet. */
    without_item: 0,
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
    undone: 0,
    /** Targets that did not answer, by key, and why: nothing of them is in the figures. */
    unreached: {} as Readonly<Record<string, string>>,
  };
}

export function countPlan(totals: PlanTotals, plan: ScenePlan): void {
  totals[plan.outcome]++;
  if (plan.changes.length > 0) totals.items++;
  if (plan.outcome === "waiting") totals.without_item++;
  totals.names_added += plan.names_added;
  totals.names_removed += plan.names_removed;
  totals.overwritten += plan.overwritten.length;
  totals.kept += plan.kept.length;
  totals.undone += plan.undone.length;
  for (const { field } of plan.changes) totals.fields[field] = (totals.fields[field] ?? 0) + 1;
}

const OUTCOMES = ["change", "equal", "skipped", "gone", "waiting", "dead", "failed"] as const;

/** What it comes to, in one line without a full stop. */
export function planLine(totals: PlanTotals): string {
  const { items, names_added, names_removed, overwritten, without_item } = totals;
  return [
    plural(items, "item"),
    `${plural(names_added, "name")} added`,
    `${countText(names_removed)} removed`,
    `${plural(overwritten, "edit")} of a person overwritten`,
    `${countText(without_item)} without an item`,
  ].join(", ");
}

function plural(count: number, one: string): string {
  return `${countText(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** The same with what it is made of, a line each. */
export function planLines(totals: PlanTotals): string[] {
  const parts = OUTCOMES.filter((name) => totals[name] > 0)
    .map((name) => `${countText(totals[name])} ${name}`);
  const fields = Object.entries(totals.fields).map(([field, n]) => `${countText(n)} ${field}`);
  return [
    planLine(totals),
    `${plural(totals.scenes, "scene")}: ${parts.join(", ") || "none"}`,
    ...(fields.length === 0 ? [] : [`Changes: ${fields.join(", ")}`]),
    ...(totals.kept === 0 ? [] : [`Kept as edited in Plex: ${plural(totals.kept, "field")}`]),
    ...(totals.without_item > 0 && totals.without_item === totals.scenes
      ? ["Plex has none of them: plexsync config check --online tells why"]
      : []),
    ...Object.entries(totals.unreached).map(([target, why]) =>
      `Not planned for ${target}, which does not answer: ${why}`
    ),
    ...(totals.undone === 0 ? [] : [`Undone by you: ${plural(totals.undone, "field")}`]),
  ];
}

export function planTotalsText(totals: PlanTotals): string {
  return planLines(totals).map((line) => `${line}\n`).join("");
}
