import { openInstallation, openServerSettings } from "../../app/installation.ts";
import { type PlanReport, reportPlan } from "../../app/scenes/plan_report.ts";
import { planTotalsText } from "../../app/scenes/plan_totals.ts";
import { redactorOf } from "../../app/redactor.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { planText } from "./plan_text.ts";
import { Progress } from "../terminal/progress.ts";
import { readScope, SCOPE_FLAGS } from "../frame/scope.ts";

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
  // Only sync has it: what is shown is what the sync would do.
  const force = invocation.switches.has("force");
  const work = { progress: progress.show.bind(progress), force };
  const report = await reportPlan(scope, installation, work, full);
  progress.end();
  const redact = redactorOf(settings);
  if (invocation.json) await printJson(report, redact, invocation);
  else {
    const { stdout } = invocation.world;
    stdout(planTotalsText(report.totals));
    for await (const plan of unhurried(report.plans, invocation)) stdout(planText(redact(plan)));
    if (report.more > 0) stdout(`… and ${report.more} more: --full shows all of them\n`);
  }
  return 0;
}

/** So many are printed at a time. */
const AT_A_TIME = 50;

/** Printed for a caller at the service's socket, each part has to leave before the next is made. */
async function* unhurried(plans: PlanReport["plans"], { world }: Invocation) {
  let count = 0;
  for (const plan of plans) {
    yield plan;
    if (++count % AT_A_TIME === 0) await world.runtime.sleep(0);
  }
}

/** Piece by piece: the whole may be larger than memory. */
async function printJson(
  { totals, plans, more }: PlanReport,
  redact: ReturnType<typeof redactorOf>,
  invocation: Invocation,
): Promise<void> {
  const { world } = invocation;
  const indented = (value: unknown, by: string) =>
    JSON.stringify(value, null, 2).replaceAll("\n", `\n${by}`);
  world.stdout(`{\n  "totals": ${indented(totals, "  ")},\n  "scenes": [`);
  let before = "\n    ";
  for await (const plan of unhurried(plans, invocation)) {
    world.stdout(before + indented(redact(plan), "    "));
    before = ",\n    ";
  }
  world.stdout(`${before.startsWith(",") ? "\n  " : ""}],\n  "more": ${more}\n}\n`);
}
