import type { Config } from "../config/config.ts";
import type { Need } from "../config/schema.ts";
import { UserError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { lockHolder } from "../app/lock.ts";
import type { PluginInput } from "../stash/plugin_protocol.ts";
import type { Store } from "../store/store.ts";
import type { Invocation } from "./command.ts";
import type { Task, TaskContext, TaskNeed } from "./plugin_task_context.ts";
import { TASKS } from "./plugin_tasks.ts";
import { redactorOf } from "../app/redactor.ts";
import { sayUnread } from "./server_session.ts";
import { openSession, openStoreOf, type Session } from "./session.ts";
import { readStashSettings } from "../app/stash_settings.ts";

/**
 * Runs the task that Stash asks for, in this process.
 * @returns what it did or found
 * @throws {UserError} there is no such task, or settings that it needs are missing
 */
export async function runTask(
  { args, connection }: Pick<PluginInput, "args" | "connection">,
  invocation: Invocation,
): Promise<string> {
  const task = taskOf(args.mode);
  const { runtime } = invocation.world;
  const first = openSession(invocation, "offline", [], { plugin: true });
  const { settings, failed } = await readStashSettings(first.loaded, connection, runtime);
  if (failed !== null) sayUnread(first, failed);
  first.close();
  const options = { plugin: true, pluginSettings: settings, quiet: true };
  const session = openSession(invocation, "offline", [], options);
  let store: Promise<Store> | null = null;
  try {
    const missing = missingNeed(task.need, session.config);
    if (missing !== null) openSession(invocation, missing, [], options);
    const context = contextOf(
      session,
      invocation,
      () => store ??= openStoreOf(session, invocation),
    );
    const lines = redactorOf(session)(await task.run(context));
    for (const line of lines) {
      context.log.info(line, { event: "task", key: task.mode, said: ["key"] });
    }
    return lines.join("\n");
  } finally {
    if (store !== null) (await (store as Promise<Store>)).close();
    session.close();
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
    2,
    near,
  );
}

/** The servers whose settings are not there, though the task needs them. */
function missingNeed(need: TaskNeed, config: Config): Need | null {
  const noPlex = need === "both" && (config.plexUrl === "" || config.plexToken === "");
  // A Stash that was found without a setting needs none, not even a key.
  if (need === "nothing" || config.stashUrl !== "") return noPlex ? "plex" : null;
  return noPlex ? "daemon" : "stash";
}

function contextOf(
  { config, files, log }: Session,
  { world }: Invocation,
  store: () => Promise<Store>,
): TaskContext {
  const taskLog = log.child("Task");
  return {
    config,
    files,
    log: taskLog,
    runtime: world.runtime,
    pid: world.pid,
    nativeLibrary: world.env.DENO_SQLITE_PATH,
    daemonRuns: lockHolder(files.lock) !== null,
    inDaemon: false,
    store,
    long: (_name, work) =>
      work({
        progress: (done, total) => {
          if (total !== null && total > 0) taskLog.progress(done / total);
        },
        // Stash ends a task by killing it (stash-api 1.8): there is nothing to listen for.
        stop: new AbortController().signal,
      }),
  };
}
