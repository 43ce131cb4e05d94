import { UserError } from "../core/errors.ts";
import { actionOf } from "../core/hook.ts";
import { hookOutput } from "../intake/hook.ts";
import { parsePluginInput } from "../stash/plugin_protocol.ts";
import type { Command, Invocation } from "./command.ts";
import { answering, readInput } from "./plugin_io.ts";
import type { World } from "./world.ts";

// Whoever saves in Stash waits for this process, for each scene of a bulk edit anew (stash-api
// 0.1, 0.2): what a hook does not need is loaded behind a decision, and never here.

export const command: Command = {
  usage: "plugin",
  summary: "Called by Stash: takes a hook or runs a task, as the document on stdin says",
  notes: [
    "plexsync install stash-plugin writes the manifest that makes Stash call it.",
    'The answer is one JSON object on stdout: {"output": …} or {"error": …}.',
  ],
  run: ({ world, values }) => answering(world, () => take(values, world)),
};

type Values = Invocation["values"];

/**
 * `plexsync plugin …` without what other commands need.
 * @param args What stands behind `plugin`
 * @returns the exit code
 */
export async function pluginMain(args: readonly string[], world: World): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    const { program } = await import("./program.ts");
    return await program(["plugin", ...args], world);
  }
  return await answering(world, async () => {
    const values = plainValues(args) ?? await checkedValues(args);
    return await take(values, world);
  });
}

/** The flags that manifests carry, both with a value. */
const MANIFEST_FLAGS = ["--data-dir", "--config"];

/** The values if there is nothing but what a manifest carries, else null. */
function plainValues(args: readonly string[]): Values | null {
  const values: Record<string, string> = {};
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at]!, args[at + 1]];
    if (!MANIFEST_FLAGS.includes(name) || !value || value.startsWith("-")) return null;
    values[name.slice(2)] = value;
  }
  return values;
}

/** @throws {UserError} exit code 2 */
async function checkedValues(args: readonly string[]): Promise<Values> {
  const { readArguments } = await import("./arguments.ts");
  return readArguments(args, command).values;
}

async function take(values: Values, world: World): Promise<unknown> {
  if (Deno.stdin.isTerminal()) {
    throw new UserError(
      "plexsync plugin is called by Stash, which sends a document on stdin",
      2,
      "plexsync install stash-plugin sets it up",
    );
  }
  const input = parsePluginInput(readInput(Deno.stdin));
  if (input.hook === null) {
    const { runTask } = await import("./plugin_task.ts");
    return await runTask(input, { world, values, switches: new Set(), words: [], json: false });
  }
  const action = actionOf(input.hook);
  if (action.kind !== "nothing") {
    const { keep } = await import("./plugin_hook.ts");
    await keep(action, values, world);
  }
  return hookOutput(action);
}
