import type { Command } from "./command.ts";

/** Commands by name. Each is loaded when it is called: a short-lived one must start fast. */
export const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  init: () => import("../init/init_command.ts"),
  run: () => import("../run/run_command.ts"),
  sync: () => import("../sync/sync_command.ts"),
  plan: () => import("../sync/plan_command.ts"),
  reconcile: () => import("../sync/reconcile_command.ts"),
  explain: () => import("../sync/explain_command.ts"),
  history: () => import("../sync/history_command.ts"),
  undo: () => import("../sync/undo_command.ts"),
  detach: () => import("../sync/detach_command.ts"),
  match: () => import("../sync/match_command.ts"),
  pause: () => import("../queue/pause_command.ts"),
  resume: () => import("../queue/resume_command.ts"),
  status: () => import("../reports/status_command.ts"),
  stats: () => import("../reports/stats_command.ts"),
  page: () => import("../reports/page_command.ts"),
  queue: () => import("../queue/queue_command.ts"),
  dead: () => import("../dead/dead_command.ts"),
  health: () => import("../reports/health_command.ts"),
  backup: () => import("../data/backup_command.ts"),
  restore: () => import("../data/restore_command.ts"),
  config: () => import("../reports/config_command.ts"),
  doctor: () => import("../reports/doctor_command.ts"),
  import: () => import("../data/import_command.ts"),
  install: () => import("../install/install_command.ts"),
  uninstall: () => import("../install/uninstall_command.ts"),
  plugin: () => import("../run/plugin_command.ts"),
  help: () => import("../manual/help_command.ts"),
  man: () => import("../manual/man_command.ts"),
  completions: () => import("../manual/completions_command.ts"),
  version: () => import("../manual/version_command.ts"),
};

/** All commands by name. */
export async function loadCommands(): Promise<Record<string, Command>> {
  const entries = Object.entries(COMMANDS).map(async ([name, load]) =>
    [name, (await load()).command] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}
