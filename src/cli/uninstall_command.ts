import type { Command, Invocation } from "./command.ts";
import { readTarget } from "./install_command.ts";
import { uninstallStashPlugin } from "./install_stash_plugin.ts";

export const command: Command = {
  usage: "uninstall stash-plugin [--plugins-dir DIR]",
  summary: "Remove the plugin from Stash again",
  flags: [
    { name: "plugins-dir", value: "DIR", meaning: "Stash's plugins folder, where it is not found" },
  ],
  notes: ["The settings in Stash, the queue and all that was written to Plex stay as they are."],
  takesWords: true,
  run,
};

async function run(invocation: Invocation): Promise<number> {
  readTarget(invocation, command);
  return await uninstallStashPlugin(invocation);
}
