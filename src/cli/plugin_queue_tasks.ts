import { formatDuration } from "../core/duration.ts";
import { readFigures } from "../store/read_figures.ts";
import { countsText, plural } from "./output.ts";
import type { TaskContext } from "./plugin_task_context.ts";

export async function showQueue(context: TaskContext): Promise<string[]> {
  const store = await context.store();
  const now = context.runtime.now();
  const figures = readFigures(store, null, now);
  const { queue, oldest_at, dead_letters } = figures;
  const fanouts = store.fanouts.list().length;
  const age = oldest_at === null ? "" : `, the oldest for ${formatDuration(now - oldest_at)}`;
  return [
    `Queue: ${queue.ready} due or to be tried again, ${queue.running} in work, ` +
    `${queue.waiting} waiting for Plex${age}`,
    ...(fanouts === 0 ? [] : [`Renames on their way to their scenes: ${fanouts}`]),
    `Done so far: ${figures.jobs_processed}, ${figures.success_rate}% succeeded`,
    `Dead letters: ${countsText(dead_letters)}`,
    context.daemonRuns ? "The daemon works on it" : "No daemon works on it",
  ];
}

export async function clearQueue({ store, daemonRuns }: TaskContext): Promise<string[]> {
  const queue = (await store()).queue;
  // What a living daemon has in hand cannot be taken away from it.
  const states = daemonRuns ? ["ready", "waiting"] as const : undefined;
  const cleared = queue.clear({ states });
  const left = queue.extent({}).count;
  return [
    `Removed ${plural(cleared, "job")} from the queue` +
    (left === 0 ? "" : `; ${left} in work were left alone`),
  ];
}

export async function clearIndex({ store }: TaskContext): Promise<string[]> {
  const { index } = await store();
  const { items, files } = index.count();
  index.clear();
  return [`Forgot ${plural(items, "item")} with ${plural(files, "file")}`];
}
