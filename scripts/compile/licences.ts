/** The licences of all that an executable holds, which have to go with it. */
import { join } from "node:path";
import type { ModuleInfo } from "./npm_files.ts";

/** One part of the executable; the program reads the same shape (`src/app/install/executable.ts`). */
export interface Licence {
  readonly name: string;
  /** Null where it has none of its own, or none that is known. */
  readonly version: string | null;
  /** Its short name by SPDX, such as `MIT`. */
  readonly licence: string;
  readonly text: string;
}

/** By the beginning of a package's name: JSR keeps no licences where Deno looks. */
const JSR_LICENCES: readonly (readonly [prefix: string, licence: string, file: string])[] = [
  ["@std/", "MIT", "deno.txt"],
  ["@db/sqlite", "Apache-2.0", "db-sqlite.txt"],
  ["@denosaurs/plug", "MIT", "plug.txt"],
];

/**
 * The packages of JSR among the modules, with their versions; null for one that an import map
 * takes from elsewhere. The stand-ins are the project's own and not among them.
 */
export function jsrPackages({ modules }: ModuleInfo): Map<string, string | null> {
  const found = new Map<string, string | null>();
  const standIn = modules.some(({ specifier }) => specifier.endsWith("/scripts/offline/sqlite.ts"));
  for (const { specifier, dependencies = [] } of modules) {
    const [, name, version] = /^https?:\/\/[^/]+\/(@[^/]+\/[^/]+)\/(\d[^/]*)\//.exec(specifier) ??
      [];
    if (name !== undefined) found.set(name, version!);
    if (standIn) continue;
    for (const dependency of dependencies) {
      const bare = /^(?:jsr:\/?)?(@(?:std|db|denosaurs)\/[^/@]+)/.exec(dependency.specifier)?.[1];
      if (bare !== undefined && !found.has(bare)) found.set(bare, null);
    }
  }
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}

/**
 * All licences: the project's own, Deno's with what Deno is made of, SQLite's, and the packages'.
 * @param root Absolute path of the project
 * @param sqlite Version of the embedded library; null for one that is not known
 * @throws {Error} a package of JSR whose licence is not among `scripts/licences/`
 */
export async function collectLicences(
  root: string,
  info: ModuleInfo,
  npm: readonly Licence[],
  sqlite: string | null,
): Promise<Licence[]> {
  const read = async (...path: string[]) => (await Deno.readTextFile(join(root, ...path))).trim();
  const kept = (file: string) => read("scripts", "licences", file);
  const { version } = JSON.parse(await read("deno.json"));
  const jsr = await Promise.all([...jsrPackages(info)].map(async ([name, version]) => {
    const known = JSR_LICENCES.find(([prefix]) => name.startsWith(prefix));
    if (known === undefined) {
      throw new Error(`Cannot compile: scripts/licences has no licence for ${name}`);
    }
    return { name, version, licence: known[1], text: await kept(known[2]) };
  }));
  return [
    { name: "plexsync", version, licence: "MIT", text: await read("LICENSE") },
    {
      name: "Deno",
      version: Deno.version.deno,
      licence: "MIT",
      text:
        `${await kept("deno.txt")}\n\nThe libraries that Deno itself is made of are listed in ` +
        "https://github.com/denoland/deno/blob/main/Cargo.lock",
    },
    { name: "V8", version: Deno.version.v8, licence: "BSD-3-Clause", text: await kept("v8.txt") },
    { name: "SQLite", version: sqlite, licence: "blessing", text: await kept("sqlite.txt") },
    ...jsr,
    ...npm,
  ];
}
