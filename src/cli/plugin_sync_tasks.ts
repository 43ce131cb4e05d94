import { DAY_MS } from "../core/duration.ts";
import { type BulkScope, enqueueBulk } from "../intake/bulk.ts";
import { stashOf } from "../app/servers.ts";
import { plural } from "./output.ts";
import type { TaskContext } from "./plugin_task_context.ts";
import { beginToWatch } from "./sync.ts";

export function syncAll(context: TaskContext): Promise<string[]> {
  return enqueue(context, "Queueing all scenes", { kind: "all" });
}

export function syncRecent(context: TaskContext): Promise<string[]> {
  return enqueue(context, "Queueing recent scenes", { kind: "recent", windowMs: DAY_MS });
}

/** A kill between two pages leaves the pages so far queued; a repeat queues no scene twice. */
function enqueue(context: TaskContext, name: string, scope: BulkScope): Promise<string[]> {
  const { config, runtime, daemonRuns } = context;
  return context.long(name, async ({ progress, stop }) => {
    const store = await context.store();
    const stash = stashOf(config, stop);
    if (scope.kind === "all") await beginToWatch(store, stash, runtime);
    let sum = { added: 0, merged: 0 };
    for await (
      const { added, merged, total } of enqueueBulk(scope, stash, store.jobs, runtime)
    ) {
      sum = { added, merged };
      progress(added + merged, total);
    }
    const there = sum.merged > 0 ? `, ${sum.merged} of them were there already` : "";
    const hint = daemonRuns ? "" : "; no daemon runs: the task Process queue works on them";
    return [`Queued ${plural(sum.added + sum.merged, "scene")}${there}${hint}`];
  });
}
