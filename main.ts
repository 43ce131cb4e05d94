import { realWorld, type World } from "./src/app/world.ts";
import type { OtherFaces } from "./src/cli/frame/other_faces.ts";
import { pluginMain } from "./src/plugin/plugin_main.ts";

// Nothing but the way of a hook is loaded at the start: Stash waits for each of its hooks.

/** What the faces need of each other. */
export const FACES: OtherFaces = {
  plugin: () => import("./src/plugin/plugin_face.ts"),
  http: () => import("./src/http/http_face.ts"),
};

async function program(args: readonly string[], world: World): Promise<number> {
  const all = await import("./src/cli/frame/program.ts");
  return await all.program(args, world, FACES);
}

async function exitCodeOf(thrown: unknown): Promise<number> {
  const codes = await import("./src/cli/frame/exit_code.ts");
  return codes.exitCodeOf(thrown);
}

if (import.meta.main) {
  const [first, ...rest] = Deno.args;
  // The process of a hook ends at once, without a look at what may be left to do.
  if (first === "plugin") {
    Deno.exit(await pluginMain(rest, realWorld(), { program, exitCodeOf }));
  }
  Deno.exitCode = await program(Deno.args, realWorld());
}
