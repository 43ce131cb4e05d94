/** Which program a plugin call starts, and with what around it. */
import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Manifest } from "./manifest.ts";

/** What a process inherits from Stash. */
export interface Surroundings {
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  cwd: string;
}

export interface PluginCommand extends Surroundings {
  program: string;
  args: string[];
}

const PYTHON = new Set(["python", "python3"]);

/**
 * @param execArgs Of the task or hook, added to `exec`
 * @throws {Error} `exec` is empty
 */
export function pluginCommand(
  manifest: Manifest,
  execArgs: readonly string[],
  stash: Surroundings,
): PluginCommand {
  const [name, ...rest] = [...manifest.exec, ...execArgs];
  if (name === undefined) throw new Error("empty exec value");
  const args = rest.map((arg) => arg.replaceAll("{pluginDir}", manifest.dir));
  if (PYTHON.has(name)) {
    const python = lookPath("python3", stash) ?? lookPath("python", stash);
    if (python !== undefined) return { ...stash, program: python, args, env: withPython() };
  }
  // `{pluginDir}` stays as it is here: only arguments are replaced.
  return { ...stash, program: lookPath(name, stash) ?? join(manifest.dir, name), args };

  function withPython(): Record<string, string> {
    const folders = [stash.env.PYTHONPATH, dirname(manifest.dir)].filter(Boolean);
    return { ...stash.env, PYTHONPATH: folders.join(":") };
  }
}

/** A name with a slash is no matter of PATH. */
function lookPath(name: string, { env, cwd }: Surroundings): string | undefined {
  const folders = name.includes("/") ? [cwd] : (env.PATH ?? "").split(":").filter(Boolean);
  return folders.map((folder) => resolve(folder, name)).find(isExecutable);
}

/** Any of the three bits will do: telling whose they are would need more rights than it is worth. */
export function isExecutable(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.isFile() && (stat.mode & 0o111) !== 0;
}
