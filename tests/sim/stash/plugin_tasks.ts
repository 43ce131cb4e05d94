/** A plugin run as a job, and at once within a request. */
import { StashError } from "./entities.ts";
import { type HookCaller, unlessAborted } from "./hooks.ts";
import type { Jobs } from "./jobs.ts";
import { pluginArgs } from "./plugin_input.ts";
import type { PluginResult } from "./plugin_output.ts";
import type { PluginRunner } from "./plugin_runner.ts";
import type { Plugins } from "./plugins.ts";
import type { ServerLog } from "./server_log.ts";

type Args = Record<string, unknown>;

export interface TaskRequest {
  pluginId: string;
  /** Without it no task's arguments apply. */
  taskName?: string | null | undefined;
  description?: string | null | undefined;
  args?: Args | null | undefined;
}

export class PluginTasks {
  readonly #plugins: Plugins;
  readonly #runner: PluginRunner;
  readonly #jobs: Jobs;
  readonly #log: ServerLog;

  constructor(plugins: Plugins, runner: PluginRunner, jobs: Jobs, log: ServerLog) {
    this.#plugins = plugins;
    this.#runner = runner;
    this.#jobs = jobs;
    this.#log = log;
  }

  /** @returns id of a job; whatever is wrong shows up there */
  queue(request: TaskRequest, visits: HookCaller["visits"]): string {
    const { pluginId, taskName, description } = request;
    const shown = description ?? taskName ?? pluginId;
    return this.#jobs.add(`Running plugin task: ${shown}`, async ({ signal, progress }) => {
      const running = this.#start(request, visits, progress);
      const ended = running.ended.then((result) => this.#report(result));
      await unlessAborted(ended, signal, () => running.kill());
    });
  }

  /**
   * Outside the queue; progress is ignored.
   * @throws {StashError} the plugin's error, or that of its start
   */
  async operate(pluginId: string, args: Args, { signal, visits }: HookCaller): Promise<unknown> {
    if (this.#plugins.find(pluginId) === undefined) {
      const panic = "runtime error: invalid memory address or nil pointer dereference";
      throw new StashError(`Internal system error. Error <${panic}>`);
    }
    const { execArgs, plugin } = this.#callOf({ pluginId });
    const running = this.#runner.start(plugin, { execArgs, args, visits });
    let result: PluginResult = {};
    const ended = running.ended.then((end) => {
      result = end;
    });
    await unlessAborted(ended, signal, () => {
      running.kill();
      throw new StashError("operation cancelled");
    });
    if (result.error !== undefined) throw new StashError(result.error);
    return result.output ?? null;
  }

  /** @throws {Error} it cannot be started: the only thing that makes the job fail */
  #start(request: TaskRequest, visits: HookCaller["visits"], onProgress: (to: number) => void) {
    try {
      const { plugin, execArgs, defaults } = this.#callOf(request);
      const args = pluginArgs(request.args ?? {}, defaults);
      return this.#runner.start(plugin, { execArgs, args, visits, onProgress });
    } catch (cause) {
      this.#log.add("error", `Error running plugin task: ${(cause as Error).message}`);
      throw cause;
    }
  }

  #callOf({ pluginId, taskName }: TaskRequest) {
    const plugin = this.#plugins.mustFind(pluginId);
    if (!taskName) return { plugin, execArgs: [], defaults: {} };
    const task = plugin.tasks.find(({ name }) => name === taskName);
    if (task === undefined) {
      throw new StashError(`no task with name ${taskName} in plugin ${plugin.name}`);
    }
    return { plugin, execArgs: task.execArgs, defaults: task.defaultArgs };
  }

  #report({ output, error }: PluginResult): void {
    if (error !== undefined) this.#log.add("error", `Plugin returned error: ${error}`);
    else if (output === undefined) this.#log.add("debug", "Plugin returned no result");
    else this.#log.add("debug", `Plugin returned: ${JSON.stringify(output)}`);
  }
}
