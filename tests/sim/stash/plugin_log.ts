/** The log protocol on a plugin's stderr. */
import { Buffer } from "node:buffer";
import { LOG_LEVELS, type LogLevel } from "./server_log.ts";

/** What becomes of a line that is too long: up to v0.31.1 reading ends, later it is cut. */
export type LongLines = "close" | "truncate";

/** A line with its newline must fit. */
const LIMIT_BYTES = 65_536;
const NEWLINE = 0x0a;

/** Cuts a byte stream into lines as Stash's scanner does. */
export class LineReader {
  readonly #longLines: LongLines;
  readonly #onLine: (line: string) => void;
  #pending: Buffer = Buffer.alloc(0);
  #skipping = false;

  constructor(longLines: LongLines, onLine: (line: string) => void) {
    this.#longLines = longLines;
    this.#onLine = onLine;
  }

  /** @returns false when a line was too long and nothing more will ever be read */
  push(chunk: Uint8Array): boolean {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (true) {
      const at = this.#pending.indexOf(NEWLINE);
      const whole = at >= 0 && at < LIMIT_BYTES;
      if (!whole && this.#pending.length < LIMIT_BYTES) return true;
      if (!whole && this.#longLines === "close") return false;
      if (!whole && !this.#skipping) {
        this.#emit(`${this.#pending.subarray(0, LIMIT_BYTES)} [truncated]`);
        this.#skipping = true;
      }
      if (at < 0) {
        this.#pending = Buffer.alloc(0);
        return true;
      }
      if (whole && !this.#skipping) this.#emit(this.#pending.subarray(0, at).toString());
      this.#pending = this.#pending.subarray(at + 1);
      this.#skipping = false;
    }
  }

  /** The last line needs no newline. */
  end(): void {
    if (this.#pending.length > 0 && !this.#skipping) this.#emit(this.#pending.toString());
    this.#pending = Buffer.alloc(0);
  }

  #emit(line: string): void {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text !== "") this.#onLine(text);
  }
}

/** One line as understood; `progress` is a fraction from 0 to 1, or NaN if that was sent. */
export type LogMessage = { level: LogLevel; text: string } | { progress: number };

const START = "\x01";
const END = "\x02";
const PROGRESS = "p";
const LEVEL_BY_LETTER = new Map(LOG_LEVELS.map((level) => [level.slice(0, 1), level]));

/**
 * @param errLog Of the manifest: level of lines without a prefix; "none" drops them
 * @returns undefined when Stash logs nothing
 */
export function readLogLine(line: string, errLog: string): LogMessage | undefined {
  const letter = line.slice(1, 2);
  const level = LEVEL_BY_LETTER.get(letter);
  const prefixed = line.length >= 4 && line[0] === START && line[2] === END;
  const text = line.slice(3).trim();
  if (prefixed && letter === PROGRESS) return readProgress(text);
  if (prefixed && level !== undefined) return { level, text };
  if (errLog === "none") return undefined;
  return { level: LOG_LEVELS.find((each) => each === errLog) ?? "error", text: line };
}

const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function readProgress(text: string): LogMessage {
  if (/^nan$/i.test(text)) return { progress: NaN };
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite === null && !FLOAT.test(text)) {
    return { level: "error", text: `Error parsing progress value '${text}'` };
  }
  const value = infinite === null ? Number(text) : infinite[1] === "-" ? -1 : 1;
  return { progress: Math.min(1, Math.max(0, value)) };
}
