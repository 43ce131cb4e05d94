/** What the source exports and the product does not use, read from its text. */
import { posix } from "node:path";

const DECLARATION =
  /^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)|^export \{([^}]*)\}/gm;
const NAMED_IMPORT = /^(?:import|export) (?:type )?\{([^}]*)\} from "(\.[^"]+)";/gm;
/** Its names are read from the module itself, so all of them count as used. */
const DYNAMIC_IMPORT = /(?<![\w.])import\(\s*"(\.[^"]+)"(?: as string)?\s*\)/g;

/**
 * Exports of `src/` that no other file of the product imports and their own file does not use:
 * dead code, or code that is there for tests alone.
 * @param sources Texts of the product by path, relative to the project, with `/`
 * @returns `path: name`, sorted
 */
export function findUnusedExports(sources: ReadonlyMap<string, string>): string[] {
  const used = new Set<string>();
  for (const [path, text] of sources) {
    const at = (specifier: string) => posix.join(posix.dirname(path), specifier);
    for (const [, names, specifier] of text.matchAll(NAMED_IMPORT)) {
      for (const name of namesIn(names!)) used.add(`${at(specifier!)}: ${name}`);
    }
    for (const [, specifier] of text.matchAll(DYNAMIC_IMPORT)) used.add(at(specifier!));
  }
  return [...sources].filter(([path]) => path.startsWith("src/") && !used.has(path))
    .flatMap(([path, text]) =>
      exportsOf(text).filter((name) => !used.has(`${path}: ${name}`) && !isUsedIn(text, name))
        .map((name) => `${path}: ${name}`)
    ).sort();
}

function exportsOf(text: string): string[] {
  return [...text.matchAll(DECLARATION)]
    .flatMap(([, name, list]) => name === undefined ? namesIn(list!) : [name]);
}

/** `a, type B, c as d` as `a`, `B`, `c`. */
function namesIn(list: string): string[] {
  return list.split(",").map((part) => part.trim().replace(/^type /, "").split(" as ")[0]!)
    .filter((name) => name !== "");
}

/** Whether code says the name beside the place where it is declared. */
function isUsedIn(text: string, name: string): boolean {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\/\/.*$/gm, "");
  return [...code.matchAll(new RegExp(`(?<![\\w$])${name}(?![\\w$])`, "g"))].length > 1;
}
