import type { PluginInput } from "../stash/plugin_protocol.ts";

/** What runs tasks of Stash within the daemon, for a Stash that can only send them by HTTP. */
export interface DaemonTasks {
  /**
   * Answers within seconds; longer work goes on behind the answer.
   * @throws {UserError} there is no such task, or another one is under way
   */
  run(input: PluginInput): Promise<string>;
  /** Stops what goes on behind the answers; resolves when it has ended. */
  end(): Promise<void>;
}
