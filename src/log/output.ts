import type { LogTarget } from "../config/config.ts";

export type ResolvedTarget = Exclude<LogTarget, "auto">;

/**
 * Where log lines go.
 * @param plugin Started by Stash as a plugin
 * @param journalStream stderr is connected to journald (`$JOURNAL_STREAM`)
 */
export function resolveTarget(
  configured: LogTarget,
  { plugin, journalStream }: { plugin: boolean; journalStream: boolean },
): ResolvedTarget {
  if (configured !== "auto") return configured;
  if (plugin) return "stash";
  return journalStream ? "journal" : "console";
}
