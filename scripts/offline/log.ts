/** Stand-in for `@std/log`: levels, records, handlers and loggers, without the global set-up. */

/** Levels by name; a higher number is worse. */
export const LogLevels = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  ERROR: 40,
  CRITICAL: 50,
} as const;

export type LevelName = keyof typeof LogLevels;
export type LogLevel = typeof LogLevels[LevelName];

/** @throws {Error} There is no such level */
export function getLevelByName(name: LevelName): LogLevel {
  const level = LogLevels[name];
  if (level === undefined) throw new Error(`Cannot get log level: no level named ${name}`);
  return level;
}

/** @throws {Error} No level has this number */
export function getLevelName(level: LogLevel): LevelName {
  const entry = Object.entries(LogLevels).find(([, number]) => number === level);
  if (!entry) throw new Error(`Cannot get log level: no name for level: ${level}`);
  return entry[0] as LevelName;
}

/** What a record is made from. */
interface LogRecordOptions {
  msg: string;
  args: unknown[];
  level: LogLevel;
  loggerName: string;
}

// The real module exports the class twice, once as a type, and TypeScript takes it as a type only.
export type { LogRecord };

/** One thing that was logged, on its way to the handlers. */
class LogRecord {
  readonly msg: string;
  readonly level: number;
  readonly levelName: string;
  readonly loggerName: string;
  readonly #args: unknown[];
  readonly #datetime = new Date();

  constructor(options: LogRecordOptions) {
    this.msg = options.msg;
    this.level = options.level;
    this.levelName = getLevelName(options.level);
    this.loggerName = options.loggerName;
    this.#args = [...options.args];
  }

  get args(): unknown[] {
    return [...this.#args];
  }

  get datetime(): Date {
    return new Date(this.#datetime.getTime());
  }
}

export type FormatterFunction = (logRecord: LogRecord) => string;

export interface BaseHandlerOptions {
  formatter?: FormatterFunction;
}

/** Where records end; subclasses write the formatted line in `log`. */
export abstract class BaseHandler {
  formatter: FormatterFunction;
  #level: LogLevel;

  /** @param levelName Records below this level are dropped */
  constructor(levelName: LevelName, options: BaseHandlerOptions = {}) {
    this.#level = getLevelByName(levelName);
    this.formatter = options.formatter ?? (({ levelName, msg }) => `${levelName} ${msg}`);
  }

  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    getLevelName(level);
    this.#level = level;
  }

  get levelName(): LevelName {
    return getLevelName(this.#level);
  }

  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  handle(logRecord: LogRecord): void {
    if (this.#level > logRecord.level) return;
    this.log(this.format(logRecord));
  }

  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  abstract log(msg: string): void;

  /** For subclasses: called before the first record. */
  setup(): void {}

  /** For subclasses: called when no more records follow. */
  destroy(): void {}

  [Symbol.dispose](): void {
    this.destroy();
  }
}

export interface LoggerOptions {
  handlers?: BaseHandler[];
}

/** Hands records at or above its level to its handlers. Messages are strings here. */
export class Logger {
  handlers: BaseHandler[];
  readonly #loggerName: string;
  #level: LogLevel;

  constructor(loggerName: string, levelName: LevelName, options: LoggerOptions = {}) {
    this.#loggerName = loggerName;
    this.#level = getLevelByName(levelName);
    this.handlers = options.handlers ?? [];
  }

  get loggerName(): string {
    return this.#loggerName;
  }

  get level(): LogLevel {
    return this.#level;
  }

  /** @throws {TypeError} No level has this number */
  set level(level: LogLevel) {
    if (!Object.values(LogLevels).includes(level)) {
      throw new TypeError(`Invalid log level: ${level}`);
    }
    this.#level = level;
  }

  get levelName(): LevelName {
    return getLevelName(this.#level);
  }

  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  debug(msg: string, ...args: unknown[]): string {
    return this.#log(LogLevels.DEBUG, msg, args);
  }

  info(msg: string, ...args: unknown[]): string {
    return this.#log(LogLevels.INFO, msg, args);
  }

  warn(msg: string, ...args: unknown[]): string {
    return this.#log(LogLevels.WARN, msg, args);
  }

  error(msg: string, ...args: unknown[]): string {
    return this.#log(LogLevels.ERROR, msg, args);
  }

  critical(msg: string, ...args: unknown[]): string {
    return this.#log(LogLevels.CRITICAL, msg, args);
  }

  #log(level: LogLevel, msg: string, args: unknown[]): string {
    if (this.#level > level) return msg;
    const record = new LogRecord({ msg, args, level, loggerName: this.#loggerName });
    for (const handler of this.handlers) handler.handle(record);
    return msg;
  }
}
