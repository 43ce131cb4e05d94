import { DAY_MS, formatDuration } from "../core/duration.ts";
import { outageMetrics } from "../core/outage_metrics.ts";
import { statusReport } from "../app/status_report.ts";
import { outageText } from "./outage_text.ts";
import type { TaskContext } from "./plugin_task_context.ts";
import { checkServers, type ServerCheck } from "../app/server_check.ts";

const OUTAGES_SHOWN = 5;
const MONTH_MS = 30 * DAY_MS;

export async function checkHealth(context: TaskContext): Promise<string[]> {
  const store = await context.store();
  const servers = await checkServers(context, store, context.runtime);
  const now = context.runtime.now();
  const { problems } = statusReport({ ...context, store, servers, driver: store.driver, now });
  return [
    `Plex: ${serverText(servers.plex)}`,
    `Stash: ${serverText(servers.stash)}`,
    ...(problems.length === 0 ? ["All is well"] : problems),
  ];
}

function serverText({ reachable, authorized, version, latency_ms, error }: ServerCheck): string {
  if (reachable === null) return "not configured";
  if (!reachable) return "does not answer";
  if (authorized === false) return "answers, but refuses the token or key";
  if (error !== null) return "answers with a fault";
  return `answers in ${latency_ms} ms (${version ?? "unknown version"})`;
}

export async function showOutages({ store, runtime }: TaskContext): Promise<string[]> {
  const { outages } = await store();
  const now = runtime.now();
  const since = now - MONTH_MS;
  const servers = [["Plex", "plex"], ["Stash", "stash"]] as const;
  const sums = servers.map(([name, server]) => {
    const known = outages.recent(1_000, server)
      .filter(({ ended_at }) => ended_at === null || ended_at >= since);
    const { count, down_ms } = outageMetrics(known, since, now);
    if (count === 0) return `${name}: no outage within 30 days`;
    const times = count === 1 ? "once" : `${count} times`;
    return `${name}: down ${times} within 30 days, ${formatDuration(down_ms)} in all`;
  });
  return [...sums, ...outages.recent(OUTAGES_SHOWN).map((outage) => outageText(outage, now))];
}
