import type { Command } from "./command.ts";

/** Commands by name. Each is loaded when it is called: a short-lived one must start fast. */
export const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  init: () => import("../init/init_command.ts" as string),
  run: async () => (await import("../run/load_run.ts" as string)).loadRun(),
  sync: () => import("../sync/sync_command.ts" as string),
  plan: () => import("../sync/plan_command.ts" as string),
  reconcile: () => import("../sync/reconcile_command.ts" as string),
  explain: () => import("../sync/explain_command.ts" as string),
  history: () => import("../sync/history_command.ts" as string),
  undo: () => import("../sync/undo_command.ts" as string),
  detach: () => import("../sync/detach_command.ts" as string),
  match: () => import("../sync/match_command.ts" as string),
  pause: () => import("../queue/pause_command.ts" as string),
  resume: () => import("../queue/resume_command.ts" as string),
  status: () => import("../reports/status_command.ts" as string),
  stats: () => import("../reports/stats_command.ts" as string),
  page: () => import("../reports/page_command.ts" as string),
  queue: () => import("../queue/queue_command.ts" as string),
  dead: () => import("../dead/dead_command.ts" as string),
  health: () => import("../reports/health_command.ts" as string),
  backup: () => import("../data/backup_command.ts" as string),
  restore: () => import("../data/restore_command.ts" as string),
  config: () => import("../reports/config_command.ts" as string),
  doctor: () => import("../reports/doctor_command.ts" as string),
  import: () => import("../data/import_command.ts" as string),
  install: () => import("../install/install_command.ts" as string),
  uninstall: () => import("../install/uninstall_command.ts" as string),
  plugin: () => import("../run/plugin_command.ts" as string),
  help: () => import("../manual/help_command.ts" as string),
  man: () => import("../manual/man_command.ts" as string),
  completions: () => import("../manual/completions_command.ts" as string),
  version: () => import("../manual/version_command.ts" as string),
};

/** All commands by name. */
export async function loadCommands(): Promise<Record<string, Command>> {
  const entries = Object.entries(COMMANDS).map(async ([name, load]) =>
    [name, (await load()).command] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}
