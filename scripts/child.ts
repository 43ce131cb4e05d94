/** Running `deno` and other programs as children of the task runner. */

export interface ChildOptions {
  /** Added to the inherited environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory; default: the runner's. */
  readonly cwd?: string | undefined;
  /** Called with each piece of the child's standard output, which is passed on as it comes. */
  readonly onOutput?: (chunk: Uint8Array) => void;
}

/** Signals that ask a program to end, as far as this system has them. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs the Deno that runs this, with this process's standard input and error, and passes on the
 * signals that ask to end.
 * @returns The child's exit code; 128 + the signal's number when a signal ended it
 */
export async function runDeno(args: readonly string[], options: ChildOptions = {}) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    // The runner is a tool: a note about a newer Deno has no place in its output.
    env: { DENO_NO_UPDATE_CHECK: "1", ...options.env },
    stdin: "inherit",
    stdout: options.onOutput ? "piped" : "inherit",
    stderr: "inherit",
  }).spawn();

  const stopForwarding = forwardSignals(child);
  try {
    if (options.onOutput) await passOn(child.stdout, options.onOutput);
    return (await child.status).code;
  } finally {
    stopForwarding();
  }
}

function forwardSignals(child: Deno.ChildProcess): () => void {
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      // A terminal sends Ctrl+C to the whole group, so the child has it already, and a second one
      // would mean "end at once" to it.
      if (signal === "SIGINT" && onTerminal()) return;
      try {
        child.kill(signal);
      } catch {
        // It has just ended: its exit code is on the way.
      }
    };
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  return () => {
    for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
  };
}

function onTerminal(): boolean {
  return Deno.stdin.isTerminal() || Deno.stdout.isTerminal() || Deno.stderr.isTerminal();
}

async function passOn(stream: ReadableStream<Uint8Array>, onOutput: (chunk: Uint8Array) => void) {
  for await (const chunk of stream) {
    onOutput(chunk);
    for (let written = 0; written < chunk.length;) {
      written += await Deno.stdout.write(chunk.subarray(written));
    }
  }
}
