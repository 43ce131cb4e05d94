import { loadDaemon } from "../../daemon/load_daemon.ts";
import type { Command } from "../frame/command.ts";

/** The command, with a turn for others between the parts that it is made of. */
export async function loadRun(): Promise<{ command: Command }> {
  await loadDaemon();
  return await import("./run_command.ts" as string);
}
