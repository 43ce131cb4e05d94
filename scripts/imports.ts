/**
 * Where the four JSR packages come from: JSR itself, the stand-ins in `scripts/offline/`, or an
 * import map of the user's own (for packagers).
 */
import { isAbsolute, join, resolve } from "node:path";

/** The environment variable that forces the answer: `jsr`, `offline`, or the path of an import map. */
export const IMPORTS_ENV = "PLEXSYNC_IMPORTS";

/** The packages that come from JSR. */
const PACKAGES = ["@db/sqlite", "@std/assert", "@std/cli", "@std/log"];

/** How long JSR may take to answer, in milliseconds, before it counts as unreachable. */
const PROBE_TIMEOUT_MS = 2000;

/** One source of imports, and what follows from it. */
export interface Imports {
  /** `jsr`, `offline`, or the absolute path of an import map: what a child gets in `IMPORTS_ENV`. */
  readonly value: string;
  /** Human name, for the runner's one line. */
  readonly label: string;
  /** Flags for every `deno` subcommand that loads modules. */
  readonly flags: readonly string[];
}

/**
 * The imports that a value of `PLEXSYNC_IMPORTS` stands for.
 * @param root Absolute path of the project
 * @param value `jsr`, `offline`, or the path of an import map, relative to `root` or absolute
 */
export function importsFor(root: string, value: string): Imports {
  if (value === "jsr") {
    // Not frozen: a lock made where JSR is out of reach has no entries for it yet.
    return { value, label: "JSR packages", flags: [] };
  }
  if (value === "offline") {
    const map = join(root, "scripts", "offline", "import_map.json");
    // Frozen: the stand-ins need nothing from JSR, so they must leave deno.lock as it is.
    return { value, label: "offline stand-ins", flags: [`--import-map=${map}`, "--frozen"] };
  }
  const map = isAbsolute(value) ? value : resolve(root, value);
  // The lock pins what deno.json asks for, and this map may ask for anything else.
  return { value: map, label: map, flags: [`--import-map=${map}`, "--no-lock"] };
}

/** What `decideImports` needs to know of the world. */
export interface Probes {
  /** The four packages are in Deno's cache. */
  cached(): Promise<boolean>;
  /** JSR answers for the four packages. */
  reached(): Promise<boolean>;
  /** There is a file with this absolute path. */
  exists(path: string): Promise<boolean>;
}

/**
 * Decides where imports come from, and says why in a few words.
 * @param forced Value of `PLEXSYNC_IMPORTS`; empty counts as unset
 * @throws {RangeError} `forced` is none of the accepted forms
 */
export async function decideImports(
  root: string,
  forced: string | undefined,
  probes: Probes,
): Promise<{ imports: Imports; why: string }> {
  if (forced) {
    const imports = importsFor(root, forced);
    const known = forced === "jsr" || forced === "offline";
    if (!known && !(await probes.exists(imports.value))) {
      throw new RangeError(
        `Cannot use ${IMPORTS_ENV}: it must be "jsr", "offline" or the path of an import map: ` +
          `current value is "${forced}"`,
      );
    }
    return { imports, why: IMPORTS_ENV };
  }
  // Cached first: it needs no network, and a slow JSR must not delay who has it all.
  if (await probes.cached()) return { imports: importsFor(root, "jsr"), why: "cached" };
  if (await probes.reached()) return { imports: importsFor(root, "jsr"), why: "JSR answers" };
  return { imports: importsFor(root, "offline"), why: "JSR not reached" };
}

/** The real probes: Deno's cache, JSR over HTTP, the file system. */
export function systemProbes(root: string): Probes {
  return {
    cached: () => isCached(root),
    reached: () => isReached(Deno.env.get("JSR_URL") ?? "https://jsr.io/"),
    exists: (path) => Deno.stat(path).then((found) => found.isFile, () => false),
  };
}

async function isCached(root: string): Promise<boolean> {
  const { imports } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  // All modules are loaded before the first is run, and that one ends the process: the packages
  // never run, since @db/sqlite would fetch its library.
  const specifiers = [
    "data:text/javascript,Deno.exit(0)",
    ...PACKAGES.map((name) => imports[name]),
  ];
  const code = specifiers.map((specifier) => `import ${JSON.stringify(specifier)};`).join("");
  const { success } = await new Deno.Command(Deno.execPath(), {
    // No lock and no config: this only asks, so it must leave the project's files alone.
    args: ["run", "-q", "--cached-only", "--no-lock", "--no-config", "--no-prompt"]
      .concat(`data:text/javascript,${encodeURIComponent(code)}`),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

/** Whether the registry at `url` answers for all four packages in time. */
export async function isReached(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  const answers = await Promise.all(PACKAGES.map(async (name) => {
    try {
      const response = await fetch(new URL(`${name}/meta.json`, url), { signal });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }));
  return answers.every(Boolean);
}

/** Absolute path of Deno's cache. */
export async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-config"],
    stderr: "null",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
