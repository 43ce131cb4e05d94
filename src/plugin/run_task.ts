import {
  type Installation,
  openInstallation,
  openTaskSettings,
  type Settings,
  type Surroundings,
} from "../app/installation.ts";
import { lockHolder } from "../app/data/lock.ts";
import { redactorOf } from "../app/redactor.ts";
import { UserError } from "../core/failures/errors.ts";
import { nearest } from "../core/text/nearest.ts";
import type { PluginInput } from "./protocol.ts";
import { lineText, logLines, type Task, type TaskContext } from "./task_context.ts";
import { TASKS } from "./tasks.ts";

/**
 * Runs the task that Stash asks for, in this process.
 * @returns what it did or found
 * @throws {UserError} there is no such task, or settings that it needs are missing
 */
export async function runTask(
  { args, connection }: Pick<PluginInput, "args" | "connection">,
  around: Surroundings,
): Promise<string> {
  const task = taskOf(args.mode);
  const open = { ...around, plugin: true };
  using opened = await openTaskSettings(open, connection, task.need);
  const settings = { ...opened, log: opened.log.child("Task") };
  let installation: Promise<Installation & Disposable> | null = null;
  try {
    const context = contextOf(settings, () => installation ??= openInstallation(settings));
    const lines = redactorOf(settings)(await task.run(context));
    logLines(lines, settings.log, task.mode);
    return lines.map(lineText).join("\n");
  } finally {
    if (installation !== null) (await (installation as Promise<Disposable>))[Symbol.dispose]();
  }
}

/**
 * The task with this mode.
 * @throws {UserError} none has it
 */
export function taskOf(mode: unknown): Task {
  const task = TASKS.find((each) => each.mode === mode);
  if (task !== undefined) return task;
  const known = TASKS.map((each) => each.mode);
  const near = typeof mode === "string" ? `The nearest is ${nearest(mode, known)}` : undefined;
  throw new UserError(
    `There is no task ${JSON.stringify(mode ?? null)}: mode must be one of ${known.join(", ")}`,
    "usage",
    near,
  );
}

function contextOf(settings: Settings, installation: () => Promise<Installation>): TaskContext {
  const { log, files } = settings;
  return {
    settings,
    daemonRuns: lockHolder(files.lock) !== null,
    inDaemon: false,
    installation,
    long: (_name, work) =>
      work({
        progress: (done, total) => {
          if (total !== null && total > 0) log.progress(done / total);
        },
        // Stash ends a task by killing it: there is nothing to listen for.
        stop: new AbortController().signal,
      }),
  };
}
