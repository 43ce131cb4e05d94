/**
 * Stand-in for `@std/cli`: `parseArgs` with lists of names, as the program uses it, and
 * `unicodeWidth`. Left out: dotted names (`--a.b`), which the real one turns into nested objects,
 * and `boolean: true`.
 */

type OneOrMore<T> = T | readonly T[];

/** What the arguments may be; names without dashes. */
export interface ParseOptions<B extends string, S extends string, C extends string> {
  /** Collect what stands after `--` under this name instead of in `_`. */
  "--"?: boolean;
  /** Other names: a value set under one is set under all. */
  alias?: Readonly<Record<string, OneOrMore<string>>>;
  /** Flags without a value; false when absent. */
  boolean?: OneOrMore<B>;
  /** Values of what is absent. */
  default?: Readonly<Record<string, unknown>>;
  /** Take the first argument that is no option, and all after it, into `_`. */
  stopEarly?: boolean;
  /** Options whose value stays a string; others become numbers where they look like one. */
  string?: OneOrMore<S>;
  /** Options that may be repeated: all values in a list. Otherwise the last one counts. */
  collect?: OneOrMore<C>;
  /** Options for which `--no-NAME` means false. */
  negatable?: OneOrMore<string>;
  /** Called with what none of the lists names; `false` drops it. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Values by name, and in `_` what is no option. */
export type Args<B extends string, S extends string, C extends string> =
  & Record<string, unknown>
  & { [K in Exclude<B, C>]: boolean }
  & { [K in Exclude<S, C>]?: string }
  & { [K in C]: string[] }
  // deno-lint-ignore no-explicit-any -- as in the real one: numbers or strings, by their looks
  & { _: any[]; "--"?: string[] };

/** The options with every alias beside its name. */
interface Names {
  readonly aliases: Map<string, Set<string>>;
  readonly boolean: Set<string>;
  readonly string: Set<string>;
  readonly collect: Set<string>;
  readonly negatable: Set<string>;
}

type Value = string | number | boolean;

/** Reads command line arguments. Never throws. */
export function parseArgs<
  B extends string = never,
  S extends string = never,
  C extends string = never,
>(args: readonly string[], options: ParseOptions<B, S, C> = {}): Args<B, S, C> {
  const names = readNames(options);
  const unknown = options.unknown ?? (() => true);
  const result: Record<string, unknown> & { _: (string | number)[] } = { _: [] };

  const set = (key: string, given: Value, arg: string, collects = true) => {
    const known = names.boolean.has(key) || names.string.has(key) || names.collect.has(key) ||
      names.aliases.has(key);
    if (!known && unknown(arg, key, given) === false) return;
    const value = typeof given === "string" && !names.string.has(key) ? readNumber(given) : given;
    for (const name of [key, ...names.aliases.get(key) ?? []]) {
      if (!collects || !names.collect.has(key)) result[name] = value;
      else if (Array.isArray(result[name])) result[name].push(value);
      else result[name] = [value];
    }
  };

  const split = args.indexOf("--");
  const flags = split < 0 ? args : args.slice(0, split);
  const rest = split < 0 ? [] : args.slice(split + 1);

  for (let i = 0; i < flags.length; i++) {
    const arg = flags[i]!;
    if (arg.length > 2 && arg.startsWith("--")) {
      if (readLong(arg, flags[i + 1], names, set)) i++;
    } else if (arg.length > 1 && arg.startsWith("-")) {
      if (readShort(arg, flags[i + 1], names, set)) i++;
    } else {
      if (unknown(arg) !== false) result._.push(names.string.has("_") ? arg : readNumber(arg));
      if (options.stopEarly) {
        result._.push(...flags.slice(i + 1));
        break;
      }
    }
  }

  addDefaults(result, names, options.default ?? {});
  if (options["--"]) result["--"] = rest;
  else result._.push(...rest);
  return result as Args<B, S, C>;
}

type Setter = (key: string, value: Value, arg: string, collects?: boolean) => void;

/** `--name`, `--name=value`, `--name value`, `--no-name`. Returns whether `next` was the value. */
function readLong(arg: string, next: string | undefined, names: Names, set: Setter): boolean {
  const [, negated, bare = "", value] = /^--(no-)?(.+?)(?:=(.*))?$/s.exec(arg) ?? [];
  if (value !== undefined) {
    set(bare, names.boolean.has(bare) ? value !== "false" : value, arg);
    return false;
  }
  if (negated && names.negatable.has(bare)) {
    set(bare, false, arg, false);
    return false;
  }
  const key = negated ? `no-${bare}` : bare;
  const taken = next && !next.startsWith("-") ? readNext(key, next, names) : undefined;
  set(key, taken ?? (names.string.has(key) ? "" : true), arg);
  return taken !== undefined;
}

/** `-x`, `-x value`, `-x5`, `-x=value`, `-xyz`. Returns whether `next` was the value. */
function readShort(arg: string, next: string | undefined, names: Names, set: Setter): boolean {
  for (let j = 1; j < arg.length - 1; j++) {
    const letter = arg[j]!;
    const tail = arg.slice(j + 1);
    if (tail === "-") {
      set(letter, tail, arg);
      continue;
    }
    const attached = readAttached(letter, tail);
    if (attached !== undefined) {
      set(letter, attached, arg);
      return false;
    }
    set(letter, names.string.has(letter) ? "" : true, arg);
  }
  const key = arg.at(-1)!;
  if (key === "-") return false;
  const taken = next && !/^--?[^-]/.test(next) ? readNext(key, next, names) : undefined;
  set(key, taken ?? (names.string.has(key) ? "" : true), arg);
  return taken !== undefined;
}

/** The value that hangs on a letter: `=value`, a number, or what begins with a sign. */
function readAttached(letter: string, tail: string): string | undefined {
  if (tail === "=") return "";
  if (/[A-Za-z]/.test(letter)) {
    const value = /=(.+)/.exec(tail)?.[1];
    if (value !== undefined) return value;
    if (/-?\d+(\.\d*)?(e-?\d+)?$/.test(tail)) return tail;
  }
  return tail.length > 1 && /\W/.test(tail[0]!) ? tail : undefined;
}

/** What the next argument gives to an option: a flag takes only `true` and `false`. */
function readNext(key: string, next: string, names: Names): Value | undefined {
  if (!names.boolean.has(key)) return next;
  return next === "true" || next === "false" ? next === "true" : undefined;
}

function readNames(options: ParseOptions<string, string, string>): Names {
  const aliases = new Map<string, Set<string>>();
  for (const [name, others] of Object.entries(options.alias ?? {})) {
    const group = [name, ...list(others)];
    for (const one of group) aliases.set(one, new Set(group.filter((other) => other !== one)));
  }
  const withAliases = (names: OneOrMore<string> | undefined) =>
    new Set(list(names).flatMap((name) => [name, ...aliases.get(name) ?? []]));
  return {
    aliases,
    boolean: withAliases(options.boolean),
    string: withAliases(options.string),
    collect: withAliases(options.collect),
    negatable: withAliases(options.negatable),
  };
}

function addDefaults(
  result: Record<string, unknown>,
  names: Names,
  defaults: Readonly<Record<string, unknown>>,
) {
  const fill = (name: string, value: unknown) => {
    if (!Object.hasOwn(result, name)) result[name] = value;
  };
  for (const [name, value] of Object.entries(defaults)) {
    if (Object.hasOwn(result, name)) continue;
    for (const one of [name, ...names.aliases.get(name) ?? []]) result[one] = value;
  }
  for (const name of names.boolean) fill(name, names.collect.has(name) ? [] : false);
  for (const name of names.string) if (names.collect.has(name)) fill(name, []);
}

function list<T extends string>(names: OneOrMore<T> | undefined): T[] {
  return (typeof names === "string" ? [names] : [...names ?? []]).filter((name) => name !== "");
}

function readNumber(value: string): string | number {
  return value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
}

/** Takes no column of its own: marks, joiners and other invisible characters. */
const NO_COLUMN = /[\p{Mn}\p{Me}\u1160-\u11ff\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/u;
/** Two columns beside emoji: ideographs, syllables of Korean, and forms as wide as those. */
const TWO_COLUMNS =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI = /(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation}/u;

/** How many columns of a terminal a text takes; control characters take none. */
export function unicodeWidth(text: string): number {
  let width = 0;
  for (const char of text) width += columnsOf(char);
  return width;
}

function columnsOf(char: string): number {
  const code = char.codePointAt(0)!;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  if (code < 0x300) return 1;
  if (NO_COLUMN.test(char)) return 0;
  return TWO_COLUMNS.test(char) || EMOJI.test(char) ? 2 : 1;
}
