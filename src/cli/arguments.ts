import { parseArgs } from "@std/cli";
import { KEYS } from "../config/schema.ts";
import { UserError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Command, Flag } from "./command.ts";

/** Flags that every command takes. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { name: "config", value: "FILE", meaning: "config file" },
  { name: "data-dir", value: "DIR", meaning: "data directory" },
  { name: "log-format", value: "FORMAT", meaning: "text or json" },
  { name: "log-target", value: "TARGET", meaning: "auto, stash, journal, console or file" },
  { name: "log-level", value: "LEVEL", meaning: "trace, debug, info, warning or error" },
  { name: "json", meaning: "print results as JSON" },
  { name: "help", meaning: "show this help" },
  { name: "version", meaning: "show the version" },
];

export interface ParsedArguments {
  values: Record<string, string>;
  switches: Set<string>;
  words: string[];
}

/** Every setting can be given as a flag: `poll_interval` as `--poll-interval`. */
export const SETTING_FLAGS: readonly string[] = KEYS.map((key) => key.replaceAll("_", "-"));

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
  const taking = [...new Set([...named, ...SETTING_FLAGS])].filter((name) =>
    !switches.includes(name)
  );
  refuseSwitchValues(args, switches);
  const unknown: string[] = [];
  const parsed = parseArgs([...args], {
    string: taking,
    boolean: switches,
    alias: { h: "help" },
    unknown(arg: string, key?: string) {
      if (key === undefined) return true;
      unknown.push(arg);
      return false;
    },
  }) as Record<string, unknown> & { _: (string | number)[] };
  if (unknown.length > 0) throw unknownFlag(unknown[0]!, [...taking, ...switches]);
  const values: Record<string, string> = {};
  for (const name of taking) {
    const value = parsed[name];
    if (value === undefined) continue;
    if (value === "" && !args.includes(`--${name}=`)) {
      throw new UserError(`--${name} needs a value`, "usage");
    }
    values[name] = String(value);
  }
  return {
    values,
    switches: new Set(switches.filter((name) => parsed[name] === true)),
    words: parsed._.map(String),
  };
}

/** `--yes=no` must not mean yes. */
function refuseSwitchValues(args: readonly string[], switches: readonly string[]): void {
  for (const arg of args) {
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(arg) ?? [];
    if (name === undefined || !switches.includes(name)) continue;
    if (value !== "true" && value !== "false") {
      throw new UserError(`--${name} takes only true or false: it is "${value}"`, "usage");
    }
  }
}

function unknownFlag(arg: string, known: readonly string[]): UserError {
  const name = arg.replace(/^-+/, "").split("=")[0]!;
  return new UserError(
    `Unknown flag --${name}`,
    "usage",
    `The nearest is --${nearest(name, known)}; --help lists all`,
  );
}
