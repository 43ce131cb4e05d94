import { program } from "./src/cli/program.ts";
import { realWorld } from "./src/cli/world.ts";

if (import.meta.main) Deno.exitCode = await program(Deno.args, realWorld());
