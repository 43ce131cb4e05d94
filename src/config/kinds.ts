import { formatDuration, parseDuration } from "../core/time/duration.ts";
import { type DayHours, dayHoursText, parseDayHours } from "../core/time/quiet_hours.ts";

/** A value that can be used, or what a person must put right: `must be …`. */
export type Parsed<T> = { value: T } | { problem: string };

/** How values of one kind are read from text or TOML, and shown again. */
export interface Kind<T> {
  parse(raw: unknown): Parsed<T>;
  show(value: T): string;
  /** What is allowed, as it reads after "must be". */
  readonly allowed: string;
  /** Bounds of a number, in the unit of its setting: `1..20`. */
  readonly range?: string | undefined;
}

function kind<T>(
  allowed: string,
  read: (raw: unknown) => T | undefined,
  show: (value: T) => string = String,
  range?: string,
): Kind<T> {
  const parse = (raw: unknown): Parsed<T> => {
    const value = read(raw);
    return value === undefined ? { problem: `must be ${allowed}` } : { value };
  };
  return { parse, show, allowed, range };
}

/** Text of a plain value; lists and tables have none. */
function textOf(raw: unknown): string {
  return typeof raw === "string" || typeof raw === "number" ? String(raw).trim().toLowerCase() : "";
}

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "on", "1"].map((word) => [word, true] as const),
  ...["false", "no", "off", "0"].map((word) => [word, false] as const),
]);

/** true or false; as text also yes/no, on/off, 1/0. */
export const boolean: Kind<boolean> = kind(
  "true or false",
  (raw) => typeof raw === "boolean" ? raw : WORDS.get(textOf(raw)),
);

/** One of a list of words, in any letter case. */
export function choice<T extends string>(...words: readonly T[]): Kind<T> {
  return kind(
    `one of ${words.join(", ")}`,
    (raw) => words.find((word) => word === textOf(raw)),
  );
}

/** Some of a list of words, as a list or separated by commas; none of them is an answer too. */
export function words<T extends string>(...allowed: readonly T[]): Kind<readonly T[]> {
  return kind(
    `some of ${allowed.join(", ")}, separated by commas`,
    (raw) => {
      const parts = typeof raw === "string" ? raw.split(",") : raw;
      if (!Array.isArray(parts)) return undefined;
      const found = parts.map(textOf).filter((part) => part !== "" && part !== "none")
        .map((part) => allowed.find((word) => word === part));
      return found.every((word) => word !== undefined) ? [...new Set(found)] : undefined;
    },
    (value) => value.join(", ") || "none",
  );
}

/** A whole number within bounds, both included. */
export function integer(min: number, max: number): Kind<number> {
  return kind(
    `a whole number from ${min} to ${max}`,
    (raw) => {
      const value = typeof raw === "string" && /^\s*\d{1,15}\s*$/.test(raw) ? Number(raw) : raw;
      return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
        ? value
        : undefined;
    },
    String,
    `${min}..${max}`,
  );
}

/** A duration: seconds as a number, or text with a unit (`30s`, `1m`). Bounds in seconds. */
export function seconds(min: number, max: number): Kind<number> {
  return kind(
    `${min} to ${max} seconds, as a number or with a unit ("30s", "1m")`,
    (raw) => {
      const ms = typeof raw === "number" || typeof raw === "string"
        ? parseDuration(String(raw))
        : undefined;
      return ms !== undefined && ms >= min * 1_000 && ms <= max * 1_000 ? ms : undefined;
    },
    formatDuration,
    `${min}..${max}`,
  );
}

/** A time of each day, or none. */
export const dayHours: Kind<DayHours | null> = kind(
  'a time of the day such as "18:00-23:30", or "none"',
  (raw) => textOf(raw) === "none" ? null : parseDayHours(textOf(raw)),
  (value) => value === null ? "none" : dayHoursText(value),
);

/** Names, as a list or separated by commas. */
export const names: Kind<string[]> = kind(
  "a name, several separated by commas, or a list of names",
  (raw) => {
    const parts = typeof raw === "string" ? raw.split(",") : raw;
    if (!Array.isArray(parts) || !parts.every((part) => typeof part === "string")) return undefined;
    return [...new Set(parts.map((part: string) => part.trim()))].filter((part) => part !== "");
  },
  (value) => value.join(", ") || "none",
);

/** The same where none are all. Whether `all` is a name only who knows the names can tell. */
export const namesOrAll: Kind<string[]> = {
  ...names,
  show: (value) => value.join(", ") || "all",
};

/**
 * A token, key or password. It travels in an HTTP header, so only printable
 * ASCII without spaces can be meant; the rest is a damaged copy.
 */
export const secret: Kind<string> = kind(
  "printable ASCII characters without spaces",
  (raw) => typeof raw === "string" && /^[\x21-\x7e]*$/.test(raw) ? raw : undefined,
);

/** A name or password that is sent in no header as it is: any text in one line. */
export const line: Kind<string> = kind(
  "text in one line",
  (raw) => typeof raw === "string" && !/\p{Cc}/u.test(raw) ? raw : undefined,
);

/** The same, but what ends at the first colon. */
export const userName: Kind<string> = kind(
  "text in one line without a colon",
  (raw) => typeof raw === "string" && !/[\p{Cc}:]/u.test(raw) ? raw : undefined,
);

/** The same where nothing is set by default. */
export const optionalSecret: Kind<string | null> = kind(
  secret.allowed,
  (raw) => {
    const parsed = secret.parse(raw);
    if ("problem" in parsed) return undefined;
    return parsed.value === "" ? null : parsed.value;
  },
  (value) => value ?? "",
);
