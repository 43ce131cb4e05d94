import { enqueueScenes } from "../app/queue/enqueue.ts";
import { agreeToFullSync, isFullSyncAgreed } from "../app/queue/full_sync.ts";
import { reportPlan } from "../app/scenes/plan_report.ts";
import { planLines } from "../app/scenes/plan_totals.ts";
import { DAY_MS } from "../core/time/duration.ts";
import { plural } from "../core/text/wording.ts";
import type { BulkScope } from "../intake/bulk.ts";
import type { TaskContext, TaskLine } from "./task_context.ts";

const ALL = { kind: "all" } as const;

/**
 * A task cannot ask. The first time it shows the totals of the plan, and names the task that agrees
 * to it.
 */
export async function syncAll(context: TaskContext): Promise<TaskLine[]> {
  const installation = await context.installation();
  if (isFullSyncAgreed(installation.store)) {
    return await enqueue(context, "Queueing all scenes", ALL);
  }
  return await context.long("Planning the first sync of all scenes", async (long) => {
    const { totals } = await reportPlan(ALL, installation, long);
    return [
      ...planLines(totals),
      {
        warning: `Nothing is queued yet. To agree to this first sync, run the task ` +
          `"${CONFIRMED_NAME}", or plexsync sync --all --yes`,
      },
    ];
  });
}

/** Its name says what it does. */
export const CONFIRMED_NAME = "Sync all, confirmed";

export async function syncAllConfirmed(context: TaskContext): Promise<TaskLine[]> {
  agreeToFullSync(await context.installation());
  return await enqueue(context, "Queueing all scenes", ALL);
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
