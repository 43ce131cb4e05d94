import { UserError } from "../core/errors.ts";
import { parsePluginInput } from "../stash/plugin_protocol.ts";
import type { Command, Invocation } from "./command.ts";
import { answering, readInput } from "./plugin_io.ts";
import { takeHookCall } from "./plugin_main.ts";
import { runTask } from "./plugin_task.ts";

export const command: Command = {
  usage: "plugin",
  summary: "Called by Stash: takes a hook or runs a task, as the document on stdin says",
  notes: [
    "plexsync install stash-plugin writes the manifest that makes Stash call it.",
    'The answer is one JSON object on stdout: {"output": …} or {"error": …}.',
  ],
  run: (invocation) => answering(invocation.world, () => take(invocation)),
};

async function take(invocation: Invocation): Promise<string> {
  const { world, values } = invocation;
  if (world.stdin === undefined && Deno.stdin.isTerminal()) {
    throw new UserError(
      "plexsync plugin is called by Stash, which sends a document on stdin",
      2,
      "plexsync install stash-plugin sets it up",
    );
  }
  const input = parsePluginInput(world.stdin?.() ?? readInput(Deno.stdin));
  return input.hook === null
    ? await runTask(input, invocation)
    : await takeHookCall(input.hook, values, world);
}
