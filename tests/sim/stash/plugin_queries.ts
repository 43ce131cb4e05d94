/** Queries about plugins, jobs and the log. */
import type { Jobs } from "./jobs.ts";
import type { Manifest, ManifestTask } from "./manifest.ts";
import type { Plugins } from "./plugins.ts";
import type { ServerLog } from "./server_log.ts";

export function pluginQueries({ plugins, jobs, log }: {
  plugins: Plugins;
  jobs: Jobs;
  log: ServerLog;
}) {
  const pluginOf = (manifest: Manifest): Record<string, unknown> => {
    const { id, name, description, url, version, ui } = manifest;
    const served = (files: string[], kind: string) =>
      files.length === 0 ? [] : [`/plugin/${id}/${kind}`];
    return {
      id,
      name,
      description: description || null,
      url: url || null,
      version: version || null,
      enabled: plugins.isEnabled(id),
      tasks: () => manifest.tasks.map((task) => taskOf(manifest, task)),
      hooks: () =>
        manifest.hooks.map((hook) => ({
          ...taskOf(manifest, hook),
          hooks: hook.triggeredBy,
        })),
      settings: Object.entries(manifest.settings)
        .sort(([a], [b]) => a < b ? -1 : 1)
        .map(([key, { displayName, description, type }]) => ({
          name: key,
          display_name: displayName,
          description,
          type: type || "STRING",
        })),
      requires: ui.requires,
      paths: { javascript: served(ui.javascript, "javascript"), css: served(ui.css, "css") },
    };
  };
  const taskOf = (manifest: Manifest, { name, description }: ManifestTask) => ({
    name,
    description: description || null,
    plugin: () => pluginOf(manifest),
  });

  return {
    plugins: () => plugins.list().map(pluginOf),
    pluginTasks: () =>
      plugins.enabled().flatMap((manifest) => manifest.tasks.map((task) => taskOf(manifest, task))),
    jobQueue: () => jobs.queue(),
    findJob: ({ input }: { input: { id: string } }) => jobs.find(input.id),
    logs: () => log.shown(),
  };
}
