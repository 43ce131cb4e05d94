/** Starting the demo in tests, as `deno task demo` starts it, with a folder of its own for files. */
import { join } from "node:path";
import { IMPORTS_ENV } from "../scripts/imports.ts";
import {
  currentImports,
  type Program,
  type ProgramResult,
  ROOT,
  sourceCommand,
  startProgram,
} from "./program.ts";

/** A demo under way; `temp` is where it makes its temporary folders. */
export interface Demo {
  readonly program: Program;
  readonly temp: string;
}

/** Starts the demo, hands it to `use`, and takes its folder away in the end. */
export async function withDemo<T>(
  args: readonly string[],
  use: (demo: Demo) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const temp = await Deno.makeTempDir({ prefix: "plexsync-demo-test-" });
  try {
    const [deno, ...flags] = sourceCommand(join(ROOT, "scripts", "demo.ts"));
    const entry = flags.pop()!;
    const bin = Deno.env.get("PLEXSYNC_BIN");
    await using program = await startProgram(args, {
      env: {
        [IMPORTS_ENV]: currentImports().value,
        ...(bin ? { PLEXSYNC_BIN: bin } : {}),
        TMPDIR: temp,
        TMP: temp,
        TEMP: temp,
        ...env,
      },
    }, [deno, ...flags, "--allow-run", entry]);
    return await use({ program, temp });
  } finally {
    await Deno.remove(temp, { recursive: true });
  }
}

/** Runs the demo to its end; `left` names what it left in its folder for temporary files. */
export function runDemo(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<ProgramResult & { left: string[] }> {
  return withDemo(args, async ({ program, temp }) => {
    const result = await program.result;
    return { ...result, left: [...Deno.readDirSync(temp)].map(({ name }) => name) };
  }, env);
}
