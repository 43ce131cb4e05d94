import { planScenes, type ScenePlan } from "../app/scene_plans.ts";
import { escapeLine } from "../core/escape.ts";
import { openInstallation, openServerSettings } from "../app/installation.ts";
import type { Command, Invocation } from "./command.ts";
import { print } from "./output.ts";
import { countPlan, newPlanTotals, planTotalsText } from "./plan_totals.ts";
import { Progress } from "./progress.ts";
import { readScope, SCOPE_FLAGS } from "./scope.ts";

export const command: Command = {
  usage: "plan (--all | --recent 24h | --scene ID,…)",
  summary: "Show per field what a sync would change, without writing",
  flags: SCOPE_FLAGS,
  isServed: true,
  examples: [
    { line: "plexsync plan --all", tells: "what the first sync would do" },
    { line: "plexsync plan --scene 12,34", tells: "two scenes, field by field" },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const scope = readScope(invocation);
  using settings = await openServerSettings(invocation.around, { need: "daemon" });
  using installation = await openInstallation(settings);
  const progress = new Progress(invocation, "Planned");
  const shown: ScenePlan[] = [];
  const totals = newPlanTotals();
  for await (const { plans, total } of planScenes(scope, installation)) {
    totals.scenes += new Set(plans.map((plan) => plan.scene_id)).size;
    for (const plan of plans) {
      countPlan(totals, plan);
      // An equal scene has nothing to show; a library may have a hundred thousand of them.
      if (plan.outcome === "equal" && plan.left_out.length === 0) continue;
      if (invocation.json) shown.push(plan);
      else {
        progress.end();
        invocation.world.stdout(textOf(plan));
      }
    }
    progress.show(totals.scenes, total);
  }
  progress.end();
  print(invocation, { totals, scenes: shown }, () => planTotalsText(totals));
  return 0;
}

/** One plan for people. */
export function textOf(plan: ScenePlan): string {
  const name = plan.target === undefined
    ? `Scene ${plan.scene_id}`
    : `Scene ${plan.scene_id} in ${plan.target}`;
  if (plan.outcome !== "change") {
    const hint = plan.hint === null ? "" : `  hint: ${escapeLine(plan.hint)}\n`;
    const reason = plan.reason === null ? "" : `: ${escapeLine(plan.reason)}`;
    const leftOut = plan.left_out.map((text) => `  ${escapeLine(text)}\n`).join("");
    return `${name}: ${plan.outcome}${reason}\n${leftOut}${hint}`;
  }
  const lines = plan.changes.map(({ field, from, to }) =>
    `  ${field}: ${short(from)} → ${short(to)}`
  );
  for (const field of plan.kept) lines.push(`  ${field}: kept as it is in Plex`);
  for (const field of plan.undone) lines.push(`  ${field}: undone by you`);
  for (const text of plan.left_out) lines.push(`  ${escapeLine(text)}`);
  const proof = [plan.confidence, plan.evidence].filter((each) => each !== null).join(", ");
  const how = (proof === "" ? "" : ` (${proof})`) +
    (plan.path === null ? "" : ` ${escapeLine(plan.path)}`);
  const why = plan.reason === null ? "" : `: ${escapeLine(plan.reason)}`;
  return `${name} → item ${plan.rating_key}${how}${why}\n${lines.join("\n")}\n`;
}

function short(value: string): string {
  const flat = JSON.stringify(value);
  return escapeLine(flat.length <= 100 ? flat : `${flat.slice(0, 97)}…"`);
}
