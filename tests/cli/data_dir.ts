/** A data directory that a test fills through the store and asks through the real program. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { openStore, type Store } from "../../src/store/store.ts";
import { FACES } from "../../main.ts";
import { program } from "../../src/cli/frame/program.ts";
import { type ProgramResult, runProgram } from "../program.ts";
import { fakeTerminal } from "./terminal.ts";
import { TARGETS } from "../one_target.ts";

export class DataDir implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "plexsync-cli-" });

  /** Path of the file `name` in it. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Names of its files, sorted. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map((entry) => entry.name).sort();
  }

  /** Opens the store for as long as `use` takes. */
  async store<T>(use: (store: Store) => T | Promise<T>): Promise<T> {
    const store = await openStore(this.file("plexsync.db"), TARGETS, {
      driver: "builtin",
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    try {
      return await use(store);
    } finally {
      store.close();
    }
  }

  /** Runs the program on this directory. */
  run(...args: string[]): Promise<ProgramResult> {
    return runProgram([...args, "--data-dir", this.path], { env: { TZ: "UTC" } });
  }

  /** The same within this process, off a terminal: for long tables, where a start each adds up. */
  async call(...args: string[]): Promise<ProgramResult> {
    const world = fakeTerminal({ terminal: { stdout: false, stderr: false }, now: Date.now() });
    const code = await program([...args, "--data-dir", this.path], world, FACES);
    return { code, stdout: world.out.join(""), stderr: world.err() };
  }

  /** As `run`, for a run that must succeed: its standard output. */
  async text(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    assertEquals(code, 0, stderr);
    return stdout;
  }

  /** The same with `--json`, read. */
  async json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    return JSON.parse(await this.text(...args, "--json")) as T;
  }

  [Symbol.dispose]() {
    Deno.removeSync(this.path, { recursive: true });
  }
}
