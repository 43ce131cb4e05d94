import { realWorld, type World } from "./src/app/world.ts";
import type { OtherFaces } from "./src/cli/frame/other_faces.ts";

// Nothing is loaded but what is called: Stash waits for each of its hooks. From source, Deno reads at
// once, called or not, whatever an `import()` names by a plain string, and all that this leads to:
// 18 ms of each process. What is named `as string` it reads when it is called.

/** What the faces need of each other. */
export const FACES: OtherFaces = {
  plugin: (): Promise<typeof import("./src/plugin/plugin_face.ts")> =>
    import("./src/plugin/plugin_face.ts" as string),
  http: (): Promise<typeof import("./src/http/http_face.ts")> =>
    import("./src/http/http_face.ts" as string),
};

async function program(args: readonly string[], world: World): Promise<number> {
  const all: typeof import("./src/cli/frame/program.ts") = await import(
    "./src/cli/frame/program.ts" as string
  );
  return await all.program(args, world, FACES);
}

async function exitCodeOf(thrown: unknown): Promise<number> {
  const codes: typeof import("./src/cli/frame/exit_code.ts") = await import(
    "./src/cli/frame/exit_code.ts" as string
  );
  return codes.exitCodeOf(thrown);
}

if (import.meta.main) {
  const [first, ...rest] = Deno.args;
  // Once all is done the process ends, whatever a server leaves open: a runtime kept it alive for ever
  // over a connection on which a Plex had sent without end. All output is written by then.
  if (first === "plugin") {
    const { pluginMain }: typeof import("./src/plugin/plugin_main.ts") = await import(
      "./src/plugin/plugin_main.ts" as string
    );
    Deno.exit(await pluginMain(rest, realWorld(), { program, exitCodeOf }));
  }
  Deno.exit(await program(Deno.args, realWorld()));
}
