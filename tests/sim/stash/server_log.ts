/** Stash's own log: what `logs` and `loggingSubscribe` show. */
import { Broadcast } from "./broadcast.ts";

export const LOG_LEVELS = ["trace", "debug", "info", "warning", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogLine {
  level: LogLevel;
  /** Without the name of the plugin before it. */
  message: string;
  /** Name (not id) of the plugin that wrote it; unset for Stash's own lines. */
  plugin?: string;
}

/** A line as GraphQL shows it. */
export interface LogEntry {
  time: string;
  level: string;
  message: string;
}

/** The `logs` query knows no more. */
const SHOWN = 30;
const KEPT = 50_000;

export interface LogOptions {
  /** Least level of the `logs` query; subscribers get every level. */
  level: LogLevel;
  /** The present second as text. */
  stamp: () => string;
  onLine: () => void;
}

export class ServerLog {
  readonly feed = new Broadcast<{ loggingSubscribe: LogEntry[] }>();
  readonly #options: LogOptions;
  #lines: { line: LogLine; time: string }[] = [];

  constructor(options: LogOptions) {
    this.#options = options;
  }

  /** @returns the line as kept, for `withdraw` */
  add(level: LogLevel, message: string, plugin?: string): LogLine {
    const line: LogLine = plugin === undefined ? { level, message } : { level, message, plugin };
    const kept = { line, time: this.#options.stamp() };
    this.#lines.push(kept);
    if (this.#lines.length > KEPT * 1.1) this.#lines = this.#lines.slice(-KEPT);
    this.feed.send({ loggingSubscribe: [entryOf(kept)] });
    this.#options.onLine();
    return line;
  }

  /** Takes lines back that Stash would never have read. */
  withdraw(lines: ReadonlySet<LogLine>): void {
    this.#lines = this.#lines.filter(({ line }) => !lines.has(line));
  }

  /** Oldest first, every level. */
  all(): LogLine[] {
    return this.#lines.map(({ line }) => line);
  }

  /** Newest first. A plugin's warnings are missing when the level is warning: a bug of Stash. */
  shown(): LogEntry[] {
    const least = LOG_LEVELS.indexOf(this.#options.level);
    return this.#lines
      .filter(({ line }) => LOG_LEVELS.indexOf(line.level) >= least)
      .filter(({ line }) =>
        !(this.#options.level === "warning" && line.level === "warning" &&
          line.plugin !== undefined)
      )
      .slice(-SHOWN).reverse().map(entryOf);
  }
}

function entryOf({ line, time }: { line: LogLine; time: string }): LogEntry {
  const message = line.plugin === undefined
    ? line.message
    : `[Plugin / ${line.plugin}] ${line.message}`;
  const level = line.level.slice(0, 1).toUpperCase() + line.level.slice(1);
  return { time, level, message };
}
