/** Starts plugins' processes, logs what they say, and ends them all with the server. */
import type { Manifest } from "./manifest.ts";
import { pluginCommand, type Surroundings } from "./plugin_command.ts";
import { type Connection, pluginInput } from "./plugin_input.ts";
import { type LongLines, readLogLine } from "./plugin_log.ts";
import { type PluginResult, readPluginOutput, withExit } from "./plugin_output.ts";
import { PluginProcess, type ProcessEnd } from "./plugin_process.ts";
import type { LogLine, ServerLog } from "./server_log.ts";

/** One (plugin id, trigger) pair for each hook that led to a request: the loop guard's memory. */
export type Visits = readonly (readonly [plugin: string, trigger: string])[];

export interface RunnerOptions {
  log: ServerLog;
  surroundings: () => Surroundings;
  longLines: LongLines;
  /** Lines younger than this at the end of their process are lost; 0 keeps all. */
  lostTailMs: number;
  connection: () => Connection;
  /** Value of a session cookie that carries `visits`, or null. */
  cookie: (visits: Visits) => string | null;
}

export interface PluginCall {
  execArgs?: readonly string[];
  args: Record<string, unknown>;
  visits: Visits;
  /** Fraction from 0 to 1; without it progress lines are ignored. */
  onProgress?: (fraction: number) => void;
}

export interface RunningPlugin {
  pid: number;
  /** The document handed over on stdin. */
  input: Record<string, unknown>;
  /** Never rejects. */
  ended: Promise<PluginResult & Pick<ProcessEnd, "code" | "signal">>;
  kill(): void;
}

export class PluginRunner {
  readonly #options: RunnerOptions;
  readonly #running = new Set<PluginProcess>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** @throws {Error} it cannot be started; the message is what Stash logs */
  start(plugin: Manifest, call: PluginCall): RunningPlugin {
    const { log, surroundings, longLines, connection, cookie } = this.#options;
    if (plugin.interface !== "raw") {
      throw new Error(`the simulated Stash runs no plugin with interface ${plugin.interface}`);
    }
    const input = pluginInput(connection(), plugin.dir, cookie(call.visits), call.args);
    const recent = new Map<LogLine, number>();
    const process = new PluginProcess({
      command: pluginCommand(plugin, call.execArgs ?? [], surroundings()),
      input: JSON.stringify(input),
      longLines,
      onLine: (line) => {
        const message = readLogLine(line, plugin.errLog);
        if (message === undefined) return;
        if ("progress" in message) call.onProgress?.(message.progress);
        else recent.set(log.add(message.level, message.text, plugin.name), performance.now());
      },
      onInputRefused: () => log.add("warning", "error writing input to plugins stdin: broken pipe"),
    });
    this.#running.add(process);
    return {
      pid: process.pid,
      input,
      ended: this.#settle(process, recent),
      kill: () => process.kill(),
    };
  }

  /** Kills what still runs. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((process) => process.abandon()));
  }

  async #settle(process: PluginProcess, recent: Map<LogLine, number>) {
    const { stdout, code, signal } = await process.ended;
    this.#running.delete(process);
    this.#loseTail(recent);
    return { ...withExit(readPluginOutput(stdout), code, signal), code, signal };
  }

  #loseTail(recent: Map<LogLine, number>): void {
    const since = performance.now() - this.#options.lostTailMs;
    const lost = [...recent].filter(([, at]) => at > since).map(([line]) => line);
    if (lost.length > 0) this.#options.log.withdraw(new Set(lost));
  }
}
