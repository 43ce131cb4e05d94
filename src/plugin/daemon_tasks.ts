import type { LongWork } from "../app/enqueue.ts";
import type { Installation, Settings } from "../app/installation.ts";
import { asPlexsyncError, UserError } from "../core/errors.ts";
import { taskOf } from "./run_task.ts";
import type { TaskContext } from "./task_context.ts";

type Work = Parameters<TaskContext["long"]>[1];

/** The tasks of Stash within the daemon, whose store they share. */
export class DaemonTasks {
  readonly #context: TaskContext;
  readonly #stop = new AbortController();
  #underWay: { name: string; ended: Promise<void> } | null = null;

  constructor(outer: Settings, installation: Installation) {
    const log = outer.log.child("Task");
    this.#context = {
      settings: { ...outer, log },
      daemonRuns: true,
      inDaemon: true,
      installation: () => Promise.resolve({ ...installation, log }),
      long: (name, work) => Promise.resolve(this.#begin(name, work)),
    };
  }

  /**
   * Answers within seconds; longer work goes on behind the answer.
   * @throws {UserError} there is no such task, or another one is under way
   */
  async run(mode: unknown): Promise<string> {
    const lines = await taskOf(mode).run(this.#context);
    return lines.join("\n");
  }

  /** Stops what goes on behind the answers; resolves when it has ended. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#underWay?.ended;
  }

  /** One at a time: each of them reads all of a library. */
  #begin(name: string, work: Work): string[] {
    if (this.#underWay !== null) {
      const { name: other } = this.#underWay;
      throw new UserError(`${other} is under way`, "failed", "Wait until it is through");
    }
    const ended = this.#carryOut(name, work).finally(() => this.#underWay = null);
    this.#underWay = { name, ended };
    return [`${name} has begun; the daemon's log tells what came of it`];
  }

  /** Never rejects. */
  async #carryOut(name: string, work: Work): Promise<void> {
    const { log } = this.#context.settings;
    const long: Required<LongWork> = { progress: () => {}, stop: this.#stop.signal };
    try {
      for (const line of await work(long)) log.info(line, { event: "task" });
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      const { message, hint } = thrown instanceof UserError ? thrown : asPlexsyncError(thrown);
      log.warning(`${name} failed: ${message}`, { event: "task_failed", hint });
    }
  }
}
