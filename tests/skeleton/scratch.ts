/** A copy of the project's skeleton in a temporary directory, for trying its tasks on other code. */
import { dirname, join } from "node:path";
import { ROOT } from "../program.ts";
import { readConfig, sourceFiles } from "./project.ts";

/** What a task said and how it ended. */
export interface TaskResult {
  readonly code: number;
  readonly stdout: string;
  /** Lines, without the one in which `deno task` echoes its command. */
  readonly stderr: readonly string[];
}

/**
 * `deno.json` and `deno.lock` without the packages of npm, which `deno task` would fetch into an
 * empty cache.
 */
export async function withoutNpm(): Promise<Record<string, string>> {
  const config = await readConfig();
  const lock = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.lock")));
  const isJsr = (name: string) => name.startsWith("jsr:");
  const imports = Object.entries(config.imports).filter(([, target]) => isJsr(target));
  return {
    "deno.json": JSON.stringify({ ...config, imports: Object.fromEntries(imports) }),
    "deno.lock": JSON.stringify({
      version: lock.version,
      workspace: { dependencies: lock.workspace.dependencies.filter(isJsr) },
    }),
  };
}

/** A temporary project with the real configuration and scripts. */
export class Scratch implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  /** @param files Texts by path: the rest of the project */
  static async create(files: Readonly<Record<string, string>>): Promise<Scratch> {
    const scratch = new Scratch(await Deno.makeTempDir({ prefix: "plexsync-task-" }));
    const copied = [
      "deno.json",
      "deno.lock",
      "LICENSE",
      "scripts/offline/import_map.json",
      ...["db-sqlite", "deno", "plug", "sqlite", "v8"].map((name) =>
        `scripts/licences/${name}.txt`
      ),
      // The task runner alone: the others import the program and its simulated servers.
      ...(await sourceFiles(["scripts"])).filter((path) =>
        !/^scripts\/(demo|bench|package|screenshots|soak)\b/.test(path)
      ),
    ];
    for (const path of copied) {
      await scratch.#write(path, await Deno.readTextFile(join(ROOT, path)));
    }
    for (const [path, text] of Object.entries(files)) await scratch.#write(path, text);
    return scratch;
  }

  /** `deno task` with these arguments, always with the stand-ins. */
  command(args: readonly string[], env: Readonly<Record<string, string>> = {}): Deno.Command {
    return new Deno.Command(Deno.execPath(), {
      args: ["task", ...args],
      cwd: this.dir,
      env: { PLEXSYNC_IMPORTS: "offline", INIT_CWD: this.dir, NO_COLOR: "1", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    });
  }

  /** Runs a task to its end. */
  async run(
    args: readonly string[],
    { stdin = "", env }: { stdin?: string; env?: Readonly<Record<string, string>> } = {},
  ): Promise<TaskResult> {
    const child = this.command(args, env).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    const lines = decoder.decode(stderr).trimEnd().split("\n");
    return {
      code,
      stdout: decoder.decode(stdout),
      stderr: lines.filter((line) => !line.startsWith("Task ")),
    };
  }

  /** Text of a file in it. */
  read(path: string): Promise<string> {
    return Deno.readTextFile(join(this.dir, path));
  }

  async [Symbol.asyncDispose]() {
    await Deno.remove(this.dir, { recursive: true });
  }

  async #write(path: string, text: string) {
    const target = join(this.dir, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.writeTextFile(target, text);
  }
}
