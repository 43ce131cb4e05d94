import { byteLength, cutText, escapeJson, escapeLine, fitLine } from "../core/text/escape.ts";
import type { LogFormat } from "../config/config.ts";
import type { LogValue } from "./line_fields.ts";
import type { Level } from "./levels.ts";
import type { ResolvedTarget } from "./output.ts";

/** Bytes of a whole line, prefix and newline included. Stash stops reading at 64 KiB. */
export const MAX_LINE_BYTES = 8_192;

/** Of a line that is kept in memory. */
const MAX_TEXT_BYTES = 2_048;

/** Below this length of its strings a record with all its fields says less than one without. */
const MIN_STRING_LENGTH = 32;

/** A record ready to be written: clean of secrets, not yet escaped or cut. */
export interface LineRecord {
  /** Epoch milliseconds. */
  at: number;
  level: Level;
  component: string;
  message: string;
  fields: Readonly<Record<string, LogValue>>;
  /** Fields that the message spells out; a text line that is whole does not repeat them. */
  said?: readonly string[];
  /** Counters that are the message: printed as JSON in either format. */
  data?: Readonly<Record<string, LogValue>>;
}

export interface LineOptions {
  target: ResolvedTarget;
  format: LogFormat;
  colour: boolean;
}

/** One record as one line with its newline, at most `MAX_LINE_BYTES` long. */
export function formatLine(record: LineRecord, options: LineOptions): string {
  const prefix = prefixOf(record, options);
  const room = MAX_LINE_BYTES - byteLength(prefix) - 1;
  const body = options.format === "json"
    ? jsonBody(record, options.target, room)
    : textBody(record, room);
  return `${prefix}${body}\n`;
}

/** The message with its fields alone, for who has time and level beside it: at most 2 KiB. */
export function recordText(record: LineRecord): string {
  return record.data === undefined
    ? textBody(record, MAX_TEXT_BYTES)
    : cutText(JSON.stringify(record.data), MAX_TEXT_BYTES);
}

/** A progress line for Stash: a number from 0 to 1. NaN, which Stash would accept, counts as 0. */
export function progressLine(fraction: number): string {
  const clamped = Number.isNaN(fraction) ? 0 : Math.min(1, Math.max(0, fraction));
  return `\x01p\x02${Number(clamped.toFixed(4))}\n`;
}

function prefixOf(record: LineRecord, { target, format, colour }: LineOptions): string {
  const { level, at } = record;
  const name = `[PlexSync ${escapeLine(cutText(record.component, 64))}] `;
  if (target === "stash") return `\x01${level.stash}\x02${name}`;
  const named = format === "json" ? "" : name;
  if (target === "journal") return `<${level.journal}>${named}`;
  if (format === "json") return "";
  const word = level.name.toUpperCase();
  if (target === "file") return `${isoTime(at)} ${word} ${name}`;
  const shown = colour && level.colour !== "" ? `${level.colour}${word}\x1b[0m` : word;
  return `${clockTime(at)} ${shown} ${name}`;
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** `HH:MM:SS` in the zone of the terminal's owner. */
function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
}

/** The same value with every string in it cut to a length. */
function cutValue(value: LogValue, maxLength: number): LogValue {
  if (typeof value === "string") return cutText(value, maxLength);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: LogValue) => cutValue(item, maxLength));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, cutValue(item, maxLength)]),
  );
}

function jsonBody(record: LineRecord, target: ResolvedTarget, room: number): string {
  // Stash and journald note the time themselves.
  const timed = target === "console" || target === "file";
  const { event = "log", ...fields } = record.fields;
  const base = {
    ...(timed ? { ts: isoTime(record.at) } : {}),
    level: record.level.name,
    component: record.component,
    event,
  };
  const message = { message: record.message };
  const whole = record.data === undefined
    ? { ...base, ...message, ...fields }
    : { ...record.data, ...base };
  const render = (object: LogValue) => (maxLength: number) =>
    escapeJson(JSON.stringify(cutValue(object, maxLength)));
  const short = { ...base, event: String(event), ...message, truncated: true };
  // `short` has few keys and cuttable strings only, so it fits.
  return fitLine(render(whole), room, MIN_STRING_LENGTH) ?? fitLine(render(short), room)!;
}

function textBody(record: LineRecord, room: number): string {
  const { event: _event, ...rest } = record.fields;
  const fields = Object.entries(rest);
  const unsaid = fields.filter(([name]) => !record.said?.includes(name));
  const render = (shown: (maxLength: number) => [string, LogValue][]) => (maxLength: number) => {
    const message = escapeLine(cutText(record.message, maxLength));
    return [message, ...shown(maxLength).map((field) => textField(field, maxLength))].join(" ");
  };
  // A message that has to be cut may lose what it spelled out.
  const all = render((maxLength) => maxLength === Infinity ? unsaid : fields);
  return fitLine(all, room, MIN_STRING_LENGTH) ?? fitLine(render(() => []), room)!;
}

function textField([name, value]: [string, LogValue], maxLength: number): string {
  const cut = cutValue(value, maxLength);
  const text = typeof cut === "object" && cut !== null ? JSON.stringify(cut) : String(cut);
  const bare = /^[^\s"=]+$/.test(text) || typeof cut === "object";
  return `${escapeLine(name)}=${bare ? escapeLine(text) : `"${escapeLine(text)}"`}`;
}
