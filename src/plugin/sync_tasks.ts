import { enqueueScenes } from "../app/enqueue.ts";
import { DAY_MS } from "../core/duration.ts";
import { plural } from "../core/wording.ts";
import type { BulkScope } from "../intake/bulk.ts";
import type { TaskContext, TaskLine } from "./task_context.ts";

export function syncAll(context: TaskContext): Promise<TaskLine[]> {
  return enqueue(context, "Queueing all scenes", { kind: "all" });
}

export function syncRecent(context: TaskContext): Promise<TaskLine[]> {
  return enqueue(context, "Queueing recent scenes", { kind: "recent", windowMs: DAY_MS });
}

function enqueue(context: TaskContext, name: string, scope: BulkScope): Promise<TaskLine[]> {
  return context.long(name, async (long) => {
    const { added, merged } = await enqueueScenes(scope, await context.installation(), long);
    const there = merged > 0 ? `, ${merged} of them were there already` : "";
    const hint = context.daemonRuns ? "" : "; no daemon runs: the task Process queue works on them";
    return [`Queued ${plural(added + merged, "scene")}${there}${hint}`];
  });
}
