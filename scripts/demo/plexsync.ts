/** The program as the demo starts it: as a child, with the permissions that are compiled in. */
import { type Program, type ProgramResult, startProgram } from "../../tests/program.ts";

/** Starts commands on one data directory; all of them end when `stop` is aborted. */
export class Plexsync {
  constructor(private readonly dataDir: string, private readonly stop: AbortSignal) {}

  /** Starts one that stays. */
  start(args: readonly string[]): Promise<Program> {
    return startProgram(args, { env: { PLEXSYNC_DATA_DIR: this.dataDir } });
  }

  /**
   * What a command prints on stdout.
   * @throws {Error} its exit code is not 0
   */
  async text(args: readonly string[]): Promise<string> {
    await using program = await this.start(args);
    const end = () => program.kill("SIGKILL");
    this.stop.addEventListener("abort", end);
    try {
      const result = await program.result;
      this.stop.throwIfAborted();
      if (result.code !== 0) throw new Error(failureOf(args, result));
      return result.stdout;
    } finally {
      this.stop.removeEventListener("abort", end);
    }
  }

  /** What a command says with `--json`. */
  async json<T>(args: readonly string[]): Promise<T> {
    const text = await this.text([...args, "--json"]);
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new Error(`plexsync ${args.join(" ")} --json printed no JSON: ${text}`, { cause });
    }
  }
}

/** One sentence about a command that failed, with its last words. */
export function failureOf(args: readonly string[], { code, stderr }: ProgramResult): string {
  const last = stderr.trimEnd().split("\n").slice(-3).join("\n");
  return `plexsync ${args.join(" ")} ended with exit code ${code}${
    last === "" ? "" : `:\n${last}`
  }`;
}
