/** Mutations about plugins and jobs. */
import type { Asked } from "./asked.ts";
import type { Jobs } from "./jobs.ts";
import type { PluginTasks } from "./plugin_tasks.ts";
import type { Plugins, PluginSettings } from "./plugins.ts";
import type { Scanner } from "./scanner.ts";

/** The older way to hand arguments over: a list of keys with typed values. */
interface PluginArg {
  key: string;
  value?: PluginValue | null;
}
interface PluginValue {
  str?: string | null;
  i?: number | null;
  b?: boolean | null;
  f?: number | null;
  o?: PluginArg[] | null;
  a?: PluginValue[] | null;
}

interface RunTask {
  plugin_id: string;
  task_name?: string | null;
  description?: string | null;
  args?: PluginArg[] | null;
  args_map?: Record<string, unknown> | null;
}

export interface Operated {
  plugins: Plugins;
  tasks: PluginTasks;
  jobs: Jobs;
  scanner: Scanner;
}

export function pluginMutations({ plugins, tasks, jobs, scanner }: Operated) {
  return {
    runPluginTask: ({ plugin_id, task_name, description, args, args_map }: RunTask, asked: Asked) =>
      tasks.queue({
        pluginId: plugin_id,
        taskName: task_name,
        description,
        args: args_map ?? argsOf(args ?? []),
      }, asked.visits),
    runPluginOperation: (
      { plugin_id, args }: { plugin_id: string; args?: Record<string, unknown> | null },
      asked: Asked,
    ) => tasks.operate(plugin_id, args ?? {}, asked),
    configurePlugin: ({ plugin_id, input }: { plugin_id: string; input: PluginSettings }) =>
      plugins.configure(plugin_id, input),
    reloadPlugins: () => {
      plugins.reload();
      return true;
    },
    setPluginsEnabled: ({ enabledMap }: { enabledMap: Record<string, boolean> }) => {
      plugins.setEnabled(enabledMap);
      return true;
    },
    stopJob: ({ job_id }: { job_id: string }) => {
      jobs.stop(job_id);
      return true;
    },
    stopAllJobs: () => {
      jobs.stopAll();
      return true;
    },
    metadataScan: ({ input }: { input: { scanGenerateCovers?: boolean | null } }) =>
      scanner.scan({ covers: input.scanGenerateCovers ?? false }),
  };
}

function argsOf(args: readonly PluginArg[]): Record<string, unknown> {
  return Object.fromEntries(args.map(({ key, value }) => [key, valueOf(value ?? {})]));
}

function valueOf({ str, i, b, f, o, a }: PluginValue): unknown {
  if (o != null) return argsOf(o);
  if (a != null) return a.map(valueOf);
  return str ?? i ?? b ?? f ?? null;
}
