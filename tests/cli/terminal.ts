/** A world with a terminal, in which time passes at once. */
import type { World } from "../../src/app/world.ts";

export interface Terminal extends World {
  /** What was written to stdout, call by call. */
  readonly out: string[];
  /** All that was written to stderr. */
  err(): string;
  /** Each sleep, in ms. */
  readonly slept: number[];
  /** Sends the signal that the program listens for. */
  signal(name: "SIGINT" | "SIGTERM"): void;
}

export interface TerminalOptions {
  env?: Record<string, string>;
  terminal?: Partial<World["terminal"]>;
  now?: number;
  /** Called in each sleep, with its number from 1. */
  onSleep?(count: number, terminal: Terminal): void | Promise<void>;
}

export function fakeTerminal(options: TerminalOptions = {}): Terminal {
  const err: string[] = [];
  let now = options.now ?? 1_790_000_000_000;
  let listener: ((signal: "SIGINT" | "SIGTERM") => void) | null = null;
  const terminal: Terminal = {
    env: options.env ?? {},
    runtime: {
      now: () => now,
      random: () => 0.5,
      async sleep(ms) {
        terminal.slept.push(ms);
        now += ms;
        await options.onSleep?.(terminal.slept.length, terminal);
      },
    },
    pid: 1,
    stdout: (text) => void terminal.out.push(text),
    stderr: (bytes) => void err.push(new TextDecoder().decode(bytes)),
    terminal: { stdout: true, stderr: true, columns: () => null, ...options.terminal },
    onSignal(handler) {
      listener = handler;
      return () => listener = null;
    },
    onHangup: () => () => {},
    exit(code) {
      throw new Error(`exit(${code})`);
    },
    out: [],
    err: () => err.join(""),
    slept: [],
    signal: (name) => listener?.(name),
  };
  return terminal;
}
