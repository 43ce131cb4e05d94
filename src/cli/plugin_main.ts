import { actionOf } from "../core/hook.ts";
import { hookOutput } from "../intake/hook.ts";
import { parsePluginInput, type PluginInput } from "../stash/plugin_protocol.ts";
import type { Invocation } from "./command.ts";
import { answering, readInput } from "./plugin_io.ts";
import type { World } from "../app/world.ts";

// Whoever saves in Stash waits for this process, for each scene of a bulk edit anew (stash-api
// 0.1, 0.2): a hook must not load what it does not need, nor name it in a literal import().

/**
 * `plexsync plugin …` by the shortest way when it is a hook; all else goes the way of any command.
 * @param args What stands behind `plugin`
 * @param program Runs any command
 * @returns the exit code
 */
export async function pluginMain(
  args: readonly string[],
  world: World,
  program: (args: readonly string[], world: World) => Promise<number>,
): Promise<number> {
  const values = plainValues(args);
  if (values === null || Deno.stdin.isTerminal()) return await program(["plugin", ...args], world);
  let bytes: Uint8Array;
  let input: PluginInput;
  try {
    bytes = readInput(Deno.stdin);
    input = parsePluginInput(bytes);
  } catch (thrown) {
    return await answering(world, () => Promise.reject(thrown));
  }
  const { hook } = input;
  if (hook === null) return await program(["plugin", ...args], { ...world, stdin: () => bytes });
  return await answering(world, () => takeHookCall(hook, values, world));
}

/** Keeps what a hook asks for; a hook that asks for nothing opens no file. */
export async function takeHookCall(
  hook: NonNullable<PluginInput["hook"]>,
  values: Invocation["values"],
  world: World,
): Promise<string> {
  const action = actionOf(hook);
  if (action.kind !== "nothing") {
    const { keep } = await import("./plugin_hook.ts");
    await keep(action, values["data-dir"], world);
  }
  return hookOutput(action);
}

/** The flags that manifests carry, both with a value. */
const MANIFEST_FLAGS = ["--data-dir", "--config"];

/** The values if there is nothing but what a manifest carries, else null. */
function plainValues(args: readonly string[]): Invocation["values"] | null {
  const values: Record<string, string> = {};
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at]!, args[at + 1]];
    if (!MANIFEST_FLAGS.includes(name) || !value || value.startsWith("-")) return null;
    values[name.slice(2)] = value;
  }
  return values;
}
