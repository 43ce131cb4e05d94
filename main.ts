import { pluginMain } from "./src/cli/plugin_main.ts";
import { realWorld, type World } from "./src/app/world.ts";

/**
 * All commands. Not as a literal in the import() below: from the source, Deno reads all that such
 * a literal leads to before the first line runs, and Stash waits for each hook. The compiler is
 * told by name (scripts/compile.ts).
 */
const PROGRAM = "./src/cli/program.ts";

async function program(args: readonly string[], world: World): Promise<number> {
  const all: typeof import("./src/cli/program.ts") = await import(PROGRAM);
  return await all.program(args, world);
}

if (import.meta.main) {
  const [first, ...rest] = Deno.args;
  // The process of a hook ends at once, without a look at what may be left to do.
  if (first === "plugin") Deno.exit(await pluginMain(rest, realWorld(), program));
  Deno.exitCode = await program(Deno.args, realWorld());
}
