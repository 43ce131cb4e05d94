import { createLogger, type Log, type LogOptions } from "../../src/log/logger.ts";

/** 2026-01-02T03:04:05.678Z */
export const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** A log at trace whose lines are collected; each element is one write. */
export function collect(options: Partial<LogOptions> = {}): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const log = createLogger({
    format: "text",
    target: "stash",
    level: "trace",
    secrets: [],
    obfuscatePaths: false,
    write: (bytes) => void lines.push(decoder.decode(bytes)),
    now: () => AT,
    colour: false,
    component: "Worker",
    ...options,
  });
  return { log, lines };
}
