import { parseArgs } from "@std/cli";
import { KEYS } from "../../config/schema.ts";
import { UserError } from "../../core/failures/errors.ts";
import { near } from "../../core/text/nearest.ts";
import type { Command, Flag } from "./command.ts";

/** Flags that every command takes. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { name: "config", value: "FILE", meaning: "config file" },
  { name: "data-dir", value: "DIR", meaning: "data directory" },
  { name: "log-format", value: "FORMAT", meaning: "text or json" },
  { name: "log-target", value: "TARGET", meaning: "auto, stash, journal, console or file" },
  { name: "log-level", value: "LEVEL", meaning: "trace, debug, info, warning or error" },
  { name: "json", meaning: "print results as JSON" },
  { name: "help", meaning: "show this help (-h)" },
  { name: "version", meaning: "show the version (-v)" },
];

/** Short forms, by the letter. */
const SHORT = { h: "help", v: "version" };

export interface ParsedArguments {
  values: Record<string, string>;
  switches: Set<string>;
  words: string[];
}

/** Every setting can be given as a flag: `poll_interval` as `--poll-interval`. */
export const SETTING_FLAGS: readonly string[] = KEYS.map((key) => key.replaceAll("_", "-"));

/** Whether one of the names, without dashes, is among the flags. */
export function hasFlag(args: readonly string[], name: keyof typeof LONG_AND_SHORT): boolean {
  const end = args.indexOf("--");
  const flags = end < 0 ? args : args.slice(0, end);
  return LONG_AND_SHORT[name].some((flag) => flags.includes(flag));
}

const LONG_AND_SHORT = { help: ["--help", "-h"], version: ["--version", "-v"] } as const;

/**
 * Reads the arguments behind a command's name.
 * @throws {UserError} usage: an unknown flag, one whose value is missing, or a switch with a value
 * that is neither true nor false
 */
export function readArguments(
  args: readonly string[],
  command: Pick<Command, "flags"> = {},
): ParsedArguments {
  const flags = [...GLOBAL_FLAGS, ...command.flags ?? []];
  const named = flags.filter((flag) => flag.value !== undefined).map((flag) => flag.name);
  const switches = flags.filter((flag) => flag.value === undefined).map((flag) => flag.name);
  const lists = flags.filter((flag) => flag.value?.endsWith("…")).map((flag) => flag.name);
  const taking = [...new Set([...named, ...SETTING_FLAGS])].filter((name) =>
    !switches.includes(name)
  );
  const { values, rest } = takeOddValues(args, taking);
  refuseSwitchValues(rest, switches);
  const unknown: string[] = [];
  const parsed = parseArgs(rest, {
    // A word stays as it was written: 0x10 is no 16.
    string: [...taking, "_"],
    boolean: switches,
    collect: lists,
    alias: SHORT,
    unknown(arg: string, key?: string) {
      if (key === undefined) return true;
      unknown.push(arg);
      return false;
    },
  }) as Record<string, unknown> & { _: (string | number)[] };
  if (unknown.length > 0) throw unknownFlag(unknown[0]!, [...taking, ...switches]);
  for (const name of taking) {
    const found = parsed[name];
    const given = [found].flat().filter((value) => value !== undefined).map(String);
    if (given.length === 0) continue;
    if (given.includes("")) throw new UserError(`--${name} needs a value`, "usage");
    values[name] = given.join(",");
  }
  return {
    values,
    switches: new Set(switches.filter((name) => parsed[name] === true)),
    words: parsed._.map(String),
  };
}

/**
 * Takes out what the parser has other ideas of: a value that is empty (`--name=`) or begins with a
 * minus (`--name -1`).
 * @throws {UserError} usage: a negative number that is no flag's value
 */
function takeOddValues(
  args: readonly string[],
  taking: readonly string[],
): { values: Record<string, string>; rest: string[] } {
  const values: Record<string, string> = {};
  const rest: string[] = [];
  const end = args.indexOf("--");
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (end >= 0 && at >= end) return { values, rest: [...rest, ...args.slice(at)] };
    const [, name, equals] = /^--([^=]+)(=?)$/.exec(arg) ?? [];
    const next = args[at + 1] ?? "";
    if (name !== undefined && taking.includes(name) && (equals === "=" || isNegative(next))) {
      values[name] = equals === "=" ? "" : next;
      if (equals !== "=") at++;
    } else if (isNegative(arg)) {
      throw new UserError(`Unexpected "${arg}"`, "usage", "No command takes a negative number");
    } else rest.push(arg);
  }
  return { values, rest };
}

function isNegative(arg: string): boolean {
  return /^-\d/.test(arg);
}

/** `--yes=no` must not mean yes. */
function refuseSwitchValues(args: readonly string[], switches: readonly string[]): void {
  for (const arg of args) {
    if (arg === "--") return;
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(arg) ?? [];
    if (name === undefined || !switches.includes(name)) continue;
    if (value !== "true" && value !== "false") {
      throw new UserError(`--${name} takes only true or false: it is "${value}"`, "usage");
    }
  }
}

function unknownFlag(arg: string, known: readonly string[]): UserError {
  const name = arg.replace(/^-+/, "").split("=")[0]!;
  const flag = arg.startsWith("--") ? `--${name}` : arg;
  const meant = near(name, known);
  return new UserError(
    `Unknown flag ${flag}`,
    "usage",
    meant === undefined ? "--help lists all" : `The nearest is --${meant}; --help lists all`,
  );
}
