import { realWorld } from "./src/cli/world.ts";

if (import.meta.main) {
  const [first, ...rest] = Deno.args;
  if (first === "plugin") {
    // Stash waits for each hook: what other commands need is not even loaded.
    const { pluginMain } = await import("./src/cli/plugin.ts");
    Deno.exit(await pluginMain(rest, realWorld()));
  } else {
    const { program } = await import("./src/cli/program.ts");
    Deno.exitCode = await program(Deno.args, realWorld());
  }
}
