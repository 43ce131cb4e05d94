/**
 * Making the one executable: `deno task compile [--output FILE] [--target TRIPLE]
 * [--sqlite-lib FILE] [--no-start]`.
 */
import { basename, dirname, join } from "node:path";
import { type CompileArgs, readCompileArgs } from "./compile/arguments.ts";
import { readCommit } from "./compile/commit.ts";
import { digestLine, startOnce } from "./compile/finish.ts";
import { collectLicences, jsrPackages } from "./compile/licences.ts";
import { isSame, type Machine, machineOfFile, machineOfTriple, nameOf } from "./compile/machine.ts";
import { type ModuleInfo, readNpmFiles, usedPackages } from "./compile/npm_files.ts";
import { extensionOf, findLibrary, libraryVersion } from "./compile/sqlite_library.ts";
import { levelTime, MODULES, stageSource } from "./compile/stage.ts";
import { denoDir, type Imports, importsFor } from "./imports.ts";
import { runFlags } from "./program_flags.ts";

/** What goes into the executable beside the source; the program reads it (`src/store/database/embedded.ts`). */
const EMBEDDED = "embedded";

/** The chapters that `plexsync help` prints. */
const CHAPTERS = "src/cli/help";

/** What the pages of the listener name. */
const ASSETS = "src/http/page/assets";

/** What an executable says of itself. */
interface Build {
  readonly commit: string | null;
  /** The embedded library: a file beside this one. */
  readonly sqlite: { readonly file: string; readonly sha256: string } | null;
}

/** What `deno compile` is to be called with. */
export interface Prepared {
  /** Absolute path of the folder in which the compiler has to run. */
  readonly folder: string;
  readonly flags: readonly string[];
  readonly build: Build;
  /** Which SQLite the executable will use, in one line for people. */
  readonly sqlite: string;
}

/**
 * Writes what is to be embedded, and returns the arguments of `deno compile`, but for the output:
 * the program's permissions, and only what `src/` imports.
 * @param root Absolute path of the project
 * @throws {Error} a library that was named does not fit, or a licence is missing
 */
export async function prepareCompile(
  root: string,
  imports: Imports,
  { target, sqliteLib }: Pick<CompileArgs, "target" | "sqliteLib">,
): Promise<Prepared> {
  const stage = await stageSource(root);
  const staged = stagedImports(imports, root, stage);
  const info = await readModuleInfo(stage, staged);
  const { excluded, licences } = await readNpmFiles(usedPackages(info));
  const folder = join(stage, EMBEDDED);
  await Deno.mkdir(folder);

  const version = jsrPackages(info).get("@db/sqlite") ?? undefined;
  const library = await embedLibrary(folder, imports, { target, sqliteLib, version });
  const build: Build = { commit: await readCommit(root), sqlite: library.file };
  const all = await collectLicences(root, info, licences, library.version);
  await Deno.writeTextFile(join(folder, "build.json"), JSON.stringify(build));
  await Deno.writeTextFile(join(folder, "licences.json"), JSON.stringify(all));
  for await (const { name } of Deno.readDir(folder)) await levelTime(join(folder, name));
  const flags = [
    "compile",
    "-q",
    ...runFlags(build.sqlite !== null),
    ...staged.flags,
    // With it the executable would load bytecode from a fixed name in the temporary folder, where
    // any user of the machine may have put some; it starts no faster with it.
    "--no-code-cache",
    // `deno task check` has the project's types; those of a packager's import map are not ours.
    "--no-check",
    // The lock also holds what only tests use; without this all of it is packed.
    "--exclude-unused-npm",
    ...excluded.map((path) => `--exclude=${path}`),
    `--include=${MODULES}`,
    `--include=${EMBEDDED}`,
    `--include=${CHAPTERS}`,
    `--include=${ASSETS}`,
    "--target",
    target,
  ];
  return { folder: stage, flags, build, sqlite: library.said };
}

/** The same imports for the copy; a map of the user's own stays where it is. */
function stagedImports(imports: Imports, root: string, stage: string): Imports {
  return imports.value === "offline" || imports.value === "jsr"
    ? importsFor(stage, imports.value)
    : importsFor(root, imports.value);
}

