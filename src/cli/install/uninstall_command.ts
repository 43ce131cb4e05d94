import type { Command } from "../frame/command.ts";
import { uninstallStashPlugin } from "./install_stash_plugin.ts";
import { uninstallSystemd } from "./install_systemd.ts";

export const command: Command = {
  usage: "uninstall",
  summary: "Remove the plugin from Stash again, or the service",
  flags: [
    { name: "plugins-dir", value: "DIR", meaning: "Stash's plugins folder, where it is not found" },
    { name: "user", meaning: "a service of yours instead of the machine's" },
    { name: "unit-dir", value: "DIR", meaning: "where the unit is instead" },
  ],
  actions: {
    "stash-plugin": { summary: "the plugin in Stash's plugins folder", flags: ["plugins-dir"] },
    systemd: { summary: "the service that runs the daemon", flags: ["user", "unit-dir"] },
  },
  examples: [
    { line: "plexsync uninstall stash-plugin", tells: "Stash calls plexsync no more" },
    { line: "plexsync uninstall systemd", tells: "nothing runs the daemon any more" },
  ],
  notes: ["The settings in Stash, the queue and all that was written to Plex stay as they are."],
  run: (invocation) =>
    invocation.action === "systemd"
      ? uninstallSystemd(invocation)
      : uninstallStashPlugin(invocation),
};
