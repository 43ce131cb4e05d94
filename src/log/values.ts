import { PlexsyncError, UserError } from "../core/failures/errors.ts";
import { explainFault } from "../core/failures/store_fault.ts";
import { type LogFields, type LogValue, PATH_FIELDS } from "./line_fields.ts";

/** How texts are made fit for the log. */
export interface Cleaner {
  redact(text: string): string;
  /** Word substitution for paths; none when they may be shown. */
  obfuscate?: ((path: string) => string) | undefined;
}

/** Deeper structures, and longer chains of causes, are cut: a log line is no dump. */
const MAX_DEPTH = 5;

/**
 * A record's message and fields without secrets and, when asked for, without
 * paths: also where the text of another field repeats a path that stands in a
 * path field, as error messages do.
 * @param withStack Whether every error's stack trace is wanted
 */
export function cleanRecord(
  message: string,
  fields: LogFields,
  cleaner: Cleaner,
  withStack: boolean,
): { message: string; fields: Record<string, LogValue>; said: readonly string[] } {
  const { error, said = [], paths = [], ...rest } = fields;
  const all: Record<string, unknown> = { ...errorFields(error, withStack), ...defined(rest) };
  const { redact, obfuscate } = cleaner;
  const hide = obfuscate === undefined
    ? (raw: string) => raw
    : pathHider([...pathsIn(all), ...paths, ...pathsOf(error)], obfuscate);
  const text = (raw: string) => redact(hide(raw));
  const entries = Object.entries(all).map(([name, value]) => {
    const isPath = obfuscate !== undefined && typeof value === "string" &&
      PATH_FIELDS.includes(name);
    if (isPath) return [name, redact(obfuscate(value))] as const;
    const shown = name === "candidates" && obfuscate !== undefined
      ? hideCandidates(value, obfuscate)
      : value;
    return [name, plain(shown, text, MAX_DEPTH)] as const;
  });
  return { message: text(message), fields: Object.fromEntries(entries), said };
}

function pathsIn(fields: Record<string, unknown>): string[] {
  return PATH_FIELDS.map((name) => fields[name]).filter((path) => typeof path === "string");
}

function pathsOf(error: unknown): readonly string[] {
  return error instanceof PlexsyncError ? error.paths : [];
}

/**
 * Substitutes the record's own paths wherever they stand in its texts, the longest first, and the
 * folders that they lie in, which stand there alone as parts of a rule.
 */
function pathHider(
  all: readonly string[],
  obfuscate: (path: string) => string,
): (raw: string) => string {
  // A name without a folder may be a word of the message.
  const paths = [...new Set(all)].filter((path) => /[^\\/][\\/]|[\\/][^\\/]/.test(path));
  const folders = [...new Set(paths.flatMap(foldersAbove))].filter((each) => !paths.includes(each));
  const longest = (a: string, b: string) => b.length - a.length;
  const hidden = paths.sort(longest).flatMap(spellings).map((path) => ({
    find: path,
    put: () => obfuscate(path),
  }));
  const above = folders.sort(longest).flatMap(spellings).map((folder) => ({
    // Not where it only begins or ends like a name of something else.
    find: new RegExp(`(?<![\\p{L}\\p{N}_.-])${RegExp.escape(folder)}(?![\\p{L}\\p{N}_-])`, "gu"),
    put: () => obfuscate(folder),
  }));
  return (raw) =>
    [...hidden, ...above].reduce((text, { find, put }) => text.replaceAll(find, put), raw);
}

/** Each folder above a path but the root. */
function foldersAbove(path: string): string[] {
  const ends = [...path.matchAll(/(?<=[^\\/])[\\/]/g)].map(({ index }) => path.slice(0, index));
  return ends.filter((folder) => /[\\/]/.test(folder));
}

/** As it is, and as it stands between quotes in a setting. */
function spellings(path: string): string[] {
  return [...new Set([path, JSON.stringify(path).slice(1, -1)])];
}

/** `item 5: /data/a.mp4`: other paths than the record's own, behind the key of their item. */
function hideCandidates(value: unknown, obfuscate: (path: string) => string): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item: unknown) =>
    typeof item === "string" ? item.replace(/(?:[A-Za-z]:)?[\\/][^]*/, obfuscate) : item
  );
}

/** Counters without secrets, as data and as the message. */
export function cleanCounters(
  counters: Readonly<Record<string, LogValue>>,
  { redact }: Cleaner,
): { message: string; fields: Record<string, LogValue>; data: Record<string, LogValue> } {
  const data = plainObject(counters, redact, MAX_DEPTH);
  return { message: JSON.stringify(data), fields: { event: "summary" }, data };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Plain data of the same shape, every string and name put through `text`. Never throws. */
function plain(value: unknown, text: (raw: string) => string, depth: number): LogValue {
  if (value === null || value === undefined || typeof value === "boolean") return value ?? null;
  if (typeof value === "number") {
    const digits = String(value);
    return Number.isFinite(value) && text(digits) === digits ? value : text(digits);
  }
  if (value instanceof Error) return text(chainOf(value));
  if (typeof value !== "object") return text(String(value));
  if (depth === 0) return "…";
  if (Array.isArray(value)) return value.map((item) => plain(item, text, depth - 1));
  return plainObject(value, text, depth - 1);
}

function plainObject(
  object: object,
  text: (raw: string) => string,
  depth: number,
): Record<string, LogValue> {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [text(name), plain(value, text, depth)]),
  );
}

/** `message: cause: cause of the cause`, for as long as each adds something. */
function chainOf(thrown: unknown): string {
  const parts: string[] = [];
  let current = thrown;
  for (let depth = 0; depth < MAX_DEPTH && current !== undefined && current !== null; depth++) {
    const part = current instanceof Error ? current.message || current.name : String(current);
    if (!parts.some((known) => known.includes(part))) parts.push(part);
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(": ");
}

function errorFields(error: unknown, withStack: boolean): Record<string, unknown> {
  if (error === undefined) return {};
  const typed = error instanceof PlexsyncError ? error : undefined;
  // A full disk is no failure of a job, so it has no type; nor is it one that nobody foresaw.
  const told = error instanceof UserError ? error : explainFault(error);
  const type = typed?.type ?? (told === null ? "Unknown" : undefined);
  const stack = error instanceof Error && (withStack || type === "Unknown")
    ? error.stack
    : undefined;
  return defined({
    error_type: type,
    error_message: chainOf(told ?? error),
    path: typed?.path,
    candidates: typed?.candidates,
    status: typed?.status,
    hint: typed?.hint ?? told?.hint,
    stack_trace: stack,
  });
}
