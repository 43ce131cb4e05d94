import { foldKey, spellingOf, tagKey } from "../text/sanitize.ts";

/**
 * Which standing name is which wanted one: the best spelling first, then one that differs in letter
 * case only, each standing name but once. A wanted name that is left has the first that is a form
 * of it, also one that another has: a server may keep one spelling for both.
 * @returns standing names by wanted ones
 */
export function pairNames(
  wanted: readonly string[],
  standing: readonly string[],
  isForm: (wanted: string, stands: string) => boolean,
): Map<string, string> {
  const pairs = new Map<string, string>();
  const free = new Set(standing);
  for (const keyOf of SAMENESS) {
    if (free.size === 0 || wanted.every((name) => pairs.has(name))) break;
    const byKey = Map.groupBy(free, keyOf);
    for (const name of wanted) {
      const found = pairs.has(name) ? undefined : byKey.get(keyOf(name))?.shift();
      if (found === undefined) continue;
      pairs.set(name, found);
      free.delete(found);
    }
  }
  for (const name of wanted) {
    if (pairs.has(name)) continue;
    const found = standing.find((stands) => isForm(name, stands));
    if (found !== undefined) pairs.set(name, found);
  }
  return pairs;
}

/**
 * Whether two lists hold the same names, letter by letter, each of them once and in its plain
 * spelling: then each is paired with itself, and nothing is left over.
 */
export function areSameNames(wanted: readonly string[], standing: readonly string[]): boolean {
  if (wanted.length !== standing.length) return false;
  const names = new Set(wanted);
  return names.size === wanted.length &&
    wanted.every((name, at) => standing[at] === name || standing.includes(name)) &&
    wanted.every((name) => spellingOf(name) === name);
}

/** Whether two names are spelt alike. A first letter that was raised says nothing: servers do that. */
export function isSameSpelling(a: string, b: string): boolean {
  return a === b || raisedSpelling(a) === raisedSpelling(b);
}

/** Whether a list holds a name in just this spelling. */
export function holdsSpelling(names: readonly string[], name: string): boolean {
  return names.includes(name) || names.some((each) => spellingOf(each) === spellingOf(name));
}

/** Whether they are the same under Unicode's case mapping, also where it changes the length (ß, SS). */
export function isSameFolded(a: string, b: string): boolean {
  return a === b || foldKey(a) === foldKey(b);
}

/** `.hidden` becomes `.Hidden`: the first letter, not the first character. */
function raisedSpelling(name: string): string {
  return spellingOf(name).replace(/\p{L}/u, (letter) => letter.toUpperCase());
}

/** What two names may have in common, from the most to the least. */
const SAMENESS: readonly ((name: string) => string)[] = [
  spellingOf,
  raisedSpelling,
  tagKey,
  foldKey,
];
