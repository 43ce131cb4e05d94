/** Runs plugins' hooks after a change, one after another, as Stash does. */
import type { Manifest, ManifestHook } from "./manifest.ts";
import { hookContext, pluginArgs } from "./plugin_input.ts";
import type { PluginRunner, Visits } from "./plugin_runner.ts";
import type { Plugins } from "./plugins.ts";
import type { ServerLog } from "./server_log.ts";

export interface HookEvent {
  /** Such as `Scene.Update.Post`. */
  trigger: string;
  /** Of the scene or entity. */
  id: number;
  /** What the client asked for; unset when Stash itself made the change. */
  input?: unknown;
  /** Names of the members that the client sent. */
  fields?: readonly string[];
}

/** On whose behalf hooks run. */
export interface HookCaller {
  /** Aborted when the client has gone or the job is stopped. */
  signal: AbortSignal;
  /** Hooks that led here, as the caller's cookie tells. */
  visits: Visits;
}

/** One process of a hook. The last members are unset while it runs. */
export interface HookRun {
  plugin: string;
  trigger: string;
  /** Of the scene or entity, as GraphQL writes it. */
  id: string;
  pid: number;
  /** The document on its stdin. */
  input: Record<string, unknown>;
  /** Stash killed it, because the client had gone or the job was stopped. */
  cancelled: boolean;
  /** From the start to the end of stdout and process. */
  ms?: number;
  code?: number;
  signal?: string | null;
  output?: unknown;
  error?: string;
}

/** The same hook of the same plugin runs no more often in one chain of requests. */
const MAX_VISITS = 10;

export class Hooks {
  readonly runs: HookRun[] = [];
  readonly #plugins: Plugins;
  readonly #runner: PluginRunner;
  readonly #log: ServerLog;
  readonly #onChange: () => void;

  constructor(plugins: Plugins, runner: PluginRunner, log: ServerLog, onChange: () => void) {
    this.#plugins = plugins;
    this.#runner = runner;
    this.#log = log;
    this.#onChange = onChange;
  }

  /** Ends with the last hook. No failure of a plugin is the caller's: it is only logged. */
  async run(event: HookEvent, caller: HookCaller): Promise<void> {
    try {
      for (const plugin of this.#plugins.enabled()) await this.#runPlugin(plugin, event, caller);
    } catch (cause) {
      // Whatever comes after a plugin that cannot be started is left out.
      this.#log.add("error", `error executing post hooks: ${(cause as Error).message}`);
    }
  }

  async #runPlugin(plugin: Manifest, event: HookEvent, caller: HookCaller): Promise<void> {
    const hooks = plugin.hooks.filter((hook) => hook.triggeredBy.includes(event.trigger));
    const visited = caller.visits.filter(([id, trigger]) =>
      id === plugin.id && trigger === event.trigger
    );
    if (hooks.length > 0 && visited.length >= MAX_VISITS) {
      this.#log.add("debug", `plugin ID '${plugin.id}' already triggered, not re-running`);
      return;
    }
    for (const hook of hooks) await this.#runHook(plugin, hook, event, caller);
  }

  /** @throws {Error} it cannot be started, or the caller has gone */
  async #runHook(
    plugin: Manifest,
    hook: ManifestHook,
    { trigger, id, input, fields }: HookEvent,
    { signal, visits }: HookCaller,
  ): Promise<void> {
    const startedAt = performance.now();
    const started = this.#runner.start(plugin, {
      execArgs: hook.execArgs,
      args: {
        ...pluginArgs({}, hook.defaultArgs),
        hookContext: hookContext(id, trigger, input, fields ?? []),
      },
      visits: [...visits, [plugin.id, trigger]],
    });
    const run: HookRun = {
      plugin: plugin.id,
      trigger,
      id: String(id),
      pid: started.pid,
      input: started.input,
      cancelled: false,
    };
    this.runs.push(run);
    this.#onChange();
    const ended = started.ended.then((end) => {
      Object.assign(run, end, { ms: Math.round(performance.now() - startedAt) });
      this.#onChange();
    });
    await unlessAborted(ended, signal, () => {
      run.cancelled = true;
      started.kill();
      throw new Error("operation cancelled");
    });
    const label = `${trigger} [${plugin.name}]`;
    if (run.error !== undefined) this.#log.add("error", `${label}: returned error: ${run.error}`);
    else if (run.output === undefined) this.#log.add("debug", `${label}: returned no result`);
    else this.#log.add("debug", `${label}: returned: ${JSON.stringify(run.output)}`);
  }
}

/** Waits for `work`; if the signal comes first, the rest of `work` is waited for by nobody. */
export async function unlessAborted(
  work: Promise<void>,
  signal: AbortSignal,
  onAbort: () => void,
): Promise<void> {
  let end = () => {};
  const aborted = new Promise<void>((resolve) => end = resolve);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  const first = await Promise.race([work.then(() => "done"), aborted.then(() => "aborted")]);
  signal.removeEventListener("abort", end);
  if (first === "aborted") onAbort();
}
