import type { LongWork } from "../app/queue/enqueue.ts";
import type { Log } from "../log/logger.ts";
import type { Installation, Settings, TaskNeed } from "../app/installation.ts";

/** What a task works with, in a process of its own or within the daemon. */
export interface TaskContext {
  settings: Settings;
  /** Whether a daemon works on the data directory: this very process, or another one. */
  daemonRuns: boolean;
  /** The task runs within that daemon. */
  inDaemon: boolean;
  /** With the store, opened when it is first asked for; closed by whoever made the context. */
  installation(): Promise<Installation>;
  /**
   * Work that may take longer than the Stash that called wants to wait. In a process of its own
   * it is done here and now, with progress; within the daemon it goes on behind the answer.
   * @param name Completes "… has begun"
   * @returns what to answer, a line each
   */
  long(name: string, work: (long: Required<LongWork>) => Promise<TaskLine[]>): Promise<TaskLine[]>;
}

/** What a task did or found, in one line: a text at level info, or what is wrong at a warning. */
export type TaskLine = string | { warning: string };

export function lineText(line: TaskLine): string {
  return typeof line === "string" ? line : line.warning;
}

/** Says the lines at their levels. @param mode Of the task, where it is known */
export function logLines(lines: readonly TaskLine[], log: Log, mode?: string): void {
  for (const line of lines) {
    const level = typeof line === "string" ? "info" : "warning";
    log[level](lineText(line), { event: "task", key: mode, said: ["key"] });
  }
}

/** One task in Stash's list. */
export interface Task {
  /** `mode` in its arguments. */
  mode: string;
  /** As Stash lists it, and its key in `runPluginTask`: a change breaks people's schedules. */
  name: string;
  description: string;
  need: TaskNeed;
  /** @returns what it did or found; said in the log and answered */
  run(context: TaskContext): Promise<TaskLine[]>;
}
