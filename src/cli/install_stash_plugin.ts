import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { writeAtomic } from "../app/atomic_file.ts";
import { VERSION } from "../core/version.ts";
import { PLUGIN_ID } from "../stash/stash_config.ts";
import type { Invocation } from "./command.ts";
import { readFlavour } from "./install_flavour.ts";
import { findPluginsFolder, isFolder, type PluginsFolder, rivalOf } from "./install_folder.ts";
import { note, print } from "./output.ts";
import { TASKS } from "./plugin_tasks.ts";
import { openSession } from "./session.ts";
import { type Flavour, MANIFEST_MARK, manifestText } from "./stash_manifest.ts";

const OWN_FLAGS = ["exec", "remote", "plugins-dir", "timeout"];

/** Writes the manifest, or prints it. */
export async function installStashPlugin(invocation: Invocation): Promise<number> {
  const session = openSession(invocation, "offline", OWN_FLAGS);
  try {
    const flavour = readFlavour(invocation, session);
    const manifest = manifestText(flavour, TASKS, VERSION);
    if (invocation.switches.has("print")) {
      if (flavour.kind === "remote") note(invocation, "It holds listen_token: keep it to yourself");
      print(invocation, { flavour: flavour.kind, manifest }, () => manifest);
      return 0;
    }
    const folder = await findPluginsFolder(invocation, session);
    const path = manifestPath(folder);
    const rival = rivalOf(folder.path, path);
    if (rival !== null) {
      throw new UserError(
        `Stash takes ${rival} for the same plugin, and would use one of the two`,
        1,
        "Uninstall that plugin in Stash (Settings > Plugins), then try again",
      );
    }
    const updated = write(path, folder, manifest, flavour);
    print(
      invocation,
      { path, flavour: flavour.kind, updated },
      () =>
        [`${updated ? "Updated" : "Wrote"} ${path}`, "", ...nextSteps(flavour, path)].join("\n") +
        "\n",
    );
    return 0;
  } finally {
    session.close();
  }
}

/** Removes the manifest, and its folder when nothing else is in it. */
export async function uninstallStashPlugin(invocation: Invocation): Promise<number> {
  const session = openSession(invocation, "offline", OWN_FLAGS);
  try {
    const path = manifestPath(await findPluginsFolder(invocation, session));
    const removed = isOurs(path);
    if (removed) {
      Deno.removeSync(path);
      const folder = join(path, "..");
      if ([...Deno.readDirSync(folder)].length === 0) Deno.removeSync(folder);
    }
    print(
      invocation,
      { path, removed },
      () =>
        removed
          ? `Removed ${path}\nIn Stash: Settings > Plugins > Reload plugins\n`
          : `There is no ${path}: nothing to remove\n`,
    );
    return 0;
  } finally {
    session.close();
  }
}

function manifestPath({ path }: PluginsFolder): string {
  return join(path, PLUGIN_ID, `${PLUGIN_ID}.yml`);
}

/**
 * @returns false when there is no such file
 * @throws {UserError} there is one that somebody else wrote
 */
function isOurs(path: string): boolean {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  if (text.startsWith(MANIFEST_MARK)) return true;
  throw new UserError(
    `${path} was not written by plexsync install`,
    1,
    "If Stash installed it, uninstall it there; else remove it by hand",
  );
}

/** @returns whether there was one before */
function write(path: string, folder: PluginsFolder, manifest: string, flavour: Flavour): boolean {
  const updated = isOurs(path);
  const own = join(path, "..");
  const made = !isFolder(own);
  if (made) Deno.mkdirSync(own, { mode: 0o755 });
  writeAtomic(path, manifest);
  if (Deno.build.os === "windows") return updated;
  // The token is for Stash alone; nothing else in it is a secret.
  Deno.chmodSync(path, flavour.kind === "remote" ? 0o600 : 0o644);
  for (const each of made ? [own, path] : [path]) giveTo(each, folder.path);
  return updated;
}

/** Stash may run as another user, to whom its plugins folder belongs. Only root can do this. */
function giveTo(path: string, ownerOf: string): void {
  const { uid, gid } = Deno.statSync(ownerOf);
  const own = Deno.statSync(path);
  if (uid === null || gid === null || (uid === own.uid && gid === own.gid)) return;
  try {
    Deno.chownSync(path, uid, gid);
  } catch {
    // Not root: the next steps say who has to be able to read it.
  }
}

function nextSteps(flavour: Flavour, path: string): string[] {
  const common = [
    "1. In Stash: Settings > Plugins > Reload plugins; plexsync is listed there.",
    "2. Set plex_url and plex_token, there or in the config file of the daemon.",
  ];
  if (flavour.kind === "exec") {
    return [
      ...common,
      `3. Run the daemon on the same data directory: plexsync run --data-dir ${flavour.dataDir}`,
      "4. In Stash: Settings > Tasks > plexsync > Sync all",
      "",
      `Stash's user has to be able to run ${flavour.executable} and to write to that directory.`,
      "In Stash's official Docker image the executable does not start: use --remote there.",
    ];
  }
  return [
    ...common,
    `3. Run the daemon with listen set, so that Stash reaches it at ${flavour.url}`,
    "4. In Stash: Settings > Tasks > plexsync > Sync all",
    "",
    `Stash's user has to be able to read ${path}, which holds listen_token. While a hook runs,`,
    "the token also stands in the process list of Stash's machine or container.",
  ];
}
