import { join } from "node:path";
import { asPlexsyncError, UserError } from "../../core/failures/errors.ts";
import { isFolder } from "../data/file_kind.ts";
import type { Settings } from "../installation.ts";
import { stashConfigOf } from "../settings/stash_settings.ts";

/** Stash's plugins folder, and how it was found. */
export interface PluginsFolder {
  path: string;
  from: string;
}

/** Folders that need a person to have been here before: deeper ones are no plugins. */
const MAX_DEPTH = 4;

/**
 * The one that is named, else what Stash says, else where Stash's own defaults have it. What Stash says
 * is a path on its machine or in its container: it counts only where there is such a folder.
 * @throws {UserError} there is none
 */
export async function findPluginsFolder(
  { config, loaded }: Settings,
  named: string | undefined,
  { STASH_CONFIG_FILE, HOME }: Readonly<Record<string, string | undefined>>,
): Promise<PluginsFolder> {
  if (named !== undefined) {
    if (!isFolder(named)) {
      throw new UserError(`There is no folder ${named}`, "failed", "Name Stash's plugins folder");
    }
    return { path: absolute(named), from: "--plugins-dir" };
  }
  let said = "";
  if (config.stashUrl !== "" && loaded.origins.stash_api_key?.source !== "default") {
    try {
      said = await stashConfigOf(config).pluginsPath();
    } catch (thrown) {
      said = `(${asPlexsyncError(thrown).message})`;
    }
    if (isFolder(said)) return { path: said, from: "Stash" };
  }
  const usual = [
    ...(STASH_CONFIG_FILE ? [join(STASH_CONFIG_FILE, "..", "plugins")] : []),
    ...(HOME ? [join(HOME, ".stash", "plugins")] : []),
  ];
  const found = usual.find(isFolder);
  if (found !== undefined) return { path: found, from: "Stash's default" };
  const tried = [said === "" ? "" : `Stash says ${said}`, ...usual].filter((each) => each !== "");
  throw new UserError(
    `Cannot find Stash's plugins folder here${tried.length > 0 ? `: ${tried.join(", ")}` : ""}`,
    "failed",
    "Name it with --plugins-dir, or --print the manifest and put it there as plexsync/plexsync.yml",
  );
}

/**
 * Another manifest whose plugin has the same id for Stash, which ignores letter case and drops
 * the second one, such as that of the community's PlexSync.
 * @param own Path of our manifest
 */
export function rivalOf(folder: string, own: string, depth = MAX_DEPTH): string | null {
  for (const entry of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = join(folder, entry.name);
    if (entry.name.toLowerCase() === "plexsync.yml" && path !== own) return path;
    // Links are followed by Stash, and may lead in a circle.
    if (depth > 1 && (entry.isDirectory || entry.isSymlink) && isFolder(path)) {
      const rival = rivalOf(path, own, depth - 1);
      if (rival !== null) return rival;
    }
  }
  return null;
}

/** Absolute form of a path that a person typed. */
export function absolute(path: string): string {
  return path.startsWith("/") || /^[A-Za-z]:[\\/]|^\\\\/.test(path) ? path : join(Deno.cwd(), path);
}
