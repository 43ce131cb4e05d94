/** The layers of the source, read from its import lines: what may import what. */
import { posix } from "node:path";

const BELOW_APP = ["core", "config", "log", "store", "plex", "stash", "worker", "intake"] as const;

/** What each folder of `src/` may import beside itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ["core"],
  log: ["core", "config"],
  store: ["core"],
  plex: ["core"],
  stash: ["core"],
  worker: ["core"],
  intake: ["core", "store", "stash", "plex"],
  app: BELOW_APP,
  daemon: [...BELOW_APP, "app", "http"],
  http: [...BELOW_APP, "app", "daemon"],
  cli: [...BELOW_APP, "app", "daemon"],
};

/** Packages that only some files may import; `src/` imports none that is for tests. */
const PACKAGE_HOMES: Readonly<Record<string, RegExp>> = {
  "@db/sqlite": /^src\/store\/driver\w*\.ts$/,
  "node:sqlite": /^(src\/store\/driver\w*\.ts$|tests\/)/,
  "@std/log": /^src\/log\//,
  "ws": /^src\/plex\/notifications\/websocket\.ts$/,
  "eventsource-parser": /^src\/plex\/notifications\/event_stream\.ts$/,
  "@std/assert": /^tests\//,
  "fast-check": /^tests\//,
  "fast-xml-parser": /^tests\//,
  "graphql": /^tests\//,
};

/** Clock, chance, network, environment: handed in to these layers, never reached for. */
const PURE = /^src\/(core|worker)\//;
const GLOBALS =
  /(?<![\w.])(Date\.now\(|new Date\(\)|Math\.random\(|fetch\(|setTimeout\(|Deno\.env)/g;

/** One import as written. */
interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/**
 * Every breach of the layers.
 * @param sources Texts by path, relative to the project, with `/`
 * @returns One sentence each, sorted; empty when all is well
 */
export function findBreaches(sources: ReadonlyMap<string, string>): string[] {
  return [...sources].flatMap(([path, text]) => {
    const code = withoutComments(text);
    return [
      ...readImports(code).flatMap((found) => judgeImport(path, found)),
      ...findComputedImports(path, code),
      ...findGlobals(path, code),
    ];
  }).sort();
}

function judgeImport(path: string, { specifier, typeOnly }: Import): string[] {
  const breach = (why: string) => [`${path} imports ${specifier}: ${why}`];
  if (!specifier.startsWith(".")) {
    if (/^(https?|jsr|npm):/.test(specifier)) return breach("only bare names of deno.json");
    const home = PACKAGE_HOMES[specifier];
    return home && !home.test(path) ? breach(`it belongs to ${home.source}`) : [];
  }
  const target = posix.join(posix.dirname(path), specifier);
  const to = layerOf(target);
  if (path === "main.ts") return to || target === "deno.json" ? [] : breach("it is not of src/");
  if (path.startsWith("tests/sim/")) {
    return to && !typeOnly ? breach("the simulated servers take only types of src/") : [];
  }
  const from = layerOf(path);
  if (!from) return path.startsWith("src/") ? breach("the importing file is in no layer") : [];
  if (target === "deno.json" && from !== "core") return [];
  if (!to) return breach("it is in no layer");
  return to === from || LAYERS[from]?.includes(to) ? [] : breach(`${from} may not import ${to}`);
}

function layerOf(path: string): string | undefined {
  const folder = /^src\/([^/]+)\//.exec(path)?.[1];
  return folder !== undefined && Object.hasOwn(LAYERS, folder) ? folder : undefined;
}

/** The one that is told to the compiler by name. */
const PACKED_BY_NAME: Readonly<Record<string, string>> = { "main.ts": "import(PROGRAM)" };

/** A computed `import()` would be missing from the executable. */
function findComputedImports(path: string, code: string): string[] {
  if (path.startsWith("tests/")) return [];
  const calls = code.replace(PACKED_BY_NAME[path] ?? "", "").matchAll(
    /(?<![\w.])import\((?!\s*(["'])[^"']+\1\s*[,)])/g,
  );
  return [...calls].map(() => `${path} has an import() whose name is computed`);
}

function findGlobals(path: string, code: string): string[] {
  if (!PURE.test(path)) return [];
  return [...code.matchAll(GLOBALS)].map(([, name]) => `${path} uses ${name}`);
}

function readImports(code: string): Import[] {
  const clauses = code.matchAll(
    /^\s*(?:import|export)\s+(type\s)?[^;"'()]*?\bfrom\s*["']([^"']+)["']/gm,
  );
  const bare = code.matchAll(/^\s*import\s*["']([^"']+)["']/gm);
  const dynamic = code.matchAll(/(?<![\w.])import\(\s*["']([^"']+)["']/g);
  return [
    ...[...clauses].map(([, type, specifier]) => ({
      specifier: specifier!,
      typeOnly: type !== undefined,
    })),
    ...[...bare, ...dynamic].map(([, specifier]) => ({ specifier: specifier!, typeOnly: false })),
  ];
}

/** Drops comments that begin a line, which are the ones that hold examples with imports. */
function withoutComments(text: string): string {
  return text.replaceAll(/^[ \t]*\/\*[\s\S]*?\*\//gm, "").replaceAll(/^[ \t]*\/\/.*$/gm, "");
}
