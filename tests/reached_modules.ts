/** Which modules a process reads, told from the imports. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { currentImports, ROOT } from "./program.ts";

interface Module {
  specifier: string;
  dependencies?: { code?: { specifier: string } }[];
}

/** @param path Within the project; empty: what the names of all its modules begin with */
function moduleUrl(path: string): string {
  return pathToFileURL(path === "" ? ROOT : join(ROOT, path)).href;
}

/**
 * All modules that are read when these are loaded: those that they lead to, also by an `import()`
 * of a plain name that is never called.
 * @param from Paths within the project
 * @returns the project's own as paths within it with `/`, and the names of the others
 */
export async function reachedModules(from: readonly string[]): Promise<string[]> {
  const entries = from.map(moduleUrl);
  const all = entries.map((name) => `import ${JSON.stringify(name)};`).join("");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "-q", "--json", ...currentImports().flags]
      .concat(`data:text/javascript,${encodeURIComponent(all)}`),
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const own = `${moduleUrl("")}/`;
  const reached = new Set<string>();
  const reach = (name: string) => {
    if (reached.has(name)) return;
    reached.add(name);
    // What a package leads to is its own affair, and another one with the stand-ins.
    if (!name.startsWith(own)) return;
    for (const { code } of byName.get(name)?.dependencies ?? []) {
      if (code !== undefined) reach(code.specifier);
    }
  };
  entries.forEach(reach);
  return [...reached].map((name) => name.startsWith(own) ? name.slice(own.length) : name);
}
