import type { Command } from "./command.ts";
import { uninstallStashPlugin } from "./install_stash_plugin.ts";

export const command: Command = {
  usage: "uninstall",
  summary: "Remove the plugin from Stash again",
  flags: [
    { name: "plugins-dir", value: "DIR", meaning: "Stash's plugins folder, where it is not found" },
  ],
  actions: { "stash-plugin": { summary: "the plugin in Stash's plugins folder" } },
  examples: [{ line: "plexsync uninstall stash-plugin", tells: "Stash calls plexsync no more" }],
  notes: ["The settings in Stash, the queue and all that was written to Plex stay as they are."],
  run: uninstallStashPlugin,
};
