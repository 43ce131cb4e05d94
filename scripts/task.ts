/**
 * The task runner behind `deno task`: decides where imports come from, then runs `deno` with the
 * flags that every task shares.
 *
 * Usage: `scripts/task.ts <task> [arguments of the task]`
 */
import { join, resolve } from "node:path";
import { runDeno } from "./child.ts";
import { compile } from "./compile.ts";
import { machineOfTriple } from "./compile/machine.ts";
import { cachedLibrary } from "./compile/sqlite_library.ts";
import { decideImports, denoDir, type Imports, IMPORTS_ENV, systemProbes } from "./imports.ts";
import { isOlder, OLDEST_DENO } from "./oldest_deno.ts";
import { programFlags, runFlags } from "./program_flags.ts";
import { formatSummary, readSummary } from "./test_summary.ts";

type Task = (args: readonly string[]) => Promise<number>;

const ROOT = resolve(import.meta.dirname ?? ".", "..");

// Tests, the demo and the benchmarks start the program as a child; the program itself starts none.
const parentFlags = () => [...programFlags(), "--allow-run"];

const TASKS: Readonly<Record<string, Task>> = {
  demo: (args) => runScript("scripts/demo.ts", parentFlags, args),
  soak: (args) => runScript("scripts/soak.ts", parentFlags, args),
  sim: (args) => runScript("tests/sim/main.ts", programFlags, args),
  plexsync,
  test,
  check,
  lint,
  fmt,
  ok,
  bench: (args) => runScript("scripts/bench.ts", parentFlags, args),
  screenshots: (args) => runScript("scripts/screenshots.ts", parentFlags, args),
  package: (args) => runScript("scripts/package.ts", parentFlags, args),
  compile: async (args) => compile(ROOT, await getImports(), args),
};

let decided: Promise<Imports> | undefined;

/** Where imports come from: decided once for all parts of a task, and said in one line. */
function getImports(): Promise<Imports> {
  decided ??= decide();
  return decided;
}

async function decide(): Promise<Imports> {
  const { imports, why } = await decideImports(
    ROOT,
    Deno.env.get(IMPORTS_ENV),
    systemProbes(ROOT),
  );
  console.error(`imports: ${imports.label} (${why})`);
  if (imports.value === "jsr") await useCachedLibrary();
  return imports;
}

/** The library that `@db/sqlite` once downloaded is used from then on; nothing is downloaded here. */
async function useCachedLibrary() {
  const machine = machineOfTriple(Deno.build.target);
  if (Deno.env.get("DENO_SQLITE_PATH") || machine === undefined) return;
  const lock = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.lock")));
  const version: string | undefined = lock.specifiers?.["jsr:@db/sqlite@0.13"];
  if (version === undefined) return;
  const path = await cachedLibrary(await denoDir(), version, machine);
  if (path !== undefined) Deno.env.set("DENO_SQLITE_PATH", path);
}

/** Runs a file of the project; it may start the program, so it is told which imports are in use. */
async function runScript(file: string, flags: () => readonly string[], args: readonly string[]) {
  const imports = await getImports();
  return await runDeno(["run", "-q", ...flags(), ...imports.flags, join(ROOT, file), ...args], {
    env: { [IMPORTS_ENV]: imports.value },
  });
}

/** The program from source, where the user stands: paths in its arguments are theirs. */
async function plexsync(args: readonly string[]) {
  const imports = await getImports();
  return await runDeno(
    ["run", "-q", ...runFlags(), ...imports.flags, join(ROOT, "main.ts"), ...args],
    { cwd: Deno.env.get("INIT_CWD") },
  );
}

async function test(args: readonly string[]) {
  const imports = await getImports();
  // Fetched ahead: the children of the end-to-end tests have no network but 127.0.0.1.
  const sources = await existing(["main.ts", "src"]);
  const cached = await runDeno(["cache", ...imports.flags, ...sources]);
  if (cached !== 0) return cached;

  const picked = await Promise.all(args.map((arg) => exists(arg)));
  const paths = picked.includes(true) ? [] : ["tests/"];
  const decoder = new TextDecoder();
  let output = "";
  const code = await runDeno(
    ["test", "--parallel", ...parentFlags(), ...imports.flags, ...paths, ...args],
    {
      env: { [IMPORTS_ENV]: imports.value },
      onOutput: (chunk) => output += decoder.decode(chunk, { stream: true }),
    },
  );
  // Ended by a signal: what looks like a summary then may be a nested run's.
  const summary = code <= 1 ? readSummary(output) : undefined;
  if (summary) console.log(formatSummary(summary));
  return code;
}

async function check() {
  const paths = await existing(["main.ts", "src", "tests", "scripts"]);
  return await runDeno(["check", ...(await getImports()).flags, ...paths]);
}

function lint(args: readonly string[] = []) {
  return runDeno(["lint", ...args]);
}

function fmt(args: readonly string[] = []) {
  return runDeno(["fmt", ...args]);
}

async function ok() {
  for (const part of [() => fmt(["--check"]), lint, check, () => test([])]) {
    const code = await part();
    if (code !== 0) return code;
  }
  return 0;
}

async function existing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => exists(join(ROOT, path))));
  return paths.filter((_, i) => found[i]);
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
  if (!task) {
    console.error(`No task "${name}"; there are: ${Object.keys(TASKS).join(", ")}`);
    return 2;
  }
  if (isOlder(Deno.version.deno, OLDEST_DENO)) {
    console.error(
      `error: The oldest Deno that works is ${OLDEST_DENO}, this is ${Deno.version.deno}`,
    );
    return 1;
  }
  try {
    return await task(args);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