/** Puts SQLite's library into the folder, where one is at hand that `@db/sqlite` can load. */
async function embedLibrary(
  folder: string,
  imports: Imports,
  { target, sqliteLib, version }: {
    target: string;
    sqliteLib: string | undefined;
    /** Of `@db/sqlite`. */
    version: string | undefined;
  },
): Promise<{ file: Build["sqlite"]; version: string | null; said: string }> {
  const without = (why: string) => ({
    file: null,
    version: null,
    said: `SQLite: node:sqlite, for no library of @db/sqlite is embedded (${why})`,
  });
  if (imports.value === "offline") {
    if (sqliteLib === undefined) return without("the stand-ins have no @db/sqlite");
    throw new Error(
      `Cannot embed ${sqliteLib}: the offline stand-ins have no @db/sqlite to load it`,
    );
  }
  const machine = machineOfTriple(target);
  if (machine === undefined) return without(`there is none for ${target}`);
  const found = await findLibrary({
    named: sqliteLib,
    fromEnvironment: Deno.env.get("DENO_SQLITE_PATH"),
    version,
    denoDir: await denoDir(),
  }, machine);
  if ("why" in found) return without(found.why);

  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", found.bytes)).toHex();
  const file = `sqlite3.${extensionOf(machine)}`;
  await Deno.writeFile(join(folder, file), found.bytes);
  const sqlite = isSame(machine, machineOfTriple(Deno.build.target))
    ? await libraryVersion(join(folder, file))
    : null;
  return {
    file: { file, sha256 },
    version: sqlite,
    said: `SQLite: @db/sqlite with ${sqlite ?? "the library"} from ${found.from}`,
  };
}

/** All modules of the copy and of its packages. */
async function readModuleInfo(stage: string, imports: Imports): Promise<ModuleInfo> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "-q", "--json", ...imports.flags, MODULES],
    cwd: stage,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`Cannot read the modules: ${decoder.decode(stderr).trim()}`);
  return JSON.parse(decoder.decode(stdout));
}

/**
 * Sees that the runtime base that `DENORT_BIN` names can be one.
 * @throws {Error} it is not there, or is no executable for that machine
 */
async function checkBase(path: string, machine: Machine | undefined): Promise<void> {
  const bytes = await Deno.readFile(path).catch(() => undefined);
  if (bytes === undefined) {
    throw new Error(`Cannot compile: DENORT_BIN names "${path}", and there is no such file`);
  }
  const found = machineOfFile(bytes);
  if (machine === undefined || isSame(found, machine)) return;
  throw new Error(
    `Cannot compile: DENORT_BIN names "${path}", which must be an executable for ` +
      `${nameOf(machine)}, it is for ${nameOf(found)}`,
  );
}

/** What the compiler said, in one line for people when the runtime base is what is missing. */
function explainFailure(stderr: string): string {
  if (!stderr.includes("Setting up base binary")) return stderr;
  return "error: Cannot compile: Deno's runtime base could not be downloaded; set DENORT_BIN to a " +
    `denort executable of Deno ${Deno.version.deno} for the target`;
}

/**
 * Compiles `main.ts`. What is not whole never stands where the executable belongs.
 * @param root Absolute path of the project
 * @returns Exit code
 * @throws {Error} in words for people
 */
export async function compile(
  root: string,
  imports: Imports,
  args: readonly string[],
): Promise<number> {
  const cwd = Deno.env.get("INIT_CWD") ?? root;
  const wanted = readCompileArgs(args, { root, cwd, host: Deno.build.target });
  const base = Deno.env.get("DENORT_BIN");
  if (base) await checkBase(base, machineOfTriple(wanted.target));
  const prepared = await prepareCompile(root, imports, wanted);

  await Deno.mkdir(dirname(wanted.output), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: dirname(wanted.output), prefix: ".compile-" });
  try {
    // Deno gives the name of the output to what it makes, so it has to be the last one.
    const made = join(folder, basename(wanted.output));
    if (!await runCompiler(prepared.folder, [...prepared.flags, "--output", made, "main.ts"])) {
      return 1;
    }
    const started = wanted.start && wanted.target === Deno.build.target;
    if (started) await startOnce(made, await firstWords(root, prepared.build));
    const digest = `${wanted.output}.sha256`;
    await Deno.writeTextFile(join(folder, "digest"), await digestLine(made));
    await Deno.rename(made, wanted.output);
    await Deno.rename(join(folder, "digest"), digest);
    console.error(prepared.sqlite);
    const fate = started ? "and started once" : "not started";
    console.error(`Compiled ${wanted.output} with ${imports.label}, ${fate}`);
    return 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What the executable's answer to `--version` begins with. */
async function firstWords(root: string, { commit }: Build): Promise<string> {
  const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  return `plexsync ${version} (${commit === null ? "" : `${commit}, `}Deno `;
}

async function runCompiler(cwd: string, args: readonly string[]): Promise<boolean> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdin: "null",
    stdout: "inherit",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stderr).trim();
  if (text !== "") console.error(success ? text : explainFailure(text));
  return success;
}
