import { openSettings, type Settings } from "../../app/installation.ts";
import { type Flavour, installManifest, removeManifest } from "../../app/install/plugin_install.ts";
import { findPluginsFolder } from "../../app/install/plugins_folder.ts";
import type { Invocation } from "../frame/command.ts";
import { readFlavour } from "./install_flavour.ts";
import { note, print } from "../terminal/output.ts";

/** Writes the manifest, or prints it. */
export async function installStashPlugin(invocation: Invocation): Promise<number> {
  using settings = openSettings(invocation.around, { need: "offline" });
  const flavour = readFlavour(invocation, settings);
  if (invocation.switches.has("print")) {
    const manifest = await manifestOf(invocation, flavour);
    if (flavour.kind === "remote") note(invocation, "It holds listen_token: keep it to yourself");
    print(invocation, { flavour: flavour.kind, manifest }, () => manifest);
    return 0;
  }
  const { path, updated } = await placePlugin(invocation, settings, flavour);
  print(
    invocation,
    { path, flavour: flavour.kind, updated },
    () =>
      [`${updated ? "Updated" : "Wrote"} ${path}`, "", ...nextSteps(flavour, path)].join("\n") +
      "\n",
  );
  return 0;
}

/**
 * Writes the manifest where Stash looks for it.
 * @throws {UserError} it cannot be found where that is, or something is in the way
 */
export async function placePlugin(
  invocation: Invocation,
  settings: Settings,
  flavour = readFlavour(invocation, settings),
): Promise<{ path: string; updated: boolean }> {
  const { values, world } = invocation;
  const folder = await findPluginsFolder(settings, values["plugins-dir"], world.env);
  return installManifest(folder, await manifestOf(invocation, flavour), flavour);
}

async function manifestOf({ faces }: Invocation, flavour: Flavour): Promise<string> {
  return (await faces.plugin()).manifestOf(flavour);
}

/** Removes the manifest again. */
export async function uninstallStashPlugin(invocation: Invocation): Promise<number> {
  const { around, values, world } = invocation;
  using settings = openSettings(around, { need: "offline" });
  const folder = await findPluginsFolder(settings, values["plugins-dir"], world.env);
  const { path, removed } = removeManifest(folder);
  print(
    invocation,
    { path, removed },
    () =>
      removed
        ? `Removed ${path}\nIn Stash: Settings > Plugins > Reload plugins\n`
        : `There is no ${path}: nothing to remove\n`,
  );
  return 0;
}

const TASKS_STEP = [
  "4. In Stash: Settings > Tasks > plexsync > Sync all shows what the first sync would change,",
  "   and Sync all, confirmed does it.",
];

function nextSteps(flavour: Flavour, path: string): string[] {
  const common = [
    "1. In Stash: Settings > Plugins > Reload plugins; plexsync is listed there.",
    "2. Set plex_url and plex_token, there or in the config file of the daemon.",
  ];
  if (flavour.kind === "exec") {
    return [
      ...common,
      `3. Run the daemon on the same data directory: plexsync run --data-dir ${flavour.dataDir}`,
      ...TASKS_STEP,
      "",
      `Stash's user has to be able to run ${flavour.executable} and to write to that directory.`,
      "In Stash's official Docker image the executable does not start: use --remote there.",
    ];
  }
  return [
    ...common,
    `3. Run the daemon with listen set, so that Stash reaches it at ${flavour.url}`,
    ...TASKS_STEP,
    "",
    `Stash's user has to be able to read ${path}, which holds listen_token. While a hook runs,`,
    "the token also stands in the process list of Stash's machine or container.",
  ];
}
