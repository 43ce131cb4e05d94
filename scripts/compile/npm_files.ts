/** What of the npm packages goes into the executable, and what stays out. */
import { join } from "node:path";
import type { Licence } from "./licences.ts";
import { levelTime } from "./stage.ts";

/** A package as `deno info` describes it. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  /** Its folder in Deno's cache. */
  readonly localPath: string;
}

/** The parts of `deno info --json FILE` that matter here. */
export interface ModuleInfo {
  readonly modules: readonly {
    readonly specifier: string;
    readonly npmPackage?: string;
    readonly dependencies?: readonly { readonly specifier: string }[];
  }[];
  readonly npmPackages: Readonly<Record<string, NpmPackage>>;
}

/** Files to leave out, and the licences. */
export interface NpmFiles {
  readonly excluded: readonly string[];
  readonly licences: readonly Licence[];
}

/** The packages that the modules import, and those that these need, by name. */
export function usedPackages({ modules, npmPackages }: ModuleInfo): NpmPackage[] {
  const used = new Set<string>();
  const open = modules.flatMap(({ npmPackage }) => npmPackage === undefined ? [] : [npmPackage]);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (used.has(id)) continue;
    used.add(id);
    open.push(...npmPackages[id]?.dependencies ?? []);
  }
  return [...used].sort().flatMap((id) => npmPackages[id] ?? []);
}

/**
 * Goes through the folders of the packages. Their tests stay out, and so do files without an
 * extension: Deno tries to parse those as modules, and packs the error, with the path of its cache
 * on this machine. Such files are the licences, whose text has to come along all the same.
 * @throws {Error} a package has no text of a licence
 */
export async function readNpmFiles(packages: readonly NpmPackage[]): Promise<NpmFiles> {
  const excluded: string[] = [];
  const licences: Licence[] = [];

  async function visit(folder: string, texts: string[]) {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    // The order of a folder is the file system's own, and the same packages make the same bytes.
    for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      const path = join(folder, name);
      if (isDirectory) {
        if (/^(tests?|__tests__)$/.test(name)) excluded.push(path);
        else await visit(path, texts);
        continue;
      }
      // A cache that nobody may change makes the same executable but for these times.
      await levelTime(path).catch(() => {});
      if (!name.includes(".")) excluded.push(path);
      if (/^(licen[cs]e|copying|notice)\b/i.test(name)) {
        texts.push((await Deno.readTextFile(path)).trim());
      }
    }
  }

  for (const { name, version, localPath } of packages) {
    const texts: string[] = [];
    await visit(localPath, texts);
    if (texts.length === 0) throw new Error(`Cannot compile: ${name} comes without its licence`);
    const { license } = JSON.parse(await Deno.readTextFile(join(localPath, "package.json")));
    licences.push({ name, version, licence: String(license), text: texts.join("\n\n") });
  }
  return { excluded, licences };
}
