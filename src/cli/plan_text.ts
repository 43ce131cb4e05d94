import type { ScenePlan } from "../app/scene_plans.ts";
import { escapeLine } from "../core/escape.ts";

/** One plan for people. */
export function planText(plan: ScenePlan): string {
  const name = `Scene ${plan.scene_id}` +
    (plan.target === undefined ? "" : ` in ${plan.target}`) +
    (plan.pinned_to === null ? "" : ` (pinned to ${plan.pinned_to})`);
  if (plan.outcome !== "change") {
    const hint = plan.hint === null ? "" : `  hint: ${escapeLine(plan.hint)}\n`;
    const reason = plan.reason === null ? "" : `: ${escapeLine(plan.reason)}`;
    const leftOut = plan.left_out.map((text) => `  ${escapeLine(text)}\n`).join("");
    return `${name}: ${plan.outcome}${reason}\n${leftOut}${hint}`;
  }
  const lines = plan.changes.map(({ field, from, to }) => {
    const theirs = plan.overwritten.includes(field) ? " (a person's edit)" : "";
    return `  ${field}: ${short(from)} → ${short(to)}${theirs}`;
  });
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
