/** Finds the plugins below a folder as Stash's walk does. */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { BadManifest, type Manifest, parseManifest } from "./manifest.ts";

/**
 * Every `.yml` anywhere below `folder` is taken for a manifest, links followed.
 * @param onError What Stash logs about a file that is no usable manifest
 * @returns in walk order, which is also the order in which hooks run
 */
export function readPluginFolder(folder: string, onError: (message: string) => void): Manifest[] {
  const found: Manifest[] = [];
  const ids = new Set<string>();
  for (const path of manifestPaths(folder, new Set())) {
    try {
      const manifest = parseManifest(path, readFileSync(path, "utf8"));
      if (ids.has(manifest.id.toLowerCase())) {
        throw new BadManifest(`plugin ID ${manifest.id} already exists`);
      }
      ids.add(manifest.id.toLowerCase());
      found.push(manifest);
    } catch (cause) {
      onError(`Error loading plugin ${path}: ${(cause as Error).message}`);
    }
  }
  return found;
}

/** @param seen Real paths of the folders above, so that a link in a circle ends */
function manifestPaths(folder: string, seen: ReadonlySet<string>): string[] {
  const real = realpathSync(folder);
  if (seen.has(real)) return [];
  const above = new Set([...seen, real]);
  return readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return manifestPaths(path, above);
    return stat?.isFile() && name.endsWith(".yml") ? [path] : [];
  });
}
