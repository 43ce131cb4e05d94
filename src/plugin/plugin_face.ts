import type { Installation, Settings, Surroundings } from "../app/installation.ts";
import type { PluginDocuments } from "../app/queue/plugin_documents.ts";
import type { Flavour } from "../app/install/plugin_install.ts";
import { UserError } from "../core/failures/errors.ts";
import { actionOf, hookOutput } from "../core/jobs/hook.ts";
import { VERSION } from "../core/version.ts";
import { DaemonTasks } from "./daemon_tasks.ts";
import { manifestText } from "./manifest.ts";
import { takeHookCall } from "./plugin_main.ts";
import { parsePluginInput } from "./protocol.ts";
import { runTask } from "./run_task.ts";
import { answering, readInput } from "./stdio.ts";
import { TASKS } from "./tasks.ts";

// The plugin's side of commands and of the daemon; what a hook alone needs is in plugin_main.ts.

/**
 * Takes the hook or runs the task that the document on stdin asks for, and answers on stdout.
 * @param exitCodeOf What the process ends with after an error
 */
export function answerStash(
  around: Surroundings,
  exitCodeOf: (thrown: unknown) => number,
): Promise<number> {
  return answering(around.world, () => take(around), exitCodeOf);
}

async function take(around: Surroundings): Promise<string> {
  const { world, flags } = around;
  if (world.stdin === undefined && Deno.stdin.isTerminal()) {
    throw new UserError(
      "plexsync plugin is called by Stash, which sends a document on stdin",
      "usage",
      "plexsync install stash-plugin sets it up",
    );
  }
  const input = parsePluginInput(world.stdin?.() ?? readInput(Deno.stdin));
  return input.hook === null
    ? await runTask(input, around)
    : await takeHookCall(input.hook, flags["data-dir"], world);
}

/** The manifest by which Stash calls plexsync. */
export function manifestOf(flavour: Flavour): string {
  return manifestText(flavour, TASKS, VERSION);
}

/** What takes Stash's documents within the daemon, for a Stash that can only send them by HTTP. */
export function documentsOf(settings: Settings, installation: Installation): PluginDocuments {
  const tasks = new DaemonTasks(settings, installation);
  return {
    read(bytes) {
      const { hook, args: { mode } } = parsePluginInput(bytes);
      if (hook !== null) {
        const action = actionOf(hook);
        return { kind: "hook", action, output: hookOutput(action) };
      }
      return mode === undefined
        ? { kind: "neither" }
        : { kind: "task", run: () => tasks.run(mode) };
    },
    end: () => tasks.end(),
  };
}
