import { UserError } from "../../core/failures/errors.ts";
import { escapeLine } from "../../core/text/escape.ts";
import { near } from "../../core/text/nearest.ts";
import { explainFault } from "../../core/failures/store_fault.ts";
import { GLOBAL_FLAGS, hasFlag, readArguments, SETTING_FLAGS } from "./arguments.ts";
import type { Command, Invocation } from "./command.ts";
import { COMMANDS, loadCommands } from "./commands.ts";
import { exitCodeOf } from "./exit_code.ts";
import type { OtherFaces } from "./other_faces.ts";
import { readCall } from "./usage.ts";
import type { World } from "../../app/world.ts";

/**
 * Runs the program.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage or config, 3 the answer is "no"
 */
export async function program(
  args: readonly string[],
  world: World,
  faces: OtherFaces,
): Promise<number> {
  try {
    return await dispatch(args, { world, faces });
  } catch (thrown) {
    return fail(thrown, world);
  }
}

type Wiring = Pick<Invocation, "world" | "faces"> & {
  /** Carries the command out for somebody who asked at the service's socket. */
  served?: Served;
};

/** What the service lets its caller do, and in what surroundings. */
export interface Served extends Required<Pick<Invocation, "around" | "input">> {
  /** @throws {UserError} it is not the service's to do */
  admit(command: Command, given: readonly string[]): void;
}

/**
 * Runs one command.
 * @throws {Error} whatever went wrong
 */
export async function dispatch(args: readonly string[], wiring: Wiring): Promise<number> {
  // The flag stands for the command, whatever else is given with it.
  if (args.includes("--stats")) {
    return await call("stats", args.filter((arg) => arg !== "--stats"), wiring);
  }
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  // Flags may stand before the command, with their values behind them.
  const { name, rest } = splitCommand(args, at);
  if (name !== undefined) return await call(name, rest, wiring);
  if (hasFlag(args, "version")) return await call("version", rest, wiring);
  if (hasFlag(args, "help")) {
    const { overview } = await helpText();
    wiring.world.stdout(overview(await loadCommands()));
    return 0;
  }
  readArguments(rest);
  throw new UserError("No command given", "usage", "plexsync --help lists the commands");
}

function splitCommand(
  args: readonly string[],
  first: number,
): { name: string | undefined; rest: string[] } {
  const taking = [
    ...GLOBAL_FLAGS.filter((flag) => flag.value !== undefined).map((flag) => flag.name),
    ...SETTING_FLAGS,
  ].map((name) => `--${name}`);
  let at = first;
  // A word right behind such a flag is its value: the command is the next word.
  while (at > 0 && taking.includes(args[at - 1]!)) {
    const next = args.slice(at + 1).findIndex((arg) => !arg.startsWith("-"));
    at = next < 0 ? -1 : at + 1 + next;
  }
  if (at < 0) return { name: undefined, rest: [...args] };
  return { name: args[at], rest: [...args.slice(0, at), ...args.slice(at + 1)] };
}

async function call(name: string, args: readonly string[], wiring: Wiring): Promise<number> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    const meant = near(name, Object.keys(COMMANDS));
    throw new UserError(
      `Unknown command "${name}"`,
      "usage",
      meant === undefined
        ? "plexsync --help lists the commands"
        : `The nearest is ${meant}; plexsync --help lists all`,
    );
  }
  const { command } = await load();
  if (hasFlag(args, "help")) {
    const { helpOf } = await helpText();
    wiring.world.stdout(helpOf(command));
    return 0;
  }
  // Whoever asks for the version of a command means that of the program, and never its work.
  if (hasFlag(args, "version") && name !== "version") {
    return await call("version", args.filter((arg) => arg === "--json"), wiring);
  }
  const { values, switches, words } = readArguments(args, command);
  const given = [...Object.keys(values), ...switches];
  const { world, faces, served } = wiring;
  const flags = settingsIn(values);
  const read = readCall(name, command, words, given);
  served?.admit(command, given);
  if (command.isServed && served === undefined) {
    const { findService }: typeof import("../service/find_service.ts") = await import(
      "../service/find_service.ts" as string
    );
    const socket = findService(world, flags);
    if (socket !== null) {
      const { askService }: typeof import("../service/ask_service.ts") = await import(
        "../service/ask_service.ts" as string
      );
      return await askService(socket, [name, ...args], world);
    }
  }
  return await command.run({
    world,
    faces,
    around: served === undefined
      ? { world, flags }
      : { ...served.around, flags: { ...served.around.flags, ...flags } },
    input: served?.input,
    values,
    switches,
    ...read,
    json: switches.has("json"),
  });
}

function helpText(): Promise<typeof import("../manual/help_text.ts")> {
  return import("../manual/help_text.ts" as string);
}

/** What an installation is opened by; the rest is the command's own. */
function settingsIn(values: Readonly<Record<string, string>>): Record<string, string> {
  const names = [...SETTING_FLAGS, "config", "data-dir"];
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** Says what went wrong, without a stack trace: that is for dead letters and logs. */
export function fail(thrown: unknown, world: World): number {
  const error = explainFault(thrown) ??
    (thrown instanceof Error ? thrown : new Error(String(thrown)));
  const lines = error.message.split("\n").map((line) => `error: ${escapeLine(line)}`);
  const hint = (error as { hint?: string }).hint;
  if (hint !== undefined) lines.push(`hint: ${escapeLine(hint)}`);
  world.stderr(new TextEncoder().encode(lines.join("\n") + "\n"));
  return exitCodeOf(error);
}
