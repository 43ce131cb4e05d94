import { UserError } from "../core/errors.ts";
import { escapeLine } from "../core/escape.ts";
import { nearest } from "../core/nearest.ts";
import { explainFault } from "../core/store_fault.ts";
import { VERSION } from "../core/version.ts";
import { GLOBAL_FLAGS, readArguments, SETTING_FLAGS } from "./arguments.ts";
import { CHAPTERS, readChapter } from "./chapters.ts";
import type { Command, Flag, Invocation } from "./command.ts";
import { exitCodeOf } from "./exit_code.ts";
import type { OtherFaces } from "./other_faces.ts";
import type { World } from "../app/world.ts";

/** Commands by name. Each is loaded when it is called: a short-lived one must start fast. */
const COMMANDS: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  run: () => import("./run_command.ts"),
  sync: () => import("./sync_command.ts"),
  plan: () => import("./plan_command.ts"),
  reconcile: () => import("./reconcile_command.ts"),
  match: () => import("./match_command.ts"),
  status: () => import("./status_command.ts"),
  stats: () => import("./stats_command.ts"),
  queue: () => import("./queue_command.ts"),
  dead: () => import("./dead_command.ts"),
  health: () => import("./health_command.ts"),
  backup: () => import("./backup_command.ts"),
  config: () => import("./config_command.ts"),
  install: () => import("./install_command.ts"),
  uninstall: () => import("./uninstall_command.ts"),
  plugin: () => import("./plugin_command.ts"),
  version: () => import("./version_command.ts"),
};

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

type Wiring = Pick<Invocation, "world" | "faces">;

async function dispatch(args: readonly string[], wiring: Wiring): Promise<number> {
  const { world } = wiring;
  // The flag stands for the command, whatever else is given with it.
  if (args.includes("--stats")) {
    return await call("stats", args.filter((arg) => arg !== "--stats"), wiring);
  }
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  // Flags may stand before the command, with their values behind them.
  const { name, rest } = splitCommand(args, at);
  if (name === undefined) {
    if (args.includes("--version")) return await call("version", rest, wiring);
    if (args.includes("--help") || args.includes("-h")) {
      world.stdout(await overview());
      return 0;
    }
    readArguments(rest);
    throw new UserError("No command given", "usage", "plexsync --help lists the commands");
  }
  if (name === "help") return await help(readArguments(rest).words, wiring);
  return await call(name, rest, wiring);
}

/** The list of commands, or what there is to tell of one topic: a command, a chapter, or both. */
async function help([topic, ...rest]: readonly string[], wiring: Wiring): Promise<number> {
  const { world } = wiring;
  if (rest.length > 0) {
    throw new UserError(`Unexpected "${rest[0]}"`, "usage", "plexsync help takes one topic");
  }
  if (topic === undefined) {
    world.stdout(await overview());
    return 0;
  }
  const isChapter = Object.hasOwn(CHAPTERS, topic);
  const isCommand = Object.hasOwn(COMMANDS, topic);
  if (!isChapter && !isCommand) {
    const near = nearest(topic, [...Object.keys(COMMANDS), ...Object.keys(CHAPTERS)]);
    throw new UserError(
      `No help on "${topic}"`,
      "usage",
      `The nearest is ${near}; plexsync help lists commands and chapters`,
    );
  }
  if (isCommand) await call(topic, ["--help"], wiring);
  if (isChapter) world.stdout((isCommand ? "\n" : "") + readChapter(topic));
  return 0;
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
    const near = nearest(name, Object.keys(COMMANDS));
    throw new UserError(
      `Unknown command "${name}"`,
      "usage",
      `The nearest is ${near}; plexsync --help lists all`,
    );
  }
  const { command } = await load();
  if (args.includes("--help") || args.includes("-h")) {
    wiring.world.stdout(helpOf(command));
    return 0;
  }
  const { values, switches, words } = readArguments(args, command);
  if (words.length > 0 && command.takesWords !== true) {
    throw new UserError(
      `Unexpected "${words[0]}"`,
      "usage",
      `plexsync help ${name} tells what it takes`,
    );
  }
  return await command.run({
    ...wiring,
    around: { world: wiring.world, flags: settingsIn(values) },
    values,
    switches,
    words,
    json: switches.has("json"),
  });
}

/** What an installation is opened by; the rest is the command's own. */
function settingsIn(values: Readonly<Record<string, string>>): Record<string, string> {
  const names = [...SETTING_FLAGS, "config", "data-dir"];
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

async function overview(): Promise<string> {
  const rows: [string, string][] = [];
  for (const load of Object.values(COMMANDS)) {
    const { command } = await load();
    rows.push([command.usage, command.summary]);
  }
  return `plexsync ${VERSION}: keeps Plex's metadata equal to what was curated in Stash

Usage: plexsync COMMAND [flags]

Commands:
${columns(rows)}

Flags of every command (each setting is a flag too, such as --poll-interval 10):
${flagLines(GLOBAL_FLAGS)}

plexsync help CHAPTER prints one of these, plexsync help COMMAND what a command takes:
${chapterNames()}

plexsync --stats is short for plexsync stats.
Exit codes: 0 done, 1 failed, 2 wrong usage or config, 3 the answer is "no".
`;
}

function chapterNames(): string {
  const names = Object.keys(CHAPTERS);
  const half = Math.ceil(names.length / 2);
  return `${names.slice(0, half).join(", ")},\n${names.slice(half).join(", ")}.`;
}

function helpOf(command: Command): string {
  const own = command.flags ?? [];
  const flags = own.length === 0 ? "" : `\nFlags:\n${flagLines(own)}\n`;
  const notes = command.notes === undefined ? "" : `\n${command.notes.join("\n")}\n`;
  return `${command.summary}

Usage: plexsync ${command.usage}
${flags}
Flags of every command:
${flagLines(GLOBAL_FLAGS)}
${notes}`;
}

function flagLines(flags: readonly Flag[]): string {
  return columns(flags.map(({ name, value, meaning }) => [
    `--${name}${value === undefined ? "" : ` ${value}`}`,
    meaning,
  ]));
}

function columns(rows: readonly [string, string][]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

/** Says what went wrong, without a stack trace: that is for dead letters and logs. */
function fail(thrown: unknown, world: World): number {
  const error = explainFault(thrown) ??
    (thrown instanceof Error ? thrown : new Error(String(thrown)));
  const lines = error.message.split("\n").map((line) => `error: ${escapeLine(line)}`);
  const hint = (error as { hint?: string }).hint;
  if (hint !== undefined) lines.push(`hint: ${escapeLine(hint)}`);
  world.stderr(new TextEncoder().encode(lines.join("\n") + "\n"));
  return exitCodeOf(error);
}
