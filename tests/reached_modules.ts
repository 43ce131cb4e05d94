/** Which modules a process loads, told from the imports. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { currentImports, ROOT } from "./program.ts";

interface Module {
  specifier: string;
  dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[];
}

/** @param path Within the project; empty: what the names of all its modules begin with */
export function moduleUrl(path: string): string {
  return pathToFileURL(path === "" ? ROOT : join(ROOT, path)).href;
}

/**
 * All modules that these lead to, by their imports.
 * @param follows Whether an import at run time is taken as well; default: none is
 */
export async function reachedModules(
  from: readonly string[],
  follows: (dynamic: { from: string; to: string }) => boolean = () => false,
): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "-q", "--json", ...currentImports().flags, "main.ts"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const reached = new Set<string>();
  const reach = (name: string) => {
    if (reached.has(name)) return;
    reached.add(name);
    // What a package leads to is its own affair, and another one with the stand-ins.
    if (!name.startsWith(moduleUrl(""))) return;
    for (const { code, isDynamic = false } of byName.get(name)?.dependencies ?? []) {
      if (code === undefined) continue;
      if (!isDynamic || follows({ from: name, to: code.specifier })) reach(code.specifier);
    }
  };
  from.forEach(reach);
  return [...reached];
}
