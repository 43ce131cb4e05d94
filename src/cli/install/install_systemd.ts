import { dirname } from "node:path";
import { openSettings, type Settings } from "../../app/installation.ts";
import { absolute } from "../../app/install/plugins_folder.ts";
import {
  installUnit,
  removeUnit,
  secretFiles,
  unitFolder,
} from "../../app/install/systemd_install.ts";
import { type UnitOptions, unitText } from "../../app/install/systemd_unit.ts";
import { UserError } from "../../core/failures/errors.ts";
import type { Invocation } from "../frame/command.ts";
import { ownExecutable } from "./install_flavour.ts";
import { print } from "../terminal/output.ts";

/** Folders that a hardened service does not see. */
const HIDDEN = /^\/(home|root|run\/user|tmp|var\/tmp)\//;

/** Writes the unit, or prints it. */
export function installSystemd(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline" });
  const options = readOptions(invocation, settings);
  if (invocation.switches.has("print")) {
    const unit = unitText(options);
    print(invocation, { scope: options.scope, unit }, () => unit);
    return Promise.resolve(0);
  }
  const { path, updated } = placeUnit(invocation, settings, options);
  print(
    invocation,
    { path, scope: options.scope, updated },
    () => [`${updated ? "Updated" : "Wrote"} ${path}`, "", ...nextSteps(options)].join("\n") + "\n",
  );
  return Promise.resolve(0);
}

/**
 * Writes the unit where systemd looks for it.
 * @throws {UserError} the executable cannot be a service, or another unit is in the way
 */
export function placeUnit(
  invocation: Invocation,
  settings: Settings,
  options = readOptions(invocation, settings),
): { path: string; updated: boolean } {
  return installUnit(folderOf(invocation), options);
}

/** Removes the unit again. */
export function uninstallSystemd(invocation: Invocation): Promise<number> {
  const { path, removed } = removeUnit(folderOf(invocation));
  const manager = managerOf(invocation.switches.has("user") ? "user" : "system");
  print(
    invocation,
    { path, removed },
    () =>
      removed
        ? `Removed ${path}\n${manager} stop plexsync; ${manager} daemon-reload\n`
        : `There is no ${path}: nothing to remove\n`,
  );
  return Promise.resolve(0);
}

function folderOf({ values, switches, world }: Invocation): string {
  const named = values["unit-dir"];
  return named === undefined
    ? unitFolder(switches.has("user") ? "user" : "system", world.env)
    : absolute(named);
}

function readOptions({ values, switches, world }: Invocation, { loaded }: Settings): UnitOptions {
  const scope = switches.has("user") ? "user" : "system";
  const user = values["run-as"] ?? null;
  const group = values.group ?? null;
  for (const [flag, name] of [["run-as", user], ["group", group]] as const) {
    if (name === null) continue;
    if (scope === "user") throw new UserError(`--user and --${flag} cannot be joined`, "usage");
    if (!/^[A-Za-z_][A-Za-z0-9_-]*\$?$/.test(name)) {
      const what = flag === "group" ? "group" : "user";
      throw new UserError(`--${flag} must be the name of a ${what}: it is "${name}"`, "usage");
    }
  }
  const executable = values.exec === undefined
    ? ownExecutable("systemd", world.env)
    : absolute(values.exec);
  if (scope === "system" && HIDDEN.test(executable)) {
    throw new UserError(
      `A service of the machine does not see ${executable}`,
      "failed",
      "Move the executable to /usr/local/bin, or install it for yourself with --user",
    );
  }
  const dataDir = values["data-dir"];
  return {
    scope,
    user,
    group,
    executable,
    config: loaded.file === undefined ? null : absolute(loaded.file),
    secrets: loaded.file === undefined ? new Map() : secretFiles(dirname(absolute(loaded.file))),
    dataDir: dataDir === undefined ? null : absolute(dataDir),
  };
}

function managerOf(scope: UnitOptions["scope"]): string {
  return scope === "user" ? "systemctl --user" : "systemctl";
}

function nextSteps({ scope, config, user }: UnitOptions): string[] {
  const manager = managerOf(scope);
  const handed = scope === "system" && user === null;
  const settings = config === null
    ? [
      "There is no config file yet: write one, then do this again. plexsync help settings has all.",
    ]
    : handed
    ? [`After a change of ${config}: ${manager} restart plexsync`]
    : [];
  return [
    `1. ${manager} daemon-reload`,
    `2. ${manager} enable --now plexsync`,
    `3. ${manager} status plexsync; journalctl ${scope === "user" ? "--user " : ""}-u plexsync -f`,
    ...(scope === "user"
      ? ["To run it also while you are logged out: loginctl enable-linger"]
      : []),
    ...settings,
  ];
}
