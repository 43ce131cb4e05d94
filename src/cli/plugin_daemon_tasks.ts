import { asPlexsyncError, UserError } from "../core/errors.ts";
import type { DaemonTasks } from "../daemon/plugin_tasks.ts";
import type { PluginInput } from "../stash/plugin_protocol.ts";
import type { Store } from "../store/store.ts";
import type { World } from "../app/world.ts";
import { taskOf } from "./plugin_task.ts";
import type { LongWork, TaskContext } from "./plugin_task_context.ts";
import type { Session } from "./session.ts";

/** The tasks of Stash within the daemon, whose store they share. */
export class PluginTasks implements DaemonTasks {
  readonly #context: TaskContext;
  readonly #stop = new AbortController();
  #underWay: { name: string; ended: Promise<void> } | null = null;

  constructor({ config, files, log }: Session, { runtime, pid, env }: World, store: Store) {
    this.#context = {
      config,
      files,
      log: log.child("Task"),
      runtime,
      pid,
      nativeLibrary: env.DENO_SQLITE_PATH,
      daemonRuns: true,
      inDaemon: true,
      store: () => Promise.resolve(store),
      long: (name, work) => Promise.resolve(this.#begin(name, work)),
    };
  }

  async run({ args }: Pick<PluginInput, "args">): Promise<string> {
    const lines = await taskOf(args.mode).run(this.#context);
    return lines.join("\n");
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#underWay?.ended;
  }

  /** One at a time: each of them reads all of a library. */
  #begin(name: string, work: (long: LongWork) => Promise<string[]>): string[] {
    if (this.#underWay !== null) {
      throw new UserError(`${this.#underWay.name} is under way`, 1, "Wait until it is through");
    }
    const ended = this.#carryOut(name, work).finally(() => this.#underWay = null);
    this.#underWay = { name, ended };
    return [`${name} has begun; the daemon's log tells what came of it`];
  }

  /** Never rejects. */
  async #carryOut(name: string, work: (long: LongWork) => Promise<string[]>): Promise<void> {
    const { log } = this.#context;
    try {
      const lines = await work({ progress: () => {}, stop: this.#stop.signal });
      for (const line of lines) log.info(line, { event: "task" });
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      const { message, hint } = thrown instanceof UserError ? thrown : asPlexsyncError(thrown);
      log.warning(`${name} failed: ${message}`, { event: "task_failed", hint });
    }
  }
}
