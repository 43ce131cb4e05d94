/** What of the npm packages goes into the executable, and what stays out. */
import { join } from "node:path";

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
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, NpmPackage>>;
}

/** Files to leave out, and the licences, in Markdown. */
export interface NpmFiles {
  readonly excluded: readonly string[];
  readonly licences: string;
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
 */
export async function readNpmFiles(packages: readonly NpmPackage[]): Promise<NpmFiles> {
  const excluded: string[] = [];
  let licences = "# Licences of the packages in this executable\n";

  async function visit(folder: string, title: string) {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) {
        if (/^(tests?|__tests__)$/.test(name)) excluded.push(path);
        else await visit(path, title);
        continue;
      }
      if (!name.includes(".")) excluded.push(path);
      if (/^(licen[cs]e|copying|notice)\b/i.test(name)) {
        licences += `\n## ${title}\n\n${(await Deno.readTextFile(path)).trim()}\n`;
      }
    }
  }

  for (const { name, version, localPath } of packages) {
    await visit(localPath, `${name} ${version}`);
  }
  return { excluded, licences };
}
