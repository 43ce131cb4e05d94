import type { Command } from "./command.ts";

/** Commands by name. Each is loaded when it is called: a short-lived one must start fast. */
export const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  init: () => import("./init_command.ts"),
  run: () => import("./run_command.ts"),
  sync: () => import("./sync_command.ts"),
  plan: () => import("./plan_command.ts"),
  reconcile: () => import("./reconcile_command.ts"),
  explain: () => import("./explain_command.ts"),
  history: () => import("./history_command.ts"),
  undo: () => import("./undo_command.ts"),
  detach: () => import("./detach_command.ts"),
  match: () => import("./match_command.ts"),
  pause: () => import("./pause_command.ts"),
  resume: () => import("./resume_command.ts"),
  status: () => import("./status_command.ts"),
  stats: () => import("./stats_command.ts"),
  queue: () => import("./queue_command.ts"),
  dead: () => import("./dead_command.ts"),
  health: () => import("./health_command.ts"),
  backup: () => import("./backup_command.ts"),
  restore: () => import("./restore_command.ts"),
  config: () => import("./config_command.ts"),
  doctor: () => import("./doctor_command.ts"),
  import: () => import("./import_command.ts"),
  install: () => import("./install_command.ts"),
  uninstall: () => import("./uninstall_command.ts"),
  plugin: () => import("./plugin_command.ts"),
  help: () => import("./help_command.ts"),
  man: () => import("./man_command.ts"),
  completions: () => import("./completions_command.ts"),
  version: () => import("./version_command.ts"),
};

/** All commands by name. */
export async function loadCommands(): Promise<Record<string, Command>> {
  const entries = Object.entries(COMMANDS).map(async ([name, load]) =>
    [name, (await load()).command] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}
