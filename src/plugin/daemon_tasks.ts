import type { LongWork } from "../app/queue/enqueue.ts";
import type { Installation, Settings } from "../app/installation.ts";
import type { TaskAnswer } from "../app/queue/plugin_documents.ts";
import { redactorOf } from "../app/redactor.ts";
import { secretsOf } from "../config/secrets.ts";
import { asPlexsyncError, PlexsyncError, UserError } from "../core/failures/errors.ts";
import { createLogger, type Log } from "../log/logger.ts";
import { taskOf } from "./run_task.ts";
import { lineText, logLines, type TaskContext, type TaskLine } from "./task_context.ts";

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

  /** Answers within seconds; longer work goes on behind the answer. Rejects for what is a bug. */
  async run(mode: unknown): Promise<TaskAnswer> {
    const { settings } = this.#context;
    const said: string[] = [];
    const log = stashLog(settings, (text) => said.push(text));
    const answer = (result: TaskAnswer["result"]) => ({ result, log: said.join("") });
    const redact = redactorOf(settings);
    try {
      const lines = redact(await taskOf(mode).run(this.#context));
      logLines(lines, log, String(mode));
      return answer({ output: lines.map(lineText).join("\n") });
    } catch (thrown) {
      if (!(thrown instanceof UserError || thrown instanceof PlexsyncError)) throw thrown;
      const { message, hint } = thrown;
      log.error(message, { event: "task_failed", hint });
      return answer({ error: redact(hint === undefined ? message : `${message} (${hint})`) });
    }
  }

  /** Stops what goes on behind the answers; resolves when it has ended. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#underWay?.ended;
  }

  /** One at a time: each of them reads all of a library. */
  #begin(name: string, work: Work): TaskLine[] {
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
      logLines(await work(long), log);
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      const { message, hint } = thrown instanceof UserError ? thrown : asPlexsyncError(thrown);
      log.warning(`${name} failed: ${message}`, { event: "task_failed", hint });
    }
  }
}

/** A log of one answer, as Stash reads it. */
function stashLog({ config, runtime }: Settings, write: (text: string) => void): Log {
  const decoder = new TextDecoder();
  return createLogger({
    format: config.logFormat,
    target: "stash",
    level: config.logLevel,
    secrets: secretsOf(config),
    obfuscatePaths: config.obfuscatePaths,
    write: (bytes) => write(decoder.decode(bytes)),
    now: runtime.now,
    colour: false,
    component: "Task",
  });
}
