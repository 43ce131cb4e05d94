/**
 * Starting the program in end-to-end tests: the executable that `PLEXSYNC_BIN` names, or else the
 * source with exactly the permissions that are compiled in. Always from another directory, and with
 * nothing of this process's environment but what the runtime needs.
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  denoDir as readDenoDir,
  type Imports,
  IMPORTS_ENV,
  importsFor,
} from "../scripts/imports.ts";
import { runFlags } from "../scripts/program_flags.ts";
import { ProgramOutput } from "./program_output.ts";

/** Absolute path of the project. */
export const ROOT = resolve(import.meta.dirname ?? ".", "..");

/** Passed on when set: where the native library is, and what Windows cannot do without. */
const INHERITED = ["DENO_SQLITE_PATH", "SystemRoot"];

export interface ProgramOptions {
  /** The program's environment; `HOME` is a fresh directory unless it is set here. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory; default: a fresh one. */
  readonly cwd?: string;
  /** Standard input, closed after it; without it the program reads an empty one. */
  readonly stdin?: string | Uint8Array;
}

/** How a program ended and all that it wrote. */
export interface ProgramResult {
  /** Exit code; 128 + the signal's number when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program. With `await using` it is killed, if need be, and waited for. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  readonly stdout: ProgramOutput;
  readonly stderr: ProgramOutput;
  /** Resolves when the program has ended and both outputs are read to their end. */
  readonly result: Promise<ProgramResult>;
  /** Sends a signal, `SIGTERM` by default; nothing when the program has ended. */
  kill(signal?: Deno.Signal): void;
}

/** The command that starts the program, without its arguments. */
export function programCommand(): [string, ...string[]] {
  const bin = Deno.env.get("PLEXSYNC_BIN");
  return bin ? [resolve(bin)] : sourceCommand(join(ROOT, "main.ts"));
}

/** The command that runs a source file as the program would be run. */
export function sourceCommand(entry: string): [string, ...string[]] {
  const config = `--config=${join(ROOT, "deno.json")}`;
  const { flags } = currentImports();
  return [Deno.execPath(), "run", "-q", config, ...runFlags(), ...flags, entry];
}

/** Starts the program with its temporary directories, which are gone when it has ended. */
export async function startProgram(
  args: readonly string[],
  options: ProgramOptions = {},
  command = programCommand(),
): Promise<Program> {
  const temp = await Deno.makeTempDir({ prefix: "plexsync-" });
  const home = join(temp, "home");
  const cwd = join(temp, "cwd");
  await Promise.all([Deno.mkdir(home), Deno.mkdir(cwd)]);

  const [file, ...flags] = command;
  const child = new Deno.Command(file, {
    args: [...flags, ...args],
    cwd: options.cwd ?? cwd,
    env: { HOME: home, DENO_NO_UPDATE_CHECK: "1", ...await inherited(), ...options.env },
    clearEnv: true,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const stdout = new ProgramOutput(child.stdout);
  const stderr = new ProgramOutput(child.stderr);
  const result = finish(child, stdout, stderr, options.stdin)
    .finally(() => Deno.remove(temp, { recursive: true }));
  let ended = false;
  child.status.then(() => ended = true);
  const kill = (signal: Deno.Signal = "SIGTERM") => {
    if (ended) return;
    try {
      child.kill(signal);
    } catch (error) {
      // It ended a moment ago, and its status is on the way.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  return {
    pid: child.pid,
    stdout,
    stderr,
    result,
    kill,
    async [Symbol.asyncDispose]() {
      kill("SIGKILL");
      await result;
    },
  };
}

/** Runs the program to its end. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions = {},
  command = programCommand(),
): Promise<ProgramResult> {
  await using program = await startProgram(args, options, command);
  return await program.result;
}

async function finish(
  child: Deno.ChildProcess,
  stdout: ProgramOutput,
  stderr: ProgramOutput,
  stdin: string | Uint8Array | undefined,
): Promise<ProgramResult> {
  const [{ code }, out, err] = await Promise.all([
    child.status,
    stdout.text,
    stderr.text,
    stdin === undefined ? undefined : feed(child.stdin, stdin),
  ]);
  return { code, stdout: out, stderr: err };
}

async function feed(pipe: WritableStream<Uint8Array>, input: string | Uint8Array) {
  const writer = pipe.getWriter();
  try {
    await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
    await writer.close();
  } catch {
    // A program may end without having read its input.
  }
}

/** The imports that the tests run with: told by the task runner, or seen from a resolved name. */
export function currentImports(): Imports {
  const told = Deno.env.get(IMPORTS_ENV);
  if (told) return importsFor(ROOT, told);
  const resolved = import.meta.resolve("@std/assert");
  const local = resolved.startsWith("file:") && fileURLToPath(resolved).startsWith(ROOT);
  return importsFor(ROOT, local ? "offline" : "jsr");
}

let denoDirRead: Promise<string> | undefined;

/** Absolute path of Deno's cache. */
export function denoDir(): Promise<string> {
  denoDirRead ??= readDenoDir();
  return denoDirRead;
}

async function inherited(): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  // By default the cache is under HOME, which the program gets anew: it would fetch it all again.
  return { ...env, DENO_DIR: await denoDir() };
}
