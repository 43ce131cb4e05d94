import { openInstallation, openServerSettings } from "../app/installation.ts";
import { type PlanReport, reportPlan } from "../app/plan_report.ts";
import { planTotalsText } from "../app/plan_totals.ts";
import { redactorOf } from "../app/redactor.ts";
import type { Command, Invocation } from "./command.ts";
import { planText } from "./plan_text.ts";
import { Progress } from "./progress.ts";
import { readScope, SCOPE_FLAGS } from "./scope.ts";

export const command: Command = {
  usage: "plan (--all | --recent 24h | --scene ID,…) [--full]",
  summary: "Show what a sync would change, in total and per field, without writing",
  flags: [
    ...SCOPE_FLAGS,
    { name: "full", meaning: "show every scene that would change, not only the first ones" },
  ],
  notes: [
    "An edit of a person is a locked field, or one that no longer holds what plexsync wrote.",
    "Of items that were never written, covers are looked at only with --scene.",
  ],
  isServed: true,
  examples: [
    { line: "plexsync plan --all", tells: "what the first sync would do" },
    { line: "plexsync plan --all --full", tells: "every scene of it" },
    { line: "plexsync plan --scene 12,34", tells: "two scenes, field by field" },
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const scope = readScope(invocation);
  // Whoever names scenes one by one wants to see them all.
  const full = invocation.switches.has("full") || scope.kind === "scenes";
  using settings = await openServerSettings(invocation.around, { need: "daemon" });
  using installation = await openInstallation(settings);
  const progress = new Progress(invocation, "Planned");
  const work = { progress: progress.show.bind(progress) };
  const report = await reportPlan(scope, installation, work, full);
  progress.end();
  const redact = redactorOf(settings);
  if (invocation.json) printJson(report, redact, invocation);
  else {
    const { stdout } = invocation.world;
    stdout(planTotalsText(report.totals));
    for (const plan of report.plans) stdout(planText(redact(plan)));
    if (report.more > 0) stdout(moreText(report));
  }
  return 0;
}

/** What was planned and is not shown. */
export function moreText({ more }: Pick<PlanReport, "more">): string {
  return `… and ${more} more: plexsync plan --all --full shows all of them\n`;
}

/** Piece by piece: the whole may be larger than memory. */
function printJson(
  { totals, plans, more }: PlanReport,
  redact: ReturnType<typeof redactorOf>,
  { world }: Invocation,
): void {
  const indented = (value: unknown, by: string) =>
    JSON.stringify(value, null, 2).replaceAll("\n", `\n${by}`);
  world.stdout(`{\n  "totals": ${indented(totals, "  ")},\n  "scenes": [`);
  let before = "\n    ";
  for (const plan of plans) {
    world.stdout(before + indented(redact(plan), "    "));
    before = ",\n    ";
  }
  world.stdout(`${before.startsWith(",") ? "\n  " : ""}],\n  "more": ${more}\n}\n`);
}
