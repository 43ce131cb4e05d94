import {
  clearMatchIndex,
  jobsInHand,
  queueFigures,
  removableJobs,
  removedText,
  removeJobs,
} from "../app/queue/queued_jobs.ts";
import { formatDuration } from "../core/time/duration.ts";
import { countsText, plural } from "../core/text/wording.ts";
import type { TaskContext, TaskLine } from "./task_context.ts";

export async function showQueue(context: TaskContext): Promise<TaskLine[]> {
  const { figures, renames } = queueFigures(await context.installation());
  const { queue, oldest_at, dead_letters } = figures;
  const now = context.settings.runtime.now();
  const age = oldest_at === null ? "" : `, the oldest for ${formatDuration(now - oldest_at)}`;
  return [
    `Queue: ${queue.ready} due or to be tried again, ${queue.running} in work, ` +
    `${queue.waiting} waiting for Plex${age}`,
    ...(renames === 0 ? [] : [`Renames on their way to their scenes: ${renames}`]),
    `Done so far: ${figures.jobs_processed}, ${figures.success_rate}% succeeded`,
    `Dead letters: ${countsText(dead_letters)}`,
    context.daemonRuns ? "The daemon works on it" : "No daemon works on it",
  ];
}

export async function clearQueue(context: TaskContext): Promise<TaskLine[]> {
  const installation = await context.installation();
  const removed = removeJobs(installation, removableJobs(installation, {}).filter);
  const left = jobsInHand(installation, {});
  return [
    removedText(removed) +
    (left === 0 ? "" : `; ${left} in work were left alone`),
  ];
}

export async function clearIndex({ installation }: TaskContext): Promise<TaskLine[]> {
  const { items, files } = clearMatchIndex(await installation());
  return [`Forgot ${plural(items, "item")} with ${plural(files, "file")}`];
}
