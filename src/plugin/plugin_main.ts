import { actionOf, hookOutput } from "../core/jobs/hook.ts";
import { parsePluginInput, type PluginInput } from "./protocol.ts";
import { answering, readInput } from "./stdio.ts";
import type { World } from "../app/world.ts";

// Whoever saves in Stash waits for this process, for each scene of a bulk edit anew: a hook must not
// load what it does not need. All else is handed in.

/** What is needed beside a hook, loaded when it is. */
export interface Elsewhere {
  /** Runs any command. */
  program(args: readonly string[], world: World): Promise<number>;
  /** What the process ends with after an error. */
  exitCodeOf(thrown: unknown): Promise<number>;
}

/**
 * `plexsync plugin …` by the shortest way when it is a hook; all else goes the way of any command.
 * @param args What stands behind `plugin`
 * @returns the exit code
 */
export async function pluginMain(
  args: readonly string[],
  world: World,
  { program, exitCodeOf }: Elsewhere,
): Promise<number> {
  const values = plainValues(args);
  if (values === null || Deno.stdin.isTerminal()) return await program(["plugin", ...args], world);
  let bytes: Uint8Array;
  let input: PluginInput;
  try {
    bytes = readInput(Deno.stdin);
    input = parsePluginInput(bytes);
  } catch (thrown) {
    return await answering(world, () => Promise.reject(thrown), exitCodeOf);
  }
  const { hook } = input;
  if (hook === null) return await program(["plugin", ...args], { ...world, stdin: () => bytes });
  const dataDir = values["data-dir"];
  return await answering(world, () => takeHookCall(hook, dataDir, world), exitCodeOf);
}

/** Keeps what a hook asks for; a hook that asks for nothing opens no file. */
export async function takeHookCall(
  hook: NonNullable<PluginInput["hook"]>,
  dataDir: string | undefined,
  world: World,
): Promise<string> {
  const action = actionOf(hook);
  if (action.kind !== "nothing") {
    const { keepHook }: typeof import("../app/queue/hook_keeping.ts") = await import(
      "../app/queue/hook_keeping.ts" as string
    );
    const folder = await keepHook(action, dataDir, world);
    if (folder !== null) {
      const { sayNoDaemon }: typeof import("./no_daemon.ts") = await import(
        "./no_daemon.ts" as string
      );
      sayNoDaemon(folder, world);
    }
  }
  return hookOutput(action);
}

/** The flags that manifests carry, both with a value. */
const MANIFEST_FLAGS = ["--data-dir", "--config"];

/** The values if there is nothing but what a manifest carries, else null. */
function plainValues(args: readonly string[]): Readonly<Record<string, string>> | null {
  const values: Record<string, string> = {};
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at]!, args[at + 1]];
    if (!MANIFEST_FLAGS.includes(name) || !value || value.startsWith("-")) return null;
    values[name.slice(2)] = value;
  }
  return values;
}
