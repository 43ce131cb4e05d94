import { BaseHandler, Logger, type LogRecord } from "@std/log";
import type { LogFormat, LogLevelName } from "../config/config.ts";
import { createObfuscator } from "../core/text/obfuscate.ts";
import { createRedactor } from "../core/text/redact.ts";
import type { LogFields, LogValue } from "./line_fields.ts";
import { type Level, LEVELS } from "./levels.ts";
import { formatLine, progressLine, recordText } from "./line.ts";
import type { ResolvedTarget } from "./output.ts";
import type { RecentLines } from "./recent_lines.ts";
import { cleanCounters, type Cleaner, cleanRecord } from "./values.ts";

/** What the rest of the program logs through. No call throws, whatever it is given. */
export interface Log {
  readonly format: LogFormat;
  /** A log that names another part of the program. */
  child(component: string): Log;
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Counters at info, as JSON in both formats: `[PlexSync Stats] {…}`. */
  stats(counters: Readonly<Record<string, LogValue>>): void;
  /** How much of a task is done, 0 to 1; shown by Stash, nothing elsewhere. */
  progress(fraction: number): void;
  /** Whether a level is logged: for messages that are dear to make. */
  enabled(level: LogLevelName): boolean;
  /** A media path for use inside a message: word for word, or obfuscated if configured. */
  path(path: string): string;
}

export interface LogOptions {
  format: LogFormat;
  target: ResolvedTarget;
  level: LogLevelName;
  /** Never shown, in whatever form (`secretsOf(config)`). */
  secrets: readonly string[];
  obfuscatePaths: boolean;
  /** Makes the substituted words this installation's own; default: from the secrets. */
  pathSalt?: string;
  /** Takes one whole line. What it throws is swallowed: a full disk must not stop a sync. */
  write: (bytes: Uint8Array) => void;
  /** Epoch milliseconds. */
  now: () => number;
  /** Colours for a console in text format. */
  colour: boolean;
  /** Keeps the last lines beside where they are written. */
  recent?: RecentLines;
  /** Default `Main`. */
  component?: string;
}

/** What travels with a message through @std/log. */
interface Payload {
  level: Level;
  fields: LogFields;
  data?: Readonly<Record<string, LogValue>>;
}

class LineHandler extends BaseHandler {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #encoder = new TextEncoder();

  constructor(write: (bytes: Uint8Array) => void, formatter: (record: LogRecord) => string) {
    super("NOTSET", { formatter });
    this.#write = write;
  }

  override handle(record: LogRecord): void {
    try {
      super.handle(record);
    } catch {
      // A value that cannot even be read (a getter that throws) costs its line, no more.
    }
  }

  override log(line: string): void {
    try {
      this.#write(this.#encoder.encode(line));
    } catch {
      // Nobody reads, or nowhere to write: there is no place left to say so.
    }
  }
}

/** A log with its own target, format and level. */
export function createLogger(options: LogOptions): Log {
  const { format, target, colour, secrets, now } = options;
  const cleaner: Cleaner = {
    redact: createRedactor(secrets),
    obfuscate: options.obfuscatePaths
      ? createObfuscator(options.pathSalt ?? secrets.join("\n"))
      : undefined,
  };
  const threshold = LEVELS[options.level];
  const withStack = threshold.rank <= LEVELS.debug.rank;

  const handler = new LineHandler(options.write, (record) => {
    const { level, fields, data } = record.args[0] as Payload;
    const base = { at: now(), level, component: cleaner.redact(record.loggerName) };
    const rest = data === undefined
      ? cleanRecord(record.msg, fields, cleaner, withStack)
      : cleanCounters(data, cleaner);
    const line = { ...base, ...rest };
    options.recent?.add({
      at: line.at,
      level: level.name,
      component: line.component,
      text: recordText(line),
    });
    return formatLine(line, { target, format, colour });
  });

  function forComponent(component: string): Log {
    const logger = new Logger(component, threshold.std, { handlers: [handler] });
    const payload = (level: LogLevelName, fields: LogFields = {}): Payload => {
      return { level: LEVELS[level], fields };
    };
    const enabled = (level: LogLevelName) => LEVELS[level].rank >= threshold.rank;
    return {
      format,
      child: forComponent,
      trace(message, fields) {
        // @std/log has no call below debug; the payload says what it is.
        if (enabled("trace")) logger.debug(message, payload("trace", fields));
      },
      debug: (message, fields) => void logger.debug(message, payload("debug", fields)),
      info: (message, fields) => void logger.info(message, payload("info", fields)),
      warning: (message, fields) => void logger.warn(message, payload("warning", fields)),
      error: (message, fields) => void logger.error(message, payload("error", fields)),
      stats(data) {
        new Logger("Stats", threshold.std, { handlers: [handler] })
          .info("", { ...payload("info"), data });
      },
      progress(fraction) {
        if (target === "stash") handler.log(progressLine(fraction));
      },
      enabled,
      path: cleaner.obfuscate ?? ((path) => path),
    };
  }
  return forComponent(options.component ?? "Main");
}
