import type { Config } from "../config/config.ts";
import type { Runtime } from "../core/runtime.ts";
import type { Files } from "../app/data_files.ts";
import type { Log } from "../log/logger.ts";
import type { Store } from "../store/store.ts";

/** What long work is given. */
export interface LongWork {
  /** @param total null while it is unknown */
  progress(done: number, total: number | null): void;
  /** Aborted when the work is no longer wanted. */
  stop: AbortSignal;
}

/** What a task works with, in a process of its own or within the daemon. */
export interface TaskContext {
  config: Config;
  files: Files;
  log: Log;
  runtime: Runtime;
  pid: number;
  /** Path of an SQLite library for `@db/sqlite`, or undefined. */
  nativeLibrary: string | undefined;
  /** Whether a daemon works on the data directory: this very process, or another one. */
  daemonRuns: boolean;
  /** The task runs within that daemon. */
  inDaemon: boolean;
  /** The store, opened when it is first asked for; closed by whoever made the context. */
  store(): Promise<Store>;
  /**
   * Work that may take longer than the Stash that called wants to wait. In a process of its own
   * it is done here and now, with progress; within the daemon it goes on behind the answer.
   * @param name Completes "… has begun"
   * @returns what to answer, a line each
   */
  long(name: string, work: (long: LongWork) => Promise<string[]>): Promise<string[]>;
}

/** The servers that a task cannot do without. */
export type TaskNeed = "nothing" | "stash" | "both";

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
