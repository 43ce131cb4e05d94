import { UserError } from "../core/errors.ts";
import { metricsOf } from "../core/metrics.ts";
import { exposition } from "../core/prometheus.ts";
import type { StatsReport } from "../app/stats_report.ts";
import type { Command, Invocation } from "./command.ts";
import { readTime } from "./lists.ts";
import { print } from "./output.ts";
import { paintOf } from "./paint.ts";
import { openSession } from "./session.ts";
import { collectStats } from "./stats_report.ts";
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
    throw new UserError(`--${forms[0]} and --${forms[1]} cannot be joined`, 2);
  }
  if (invocation.words.length > 0) throw new UserError(`Unexpected "${invocation.words[0]}"`, 2);
  const sinceMs = readTime("since", values.since);
  if (sinceMs !== undefined && switches.has("prometheus")) {
    throw new UserError("--since and --prometheus cannot be joined", 2, "Counters never fall");
  }
  const session = openSession(invocation, "offline", ["since"]);
  try {
    const collect = () => collectStats(session, invocation, sinceMs);
    if (switches.has("watch")) {
      return await watch(world, async () => statsText(await collect(), paintOf(world)));
    }
    const report = await collect();
    if (switches.has("prometheus")) world.stdout(metrics(report));
    else print(invocation, report, (paint) => statsText(report, paint));
    return 0;
  } finally {
    session.close();
  }
}

function metrics(report: StatsReport): string {
  return exposition(metricsOf(report, report.daemon !== null, report.now_at));
}
