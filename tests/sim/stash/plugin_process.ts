/** One process of a plugin, started, fed, read and ended as Stash does it. */
import { closeSync, openSync, readSync } from "node:fs";
import { isExecutable, type PluginCommand } from "./plugin_command.ts";
import { LineReader, type LongLines } from "./plugin_log.ts";

/** The program cannot be started; the message is Go's. */
export class StartError extends Error {
  override name = "StartError";
}

export interface ProcessOptions {
  command: PluginCommand;
  /** Everything that the process finds on stdin. */
  input: string;
  longLines: LongLines;
  /** A line of stderr, without its newline. */
  onLine: (line: string) => void;
  /** The process ended, or closed its stdin, before it had read everything. */
  onInputRefused: () => void;
}

export interface ProcessEnd {
  stdout: string;
  /** 128 + the number of the signal, if one ended it. */
  code: number;
  signal: Deno.Signal | null;
}

/**
 * How long what stands in the pipe is still read after the end. Stash itself closes it at once
 * and so loses some of it, or all, now and then.
 */
const TAIL_MS = 200;

export class PluginProcess {
  readonly pid: number;
  /** Settles when stdout is at its end, whoever holds it, and then the process. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: Deno.ChildProcess;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly #stderr: ReadableStreamDefaultReader<Uint8Array>;

  /** @throws {StartError} */
  constructor({ command, input, longLines, onLine, onInputRefused }: ProcessOptions) {
    this.#child = spawn(command);
    this.pid = this.#child.pid;
    this.#stdout = this.#child.stdout.getReader();
    this.#stderr = this.#child.stderr.getReader();
    const fed = this.#feed(input, onInputRefused);
    const logged = this.#readLog(new LineReader(longLines, onLine));
    this.ended = this.#end(fed, logged);
  }

  /** SIGKILL, without a warning, to this process and to none that it started. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  /** Ends it and stops reading, though others may hold its pipes. */
  async abandon(): Promise<void> {
    this.kill();
    await Promise.all([this.#stdout.cancel(), this.#stderr.cancel()]);
    await this.ended;
  }

  async #end(fed: Promise<void>, logged: Promise<void>): Promise<ProcessEnd> {
    const parts: Uint8Array[] = [];
    for await (const part of chunks(this.#stdout)) parts.push(part);
    const { code, signal } = await this.#child.status;
    await inTime(logged, TAIL_MS);
    await this.#stderr.cancel();
    await Promise.all([fed, logged]);
    const stdout = await new Blob(parts as BlobPart[]).text();
    return { stdout, code, signal };
  }

  async #feed(input: string, onInputRefused: () => void): Promise<void> {
    const stdin = this.#child.stdin.getWriter();
    try {
      await stdin.write(new TextEncoder().encode(input));
      await stdin.close();
    } catch {
      onInputRefused();
    }
  }

  async #readLog(reader: LineReader): Promise<void> {
    for await (const chunk of chunks(this.#stderr)) {
      // Closing the pipe makes the next line that the plugin logs its last.
      if (!reader.push(chunk)) return await this.#stderr.cancel();
    }
    reader.end();
  }
}

/** What a reader gives until the end or until it is cancelled. */
async function* chunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

async function inTime(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, limitMs));
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function spawn({ program, args, env, cwd }: PluginCommand): Deno.ChildProcess {
  const fail = (why: string) =>
    new StartError(`error running plugin: fork/exec ${program}: ${why}`);
  try {
    if (isExecutable(program) && !isProgram(program)) throw fail("exec format error");
    return new Deno.Command(program, {
      args,
      env,
      clearEnv: true,
      cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    if (isMissing(cause)) throw fail("no such file or directory");
    if (isForbidden(cause)) throw fail("permission denied");
    throw cause;
  }
}

/** Go hands no file to a shell: it needs an interpreter's line or the head of a binary. */
function isProgram(path: string): boolean {
  const head = new Uint8Array(4);
  const file = openSync(path, "r");
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  const text = String.fromCharCode(...head);
  return text.startsWith("#!") || text === "\x7fELF";
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Deno.errors.NotFound || codeOf(cause) === "ENOENT";
}

function isForbidden(cause: unknown): boolean {
  return cause instanceof Deno.errors.PermissionDenied || codeOf(cause) === "EACCES";
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}
