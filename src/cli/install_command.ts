import type { Command } from "./command.ts";
import { installStashPlugin } from "./install_stash_plugin.ts";

export const command: Command = {
  usage: "install",
  summary: "Make Stash call plexsync for each change, and show its tasks and settings",
  flags: [
    { name: "exec", value: "FILE", meaning: "the executable that Stash starts; default: this one" },
    {
      name: "remote",
      value: "URL",
      meaning: "the daemon's HTTP listener, which Stash calls instead",
    },
    { name: "plugins-dir", value: "DIR", meaning: "Stash's plugins folder, where it is not found" },
    {
      name: "timeout",
      value: "TIME",
      meaning: "with --remote: limit of a call, default 10s; 0: none",
    },
    { name: "print", meaning: "only print the manifest" },
  ],
  actions: { "stash-plugin": { summary: "the plugin in Stash's plugins folder" } },
  examples: [
    {
      line: "plexsync install stash-plugin",
      tells: "Stash starts this executable for each change",
    },
    {
      line: "plexsync install stash-plugin --remote http://plexsync:9797",
      tells: "Stash calls the daemon: for a Stash in a container",
    },
  ],
  notes: [
    "Stash's official Docker image is Alpine, where the executable does not start: there, and for " +
    "any other container, let the daemon listen and use --remote. It needs sh and busybox in " +
    "Stash's container.",
    "The plugin works on the data directory that this command would use, so name the daemon's.",
    "With --remote the manifest holds listen_token; it is written for its owner's eyes only.",
    "plexsync uninstall stash-plugin removes it again.",
  ],
  run: installStashPlugin,
};
