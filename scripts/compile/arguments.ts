import { basename, join, resolve } from "node:path";

/** What `deno task compile` was asked for. */
export interface CompileArgs {
  /** Absolute path; ends with `.exe` for Windows. */
  readonly output: string;
  /** The triple, such as `aarch64-apple-darwin`. */
  readonly target: string;
  /** Absolute path of SQLite's native library to embed. */
  readonly sqliteLib: string | undefined;
  /** Whether the result is started once. */
  readonly start: boolean;
}

const VALUES = ["--output", "-o", "--target", "--sqlite-lib"] as const;

/** Where the user stands, and the machine. */
export interface Surroundings {
  /** Absolute path of the project. */
  readonly root: string;
  /** What a relative path is relative to. */
  readonly cwd: string;
  /** The triple of this machine. */
  readonly host: string;
}

/**
 * Reads `--output FILE` (`-o`), `--target TRIPLE`, `--sqlite-lib FILE` (also with `=`) and
 * `--no-start`.
 * @throws {RangeError} Any other argument, or a missing value
 */
export function readCompileArgs(
  args: readonly string[],
  { root, cwd, host }: Surroundings,
): CompileArgs {
  const values: Partial<Record<string, string>> = {};
  let start = true;
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--no-start") {
      start = false;
      continue;
    }
    const [flag = "", inline] = args[i]!.split(/=(.*)/s);
    if (!VALUES.some((known) => known === flag)) {
      throw new RangeError(
        `Cannot compile: it takes --output, --target, --sqlite-lib and --no-start, not "${flag}"`,
      );
    }
    const value = inline ?? args[++i];
    if (!value) throw new RangeError(`Cannot compile: ${flag} needs a value`);
    values[flag === "-o" ? "--output" : flag] = value;
  }
  const target = values["--target"] ?? host;
  const sqliteLib = values["--sqlite-lib"];
  return {
    output: withExtension(
      resolve(cwd, values["--output"] ?? join(root, ".build/plexsync")),
      target,
    ),
    target,
    sqliteLib: sqliteLib === undefined ? undefined : resolve(cwd, sqliteLib),
    start,
  };
}

/** Windows starts nothing else. */
function withExtension(path: string, target: string): string {
  const wanted = target.includes("windows") && !basename(path).toLowerCase().endsWith(".exe");
  return wanted ? `${path}.exe` : path;
}
