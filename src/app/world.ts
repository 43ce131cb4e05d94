import type { Runtime } from "../core/runtime.ts";

/** All that a command touches of its surroundings; a test hands in its own. */
export interface World {
  env: Readonly<Record<string, string | undefined>>;
  runtime: Runtime;
  pid: number;
  /** Results. */
  stdout(text: string): void;
  /** Logs, errors and progress: whole bytes, written at once. */
  stderr(bytes: Uint8Array): void;
  /** Standard input to its end, where it has been read before the command was known. */
  stdin?(): Uint8Array;
  terminal: {
    /** Whether a person looks at stdout, and at stderr. */
    stdout: boolean;
    stderr: boolean;
    /** How wide it is, in characters; null when nobody knows. */
    columns(): number | null;
  };
  /** Calls `handler` for SIGINT and SIGTERM until the returned function is called. */
  onSignal(handler: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  /**
   * Calls `handler` for SIGHUP, where there is one, until the returned function is called;
   * `isOver` when the terminal that the program was started on is gone.
   */
  onHangup(handler: (isOver: boolean) => void): () => void;
  /** Aborted when nobody waits for the answer any more, where that can be told. */
  stop?: AbortSignal;
  /** Ends the process at once. */
  exit(code: number): never;
}

/** The real one. */
export function realWorld(): World {
  return {
    env: Deno.env.toObject(),
    runtime: {
      now: Date.now,
      random: Math.random,
      sleep,
    },
    pid: Deno.pid,
    stdout: (text) => writeAll(Deno.stdout, new TextEncoder().encode(text)),
    stderr: (bytes) => writeAll(Deno.stderr, bytes),
    terminal: {
      stdout: Deno.stdout.isTerminal(),
      stderr: Deno.stderr.isTerminal(),
      columns: terminalColumns,
    },
    onSignal(handler) {
      const signals = Deno.build.os === "windows"
        ? ["SIGINT"] as const
        : ["SIGINT", "SIGTERM"] as const;
      const listeners = signals.map((signal) => [signal, () => handler(signal)] as const);
      for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
      return () => {
        for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
      };
    },
    onHangup(handler) {
      if (Deno.build.os === "windows") return () => {};
      const hadTerminal = Deno.stderr.isTerminal();
      const listener = () => handler(hadTerminal && !Deno.stderr.isTerminal());
      Deno.addSignalListener("SIGHUP", listener);
      return () => Deno.removeSignalListener("SIGHUP", listener);
    },
    exit: Deno.exit,
  };
}

function terminalColumns(): number | null {
  try {
    return Deno.consoleSize().columns || null;
  } catch {
    // None of the standard streams is a terminal.
    return null;
  }
}

/** Ends early on abort; never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    // Whoever read this has gone (`plexsync dead list | head`): nothing left to tell them.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
