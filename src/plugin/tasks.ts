import { clearAll, listAll, purgeOld, retryAll, retryOutage } from "./dead_tasks.ts";
import { checkHealth, showOutages } from "./health_tasks.ts";
import { processQueue } from "./process_task.ts";
import { clearIndex, clearQueue, showQueue } from "./queue_tasks.ts";
import { reconcileTask } from "./reconcile_task.ts";
import { CONFIRMED_NAME, syncAll, syncAllConfirmed, syncRecent } from "./sync_tasks.ts";
import type { Task } from "./task_context.ts";

/** All tasks, in the order in which Stash lists them. */
export const TASKS: readonly Task[] = [
  {
    mode: "sync-all",
    name: "Sync all",
    description: "Queue all scenes. The first time: only show in total what that would change.",
    need: "both",
    run: syncAll,
  },
  {
    mode: "sync-all-confirmed",
    name: CONFIRMED_NAME,
    description: "Agree to the first sync, which Sync all has shown, and queue all scenes.",
    need: "stash",
    run: syncAllConfirmed,
  },
  {
    mode: "sync-recent",
    name: "Sync recent",
    description: "Queue the scenes that changed within the last 24 hours.",
    need: "stash",
    run: syncRecent,
  },
  {
    mode: "process-queue",
    name: "Process queue",
    description: "Wait until nothing is due. Without a daemon, do the work here.",
    need: "both",
    run: processQueue,
  },
  {
    mode: "queue-status",
    name: "Queue status",
    description: "Say what waits, what was done and what failed.",
    need: "nothing",
    run: showQueue,
  },
  {
    mode: "health",
    name: "Health check",
    description: "Ask Plex and Stash, and say whether anything stands in the way.",
    need: "nothing",
    run: checkHealth,
  },
  {
    mode: "reconcile-all",
    name: "Reconcile all",
    description: "Compare all scenes with Plex and queue those that differ.",
    need: "both",
    run: reconcileTask({ scope: "all" }),
  },
  {
    mode: "reconcile-24h",
    name: "Reconcile 24 hours",
    description: "Compare the scenes that changed within 24 hours and queue those that differ.",
    need: "both",
    run: reconcileTask({ scope: "24h" }),
  },
  {
    mode: "reconcile-7days",
    name: "Reconcile 7 days",
    description: "Compare the scenes that changed within 7 days and queue those that differ.",
    need: "both",
    run: reconcileTask({ scope: "7days" }),
  },
  {
    mode: "reconcile-missing",
    name: "Reconcile missing",
    description: "Compare all scenes and queue only those that Plex does not have.",
    need: "both",
    run: reconcileTask({ scope: "all", only: "missing" }),
  },
  {
    mode: "reconcile-empty",
    name: "Reconcile: only empty",
    description: "Compare all scenes and queue only those whose item in Plex shows nothing yet.",
    need: "both",
    run: reconcileTask({ scope: "all", only: "empty" }),
  },
  {
    mode: "dead-list",
    name: "Dead letters: list",
    description: "Say which scenes were given up, why, and what to do about it.",
    need: "nothing",
    run: listAll,
  },
  {
    mode: "dead-retry",
    name: "Dead letters: retry all",
    description: "Put all scenes that were given up back into the queue.",
    need: "nothing",
    run: retryAll,
  },
  {
    mode: "dead-outage",
    name: "Recover from the last outage",
    description: "Put the scenes back into the queue that failed in Plex's last outage.",
    need: "nothing",
    run: retryOutage,
  },
  {
    mode: "dead-purge",
    name: "Dead letters: purge",
    description: "Remove dead letters older than dlq_retention_days.",
    need: "nothing",
    run: purgeOld,
  },
  {
    mode: "dead-clear",
    name: "Dead letters: clear",
    description: "Remove all dead letters. The scenes are not synced until they change.",
    need: "nothing",
    run: clearAll,
  },
  {
    mode: "queue-clear",
    name: "Clear queue",
    description: "Remove all jobs but those in work. What they were for is forgotten.",
    need: "nothing",
    run: clearQueue,
  },
  {
    mode: "outages",
    name: "Outage summary",
    description: "Say when Plex or Stash was down, for how long and why.",
    need: "nothing",
    run: showOutages,
  },
  {
    mode: "index-clear",
    name: "Clear match index",
    description: "Forget which file is which item: the next sync reads Plex's libraries anew.",
    need: "nothing",
    run: clearIndex,
  },
];
