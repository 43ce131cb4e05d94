/** Making the one executable: `deno task compile [--output FILE] [--target TRIPLE]`. */
import { join, resolve } from "node:path";
import type { Imports } from "./imports.ts";
import { type ModuleInfo, readNpmFiles, usedPackages } from "./npm_files.ts";
import { PROGRAM_FLAGS } from "./program_flags.ts";

/** For what is made here; not in version control. */
const BUILD = ".build";

/** The licences of the packages in the executable, which have to go with it. */
const LICENCES = join(BUILD, "licences.md");

interface CompileArgs {
  /** Absolute path. */
  readonly output: string;
  /** Flags of `deno compile` that pass through. */
  readonly passed: readonly string[];
}

/**
 * Reads `--output FILE`, `-o FILE` and `--target TRIPLE` (also with `=`).
 * @param cwd What a relative output is relative to
 * @throws {RangeError} Any other argument, or a missing value
 */
export function readCompileArgs(args: readonly string[], root: string, cwd: string): CompileArgs {
  let output = join(root, BUILD, "plexsync");
  const passed: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [flag = "", inline] = args[i]!.split(/=(.*)/s);
    if (!["--output", "-o", "--target"].includes(flag)) {
      throw new RangeError(`Cannot compile: it takes --output and --target, not "${flag}"`);
    }
    const value = inline ?? args[++i];
    if (!value) throw new RangeError(`Cannot compile: ${flag} needs a value`);
    if (flag === "--target") passed.push(flag, value);
    else output = resolve(cwd, value);
  }
  return { output, passed };
}

/**
 * Writes the licences, and returns the arguments of `deno compile`: the program's permissions, and
 * only what `main.ts` imports.
 * @param root Absolute path of the project, where the command has to run
 */
export async function prepareCompile(
  root: string,
  imports: Imports,
  { output, passed }: CompileArgs,
): Promise<string[]> {
  const packages = usedPackages(await readModuleInfo(root, imports));
  const { excluded, licences } = await readNpmFiles(packages);
  await Deno.mkdir(join(root, BUILD), { recursive: true });
  await Deno.writeTextFile(join(root, LICENCES), licences);
  return [
    "compile",
    "-q",
    ...PROGRAM_FLAGS,
    ...imports.flags,
    // The lock also holds what only tests use; without this all of it is packed.
    "--exclude-unused-npm",
    ...excluded.map((path) => `--exclude=${path}`),
    `--include=${LICENCES}`,
    "--output",
    output,
    ...passed,
    "main.ts",
  ];
}

async function readModuleInfo(root: string, imports: Imports): Promise<ModuleInfo> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "-q", "--json", ...imports.flags, "main.ts"],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`Cannot read the modules: ${decoder.decode(stderr).trim()}`);
  return JSON.parse(decoder.decode(stdout));
}

/**
 * One line for people when the runtime base is what is missing, else undefined: the compiler's own
 * words then say more.
 */
export function explainFailure(stderr: string, version: string): string | undefined {
  const named = /Could not find denort at '(.*)'/.exec(stderr)?.[1];
  if (named !== undefined) {
    return `error: Cannot compile: DENORT_BIN names "${named}", and there is no such file`;
  }
  if (!stderr.includes("Setting up base binary")) return undefined;
  return "error: Cannot compile: Deno's runtime base could not be downloaded; set DENORT_BIN to a " +
    `denort executable of Deno ${version} for the target`;
}

/**
 * Compiles `main.ts`.
 * @param root Absolute path of the project
 * @returns Exit code
 */
export async function compile(
  root: string,
  imports: Imports,
  args: readonly string[],
): Promise<number> {
  const wanted = readCompileArgs(args, root, Deno.env.get("INIT_CWD") ?? root);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: await prepareCompile(root, imports, wanted),
    cwd: root,
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdin: "null",
    stdout: "inherit",
    stderr: "piped",
  }).output();

  const text = new TextDecoder().decode(stderr).trim();
  if (code !== 0) {
    console.error(explainFailure(text, Deno.version.deno) ?? text);
    return 1;
  }
  if (text !== "") console.error(text);
  console.error(`Compiled ${wanted.output} with ${imports.label}`);
  return 0;
}
