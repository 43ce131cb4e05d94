import type { Command } from "../frame/command.ts";
import { takeBack, UNDO_FLAGS } from "./undo_command.ts";

export const command: Command = {
  usage: "detach [--keep-values] [--dry-run]",
  summary: "Leave Plex as it was before plexsync, or only unlock what it locked",
  flags: [
    { name: "keep-values", meaning: "leave all values, and open their locks" },
    ...UNDO_FLAGS,
  ],
  notes: [
    "Without --keep-values this is undo --all. What remains is named: what somebody changed since, " +
    "and images that Plex cannot be without again.",
    "Stop the daemon afterwards: what changes in Stash later would be written again.",
  ],
  isServed: true,
  examples: [
    { line: "plexsync detach", tells: "everything back" },
    { line: "plexsync detach --keep-values", tells: "keep what Plex shows, unlocked" },
  ],
  run: (invocation) =>
    invocation.switches.has("keep-values")
      ? takeBack({ kind: "unlock" }, "detach --keep-values", invocation, stopText)
      : takeBack({ kind: "all" }, "detach", invocation, stopText),
};

function stopText(isRunning: boolean): string {
  return isRunning
    ? "The daemon still runs, and writes what changes in Stash from now on: stop it now\n"
    : "";
}
