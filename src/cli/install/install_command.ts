import type { Command } from "../frame/command.ts";
import { installStashPlugin } from "./install_stash_plugin.ts";
import { installSystemd } from "./install_systemd.ts";

export const command: Command = {
  usage: "install",
  summary: "Make Stash call plexsync for each change, or systemd run the daemon",
  flags: [
    { name: "exec", value: "FILE", meaning: "the executable that is started; default: this one" },
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
    { name: "print", meaning: "only print what would be written" },
    { name: "user", meaning: "a service of yours instead of the machine's" },
    { name: "run-as", value: "USER", meaning: "the user it runs as; default: one of its own" },
    { name: "group", value: "GROUP", meaning: "its members may use commands beside the service" },
    { name: "unit-dir", value: "DIR", meaning: "where the unit is written instead" },
  ],
  actions: {
    "stash-plugin": {
      summary: "the plugin in Stash's plugins folder",
      flags: ["exec", "remote", "plugins-dir", "timeout", "print"],
    },
    systemd: {
      summary: "a service that runs the daemon",
      flags: ["exec", "user", "run-as", "group", "unit-dir", "print"],
    },
  },
  examples: [
    {
      line: "plexsync install stash-plugin",
      tells: "Stash starts this executable for each change",
    },
    {
      line: "plexsync install stash-plugin --remote http://plexsync:9797",
      tells: "Stash calls the daemon: for a Stash in a container",
    },
    { line: "plexsync install systemd", tells: "the daemon as a service of the machine" },
  ],
  notes: [
    "The service of the machine has no rights but to its own state and the network; config file " +
    "and secrets are handed over to it, and stay readable for root alone.",
    "Stash's official Docker image is Alpine, where the executable does not start: there, and for " +
    "any other container, let the daemon listen and use --remote. It needs sh and busybox in " +
    "Stash's container.",
    "The plugin works on the data directory that this command would use, so name the daemon's.",
    "With --remote the manifest holds listen_token; it is written for its owner's eyes only.",
    "plexsync uninstall removes each again.",
  ],
  run: (invocation) =>
    invocation.action === "systemd" ? installSystemd(invocation) : installStashPlugin(invocation),
};
