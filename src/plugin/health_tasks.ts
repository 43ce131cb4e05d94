import { STASH } from "../core/jobs/course.ts";
import { outageSums, SUMMED_DAYS } from "../app/reports/outage_sums.ts";
import { checkServers, NOT_ASKED, type ServerCheck } from "../app/checks/server_check.ts";
import { problemsNow } from "../app/reports/status_report.ts";
import { formatDuration } from "../core/time/duration.ts";
import { outageText } from "../core/failures/outage_text.ts";
import { type Problem, problemLine } from "../core/failures/problems.ts";
import type { TaskContext, TaskLine } from "./task_context.ts";

const OUTAGES_SHOWN = 5;

export async function checkHealth(context: TaskContext): Promise<TaskLine[]> {
  const installation = await context.installation();
  const servers = await checkServers(installation);
  const problems = problemsNow(installation, servers);
  return [
    ...[...installation.targets, { key: STASH, title: "Stash" }].map(({ key, title }) =>
      `${title}: ${serverText(servers[key] ?? NOT_ASKED)}`
    ),
    ...(problems.length === 0 ? ["All is well"] : problems.map(lineOf)),
  ];
}

/** Without a daemon the task Process queue does the work: that is a way to live. */
function lineOf(problem: Problem): TaskLine {
  const line = problemLine(problem);
  return problem.id === "daemon_stopped" ? line : { warning: line };
}

function serverText({ reachable, authorized, version, latency_ms, error }: ServerCheck): string {
  if (reachable === null) return "not configured";
  if (!reachable) return "does not answer";
  if (authorized === false) return "answers, but refuses the token or key";
  if (error !== null) return "answers with a fault";
  return `answers in ${latency_ms} ms (${version ?? "unknown version"})`;
}

export async function showOutages({ installation, settings }: TaskContext): Promise<TaskLine[]> {
  const { sums, newest } = outageSums(await installation(), OUTAGES_SHOWN);
  const now = settings.runtime.now();
  const within = `within ${SUMMED_DAYS} days`;
  return [
    ...sums.map(({ server, count, down_ms }) => {
      if (count === 0) return `${server}: no outage ${within}`;
      const times = count === 1 ? "once" : `${count} times`;
      return `${server}: down ${times} ${within}, ${formatDuration(down_ms)} in all`;
    }),
    ...newest.map((outage) => outageText(outage, now)),
  ];
}
