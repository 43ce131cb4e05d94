import type { LevelName } from "@std/log";
import type { LogLevelName } from "../config/config.ts";

/** What the targets need to know of a level. */
export interface Level {
  readonly name: LogLevelName;
  /** From 0, the least important. */
  readonly rank: number;
  /** The threshold in @std/log that lets it through. @std/log has no trace: all passes. */
  readonly std: LevelName;
  /** Byte between SOH and STX by which Stash knows the level. */
  readonly stash: string;
  /** Priority of syslog, as journald reads it: `<3>` error to `<7>` debug. */
  readonly journal: number;
  /** Terminal colour; "" for the terminal's own. */
  readonly colour: string;
}

export const LEVELS: Readonly<Record<LogLevelName, Level>> = {
  trace: { name: "trace", rank: 0, std: "NOTSET", stash: "t", journal: 7, colour: "\x1b[2m" },
  debug: { name: "debug", rank: 1, std: "DEBUG", stash: "d", journal: 7, colour: "\x1b[2m" },
  info: { name: "info", rank: 2, std: "INFO", stash: "i", journal: 6, colour: "" },
  warning: { name: "warning", rank: 3, std: "WARN", stash: "w", journal: 4, colour: "\x1b[33m" },
  error: { name: "error", rank: 4, std: "ERROR", stash: "e", journal: 3, colour: "\x1b[31m" },
};

/** From the least important one on. */
export const LEVEL_NAMES = Object.keys(LEVELS) as LogLevelName[];
