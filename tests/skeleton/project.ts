/** The project's own files, for the tests of its skeleton. */
import { join, posix, resolve } from "node:path";

/** Absolute path of the project. */
export const ROOT = resolve(import.meta.dirname ?? ".", "..", "..");

/** The parts of `deno.json` that the tests look at. */
export interface DenoConfig {
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
  readonly permissions: Readonly<Record<string, Readonly<Record<string, true | string[]>>>>;
  readonly tasks: Readonly<Record<string, string>>;
}

/** Reads `deno.json`. */
export async function readConfig(): Promise<DenoConfig> {
  return JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
}

/** Paths of all `.ts` and `.tsx` files in these files and folders, relative to the project, with `/`. */
export async function sourceFiles(roots: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of roots) {
    if ((await Deno.stat(join(ROOT, path))).isFile) {
      found.push(path);
      continue;
    }
    const names: string[] = [];
    for await (const entry of Deno.readDir(join(ROOT, path))) {
      if (entry.isDirectory || /\.tsx?$/.test(entry.name)) names.push(posix.join(path, entry.name));
    }
    found.push(...await sourceFiles(names.sort()));
  }
  return found;
}
