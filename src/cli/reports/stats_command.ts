import { openSettings } from "../../app/installation.ts";
import { redactorOf } from "../../app/redactor.ts";
import { collectStats, metricsText } from "../../app/reports/stats_report.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Command, Invocation } from "../frame/command.ts";
import { readTime } from "../frame/lists.ts";
import { print } from "../terminal/output.ts";
import { paintOf } from "../terminal/paint.ts";
import { statsText } from "./stats_text.ts";
import { watch } from "./stats_watch.ts";

export const command: Command = {
  usage: "stats [--json | --prometheus | --watch] [--since 24h]",
  summary: "Show what was done since the beginning",
  flags: [
    { name: "prometheus", meaning: "print as metrics, for node-exporter's textfile collector" },
    { name: "watch", meaning: "refresh every 2 s, on a terminal" },
    { name: "since", value: "TIME", meaning: "only what was done within this time, such as 24h" },
  ],
  isServed: true,
  examples: [
    { line: "plexsync stats --since 24h", tells: "what was done since yesterday" },
    { line: "plexsync stats --watch", tells: "on a terminal, until Ctrl+C" },
  ],
  notes: [
    "plexsync --stats is the same. Works whether the daemon runs or not.",
    "--since counts single outcomes, which are kept for 90 days; the totals are for ever.",
  ],
  run,
};

async function run(invocation: Invocation): Promise<number> {
  const { world, values, switches } = invocation;
  const forms = ["json", "prometheus", "watch"].filter((form) => switches.has(form));
  if (forms.length > 1) {
    throw new UserError(`--${forms[0]} and --${forms[1]} cannot be joined`, "usage");
  }
  const sinceMs = readTime("since", values.since);
  if (sinceMs !== undefined && switches.has("prometheus")) {
    throw new UserError(
      "--since and --prometheus cannot be joined",
      "usage",
      "Counters never fall",
    );
  }
  using settings = openSettings(invocation.around, { need: "offline" });
  const redact = redactorOf(settings);
  const collect = async () => redact(await collectStats(settings, sinceMs));
  if (switches.has("watch")) {
    return await watch(world, async () => statsText(await collect(), paintOf(world)));
  }
  const report = await collect();
  if (switches.has("prometheus")) {
    world.stdout(metricsText(report, report.daemon !== null, report.now_at));
  } else print(invocation, report, (paint) => statsText(report, paint));
  return 0;
}
