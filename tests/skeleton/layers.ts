/** The layers of the source, read from its import lines: what may import what. */
import { posix } from "node:path";

const WORK = ["core", "store", "stash", "target"] as const;
const BELOW_APP = [...WORK, "config", "log", "worker", "intake"] as const;

/** What each folder of `src/` may import beside itself. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ["core"],
  log: ["core", "config"],
  store: ["core"],
  stash: ["core"],
  target: ["core"],
  worker: ["core", "store", "stash", "target"],
  intake: WORK,
  app: BELOW_APP,
  daemon: [...BELOW_APP, "app"],
  plugin: [...BELOW_APP, "app", "daemon"],
  http: [...BELOW_APP, "app", "daemon"],
  cli: [...BELOW_APP, "app", "daemon"],
};

/** The faces ask `app` for what they show: of what stands below it they know types alone. */
const FACES: readonly string[] = ["plugin", "http", "cli"];
const FACE_VALUES: readonly string[] = ["core", "config", "log", "app", "daemon"];

/** Folders behind a seam, and who may know them: all others see the interface beside them. */
const BEHIND_SEAM: readonly { folder: RegExp; knownTo: RegExp }[] = [
  { folder: /^src\/target\/[^/]+\//, knownTo: /^src\/app\// },
];

/** Stores and clients are made by these alone: whoever works with one is given it. */
const MAKERS = /^(src\/(app|daemon|store|stash|target)\/|tests\/)/;
const MADE =
  /(?<![\w.])(new Store\(|openStore\(|openDatabase\(|create(?:Plex|Stash)(?:Client|Config|Target)\()/g;
/** A call of a store's method. */
const STORE_CALL = /(?<!\w)(store\.\w+(?:\.\w+)*\()/g;

/** Packages that only some files may import; `src/` imports none that is for tests. */
const PACKAGE_HOMES: Readonly<Record<string, RegExp>> = {
  "@db/sqlite": /^src\/store\/database\/driver\w*\.ts$/,
  "node:sqlite": /^(src\/store\/database\/driver\w*\.ts$|tests\/)/,
  "@std/log": /^src\/log\//,
  "ws": /^src\/target\/plex\/notifications\/websocket\.ts$/,
  "eventsource-parser": /^src\/target\/plex\/notifications\/event_stream\.ts$/,
  "hono": /^src\/http\/page\//,
  "uplot": /^src\/http\/page\/assets\.ts$/,
  "@std/assert": /^tests\//,
  "axe-core": /^tests\//,
  "fast-check": /^tests\//,
  "fast-xml-parser": /^tests\//,
  "graphql": /^tests\//,
};

/** What only an open page needs: others know its types, and load it when there is one. */
const ON_DEMAND = "src/http/page/";

/** Clock, chance, network, environment: handed in to these layers, never reached for. */
const PURE = /^src\/(core|worker)\//;
const GLOBALS =
  /(?<![\w.])(Date\.now\(|new Date\(\)|Math\.random\(|fetch\(|setTimeout\(|Deno\.env)/g;

/** One import as written. */
interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** Loaded when it is called, not before. */
  readonly lazy: boolean;
}

/**
 * Every breach of the layers.
 * @param sources Texts by path, relative to the project, with `/`
 * @returns One sentence each, sorted; empty when all is well
 */
export function findBreaches(sources: ReadonlyMap<string, string>): string[] {
  const files = [...sources].map(([path, text]) => {
    const code = withoutComments(text);
    return { path, code, imports: readImports(code) };
  });
  const breaches = [
    ...files.flatMap(({ path, code, imports }) => [
      ...imports.flatMap((found) => judgeImport(path, found)),
      ...findComputedImports(path, code),
      ...findEagerImports(path, code),
      ...findGlobals(path, code),
      ...findMade(path, code),
    ]),
    ...findCircles(files),
  ];
  // An import at run time names its file twice: once for the type.
  return [...new Set(breaches)].sort();
}

/**
 * Files that cannot be loaded one after the other. Types may name each other's files, since
 * nothing is loaded for them; so may what is loaded only when it is called.
 */
function findCircles(files: readonly { path: string; imports: readonly Import[] }[]): string[] {
  const loads = new Map(files.map(({ path, imports }) => [
    path,
    imports.filter(({ specifier, typeOnly, lazy }) =>
      specifier.startsWith(".") && !typeOnly && !lazy
    )
      .map(({ specifier }) => posix.join(posix.dirname(path), specifier)),
  ]));
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]) => {
    const at = way.indexOf(path);
    if (at >= 0) circles.push(`${[...way.slice(at), path].join(" imports ")}: a circle`);
    if (at >= 0 || done.has(path)) return;
    for (const next of loads.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of loads.keys()) visit(path, []);
  return circles;
}

function findMade(path: string, code: string): string[] {
  const made = MAKERS.test(path) ? [] : [...code.matchAll(MADE)];
  const called = FACES.includes(layerOf(path) ?? "") ? [...code.matchAll(STORE_CALL)] : [];
  return [
    ...made.map(([, call]) => `${path} calls ${call}: only app and daemon make stores and clients`),
    ...called.map(([, call]) => `${path} calls ${call}: a face asks app`),
  ];
}

function judgeImport(path: string, { specifier, typeOnly, lazy }: Import): string[] {
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
  if (to !== from && !LAYERS[from]?.includes(to)) return breach(`${from} may not import ${to}`);
  if (isBehindSeam(path, target)) return breach("it stands behind a seam");
  const isOfPage = target.startsWith(ON_DEMAND) && !path.startsWith(ON_DEMAND);
  if (isOfPage && !typeOnly && !lazy) return breach("it is loaded for an open page alone");
  if (to !== from && FACES.includes(from) && !typeOnly && !FACE_VALUES.includes(to)) {
    return breach(`${from} takes only types of ${to}`);
  }
  return [];
}

/** Files of one such folder know each other. */
function isBehindSeam(path: string, target: string): boolean {
  return BEHIND_SEAM.some(({ folder, knownTo }) => {
    const [home] = folder.exec(target) ?? [];
    return home !== undefined && !path.startsWith(home) && !knownTo.test(path);
  });
}

function layerOf(path: string): string | undefined {
  const folder = /^src\/([^/]+)\//.exec(path)?.[1];
  return folder !== undefined && Object.hasOwn(LAYERS, folder) ? folder : undefined;
}

/** A computed `import()` would be missing from the executable. */
function findComputedImports(path: string, code: string): string[] {
  if (path.startsWith("tests/")) return [];
  const calls = code.matchAll(
    /(?<![\w.])import\((?!\s*(["'])[^"']+\1(?: as string)?\s*[,)])/g,
  );
  return [...calls].map(() => `${path} has an import() whose name is computed`);
}

/** From source, Deno reads what a plain name leads to before anything runs, called or not. */
function findEagerImports(path: string, code: string): string[] {
  if (path.startsWith("tests/")) return [];
  const calls = code.matchAll(/(?<![\w.]|typeof )import\(\s*"(\.[^"]+)"\s*[,)]/g);
  return [...calls].map(([, name]) =>
    `${path} has import("${name}"), which is read at the start: name it \`as string\``
  );
}

function findGlobals(path: string, code: string): string[] {
  if (!PURE.test(path)) return [];
  return [...code.matchAll(GLOBALS)].map(([, name]) => `${path} uses ${name}`);
}

function readImports(code: string): Import[] {
  const clauses = code.matchAll(
    /^\s*(?:import|export)\s+(type\s)?([^;"'()]*?)\bfrom\s*["']([^"']+)["']/gm,
  );
  const bare = code.matchAll(/^\s*import\s*["']([^"']+)["']/gm);
  const dynamic = code.matchAll(/(?<![\w.])(typeof )?import\(\s*["']([^"']+)["']/g);
  return [
    ...[...clauses].map(([, type, names, specifier]) => ({
      specifier: specifier!,
      typeOnly: type !== undefined || /^\{(\s*type\s+[\w\s]+,?)+\s*\}\s*$/.test(names!),
      lazy: false,
    })),
    ...[...bare].map(([, specifier]) => ({ specifier: specifier!, typeOnly: false, lazy: false })),
    ...[...dynamic].map(([, type, specifier]) => ({
      specifier: specifier!,
      typeOnly: type !== undefined,
      lazy: true,
    })),
  ];
}

/** Drops comments that begin a line, which are the ones that hold examples with imports. */
function withoutComments(text: string): string {
  return text.replaceAll(/^[ \t]*\/\*[\s\S]*?\*\//gm, "").replaceAll(/^[ \t]*\/\/.*$/gm, "");
}
