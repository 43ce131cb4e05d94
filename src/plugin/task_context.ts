import type { LongWork } from "../app/enqueue.ts";
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
  long(name: string, work: (long: Required<LongWork>) => Promise<string[]>): Promise<string[]>;
}

/** One task in Stash's list. */
export interface Task {
  /** `mode` in its arguments. */
  mode: string;
  /** As Stash lists it, and its key in `runPluginTask`: a change breaks people's schedules. */
  name: string;
  description: string;
  need: TaskNeed;
  /** @returns what it did or found, a line each; said at info and answered */
  run(context: TaskContext): Promise<string[]>;
}
