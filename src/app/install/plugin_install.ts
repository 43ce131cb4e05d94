import { join } from "node:path";
import { UserError } from "../../core/failures/errors.ts";
import { PLUGIN_ID } from "../../stash/stash_config.ts";
import { writeAtomic } from "../data/atomic_file.ts";
import { isOwnFile } from "../data/owned_file.ts";
import { isFolder } from "../data/file_kind.ts";
import { type PluginsFolder, rivalOf } from "./plugins_folder.ts";

/** How Stash reaches plexsync. */
export type Flavour =
  | {
    kind: "exec";
    /** Absolute path of the executable, or its name where it is to be found in the PATH. */
    executable: string;
    /**
     * Absolute: the plugin and the daemon have to mean the same one. null: the one of the user that
     * Stash runs as.
     */
    dataDir: string | null;
    /** Absolute path of the config file, where it is not in a standard place. */
    config?: string;
  }
  | {
    kind: "remote";
    /** Base URL of the daemon's HTTP listener, without trailing slash. */
    url: string;
    token: string;
    /** How long wget waits for the network; null for one that cannot be told. */
    timeoutSeconds: number | null;
  };

/** Begins every manifest that we wrote: what does not begin so is not ours to replace or remove. */
export const MANIFEST_MARK = "# Written by plexsync install stash-plugin.";

/**
 * Writes the manifest into Stash's plugins folder.
 * @returns its path, and whether there was one before
 * @throws {UserError} another plugin is in the way, or a file that is not ours
 */
export function installManifest(
  folder: PluginsFolder,
  manifest: string,
  flavour: Flavour,
): { path: string; updated: boolean } {
  const path = manifestPath(folder);
  const rival = rivalOf(folder.path, path);
  if (rival !== null) {
    throw new UserError(
      `Stash takes ${rival} for the same plugin, and would use one of the two`,
      "failed",
      "Uninstall that plugin in Stash (Settings > Plugins), then try again",
    );
  }
  return { path, updated: write(path, folder, manifest, flavour) };
}

/**
 * Removes the manifest, and its folder when nothing else is in it.
 * @throws {UserError} the file is not ours
 */
export function removeManifest(folder: PluginsFolder): { path: string; removed: boolean } {
  const path = manifestPath(folder);
  const removed = isOurs(path);
  if (removed) {
    Deno.removeSync(path);
    const own = join(path, "..");
    if ([...Deno.readDirSync(own)].length === 0) Deno.removeSync(own);
  }
  return { path, removed };
}

/**
 * The version of plexsync that wrote the manifest; null where there is none.
 * @throws {UserError} the file is not ours
 */
export function readManifestVersion(folder: PluginsFolder): string | null {
  const path = manifestPath(folder);
  if (!isOurs(path)) return null;
  return /^version: *"?([^"\n]+)/m.exec(Deno.readTextFileSync(path))?.[1] ?? "unknown";
}

function manifestPath({ path }: PluginsFolder): string {
  return join(path, PLUGIN_ID, `${PLUGIN_ID}.yml`);
}

function isOurs(path: string): boolean {
  const hint = "If Stash installed it, uninstall it there; else remove it by hand";
  return isOwnFile(path, MANIFEST_MARK, hint);
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
