import type { ScenePlan } from "../../app/scenes/scene_plans.ts";
import { escapeLine } from "../../core/text/escape.ts";

/** One plan for people. */
export function planText(plan: ScenePlan): string {
  const name = `Scene ${plan.scene_id}` +
    (plan.target === undefined ? "" : ` in ${plan.target}`) +
    (plan.pinned_to === null ? "" : ` (pinned to ${plan.pinned_to})`);
  const left = [
    ...plan.kept.map((field) => `${field}: kept as it is in Plex`),
    ...plan.undone.map((field) => `${field}: undone by you`),
    ...plan.left_out.map(escapeLine),
  ].map((line) => `  ${line}\n`).join("");
  const why = plan.reason === null ? "" : `: ${escapeLine(plan.reason)}`;
  if (plan.outcome !== "change") {
    const hint = plan.hint === null ? "" : `  hint: ${escapeLine(plan.hint)}\n`;
    return `${name}: ${plan.outcome}${why}\n${left}${hint}`;
  }
  const changes = plan.changes.map(({ field, from, to }) => {
    const theirs = plan.overwritten.includes(field) ? " (a person's edit)" : "";
    return `  ${field}: ${short(from)} → ${short(to)}${theirs}\n`;
  });
  const proof = [plan.confidence, plan.evidence].filter((each) => each !== null).join(", ");
  const how = (proof === "" ? "" : ` (${proof})`) +
    (plan.path === null ? "" : ` ${escapeLine(plan.path)}`);
  return `${name} → item ${plan.rating_key}${how}${why}\n${changes.join("")}${left}`;
}

function short(value: string): string {
  const flat = JSON.stringify(value);
  return escapeLine(flat.length <= 100 ? flat : `${flat.slice(0, 97)}…"`);
}
