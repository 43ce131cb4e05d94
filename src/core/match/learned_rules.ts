import type { ItemFile } from "../sync/item.ts";
import { isSameLength } from "./match.ts";
import {
  deepenRule,
  folderAbove,
  foldersOf,
  mapPath,
  pathKey,
  type PathRule,
  restBelow,
  widestRule,
} from "./path.ts";
import { plural } from "../text/wording.ts";

/** So many files have to speak for a rule: fewer may agree by chance, and are found without one. */
export const MIN_PAIRS = 20;
/** The share of all files below its folder that have to agree with a rule. */
const MIN_SHARE = 0.98;
/** Different rules that are counted at a time: in a library with one for each file none is right. */
const MAX_COUNTED = 5_000;
/** More rules than a library has folders that are mounted. */
const MAX_RULES = 100;
/** Trees beside a rule's own that are counted. */
const MAX_TREES = 1_000;

/** A file of a scene, and what the target has of it. */
export interface Sighting {
  /** As Stash has it. */
  path: string;
  durationMs: number | null;
  /** Files of the target with its name, size and length, which no other scene has. */
  pairs: readonly string[];
}

/** A rule for paths that files speak for. */
export interface LearnedRule extends PathRule {
  /** Pairs of files that it brings together, and all pairs below its folder. */
  votes: number;
  pairs: number;
  /** Files of scenes below its folder, and how many of them are where it says. */
  files: number;
  found: number;
}

interface Vote {
  rule: PathRule;
  votes: number;
  /** The folders below the rule's that hold all voters. */
  common: readonly string[];
}

/**
 * Counts which rules the pairs of files speak for. Each pair votes for the widest rule that brings
 * one path to the other. What is held does not grow with the library; where it overflows, rules with
 * few votes are lost, and a rule's folder may be too deep: `Tally` says what is true of it.
 */
export class Votes {
  readonly #all = new Map<string, Vote>();

  /** Rules that are held. */
  get size(): number {
    return this.#all.size;
  }

  add({ path, pairs }: Sighting): void {
    for (const pair of pairs) {
      // Equal paths need no rule.
      const rule = pathKey(path) === pathKey(pair) ? null : widestRule(path, pair);
      if (rule !== null) this.#count(rule, restBelow(path, rule.stash)!.slice(0, -1));
    }
  }

  /** Rules with enough votes, each for the deepest folder that holds all its voters. */
  proposals(least: number = MIN_PAIRS): PathRule[] {
    return [...this.#all.values()].filter(({ votes }) => votes >= least)
      .sort((a, b) => b.votes - a.votes).slice(0, MAX_RULES)
      .map(({ rule, common }) => deepenRule(rule, common));
  }

  /** All that were voted for, each for as much as it can cover, but for the root of all. */
  widest(): PathRule[] {
    return [...this.#all.values()].sort((a, b) => b.votes - a.votes).map(({ rule, common }) =>
      rule.stash === "/" ? deepenRule(rule, common.slice(0, 1)) : rule
    );
  }

  /** Rules with enough votes, each in all its widths: from the widest to the folder of its voters. */
  ladders(least: number): PathRule[][] {
    return [...this.#all.values()].filter(({ votes }) => votes >= least)
      .sort((a, b) => b.votes - a.votes).map(({ rule, common }) =>
        [...common, null].map((_, depth) => deepenRule(rule, common.slice(0, depth)))
      );
  }

  #count(rule: PathRule, folders: readonly string[]): void {
    const key = `${pathKey(rule.stash)}\0${pathKey(rule.plex)}`;
    const known = this.#all.get(key);
    if (known === undefined) {
      if (this.#all.size >= MAX_COUNTED) this.#thin();
      this.#all.set(key, { rule, votes: 1, common: folders });
    } else {
      known.votes++;
      const apart = known.common.findIndex((part, at) => part !== folders[at]);
      if (apart >= 0) known.common = known.common.slice(0, apart);
    }
  }

  /** Takes a vote from each: who has more than one in so many keeps some to the end. */
  #thin(): void {
    for (const [key, vote] of this.#all) {
      if (--vote.votes === 0) this.#all.delete(key);
    }
  }
}

/** Why a rule is not used. */
export type Refusal = "too few files speak for it" | "other files speak against it" | {
  /** A folder that has the same files under the same names. */
  rival: string;
};

interface Count extends LearnedRule {
  /** Other folders of the target with the same files below, and how many. */
  trees: Map<string, { folder: string; files: number }>;
}

/** What is known of the target's files while they are counted. */
export interface FilesOfTarget {
  has(path: string): boolean;
  /** Some that have the name of this one. */
  named(path: string): readonly Pick<ItemFile, "path" | "durationMs">[];
}

/** Counts what is true of proposed rules, over the same files again. */
export class Tally {
  readonly #byFolder: ReadonlyMap<string, readonly Count[]>;
  readonly #counts: readonly Count[];

  constructor(proposals: readonly PathRule[], private readonly target: FilesOfTarget) {
    this.#counts = proposals.map(({ stash, plex }) => ({
      stash,
      plex,
      votes: 0,
      pairs: 0,
      files: 0,
      found: 0,
      trees: new Map(),
    }));
    this.#byFolder = Map.groupBy(this.#counts, ({ stash }) => pathKey(stash));
  }

  add(sighting: Sighting): void {
    const { path, pairs } = sighting;
    const counts = foldersOf(path).flatMap((folder) => this.#byFolder.get(folder) ?? []);
    for (const count of counts) {
      const mapped = mapPath(path, [count]).path;
      count.files++;
      if (this.target.has(mapped)) count.found++;
      count.pairs += pairs.length;
      if (!pairs.some((pair) => pathKey(pair) === pathKey(mapped))) continue;
      count.votes++;
      this.#noteTrees(count, sighting, mapped);
    }
  }

  /** The rules that hold. */
  learned(): LearnedRule[] {
    return this.#counts.filter((count) => refusalOf(count) === null)
      .map(({ trees: _, ...rule }) => rule);
  }

  /** Why a rule does not hold; null for one that does. */
  refusal({ stash, plex }: PathRule): Refusal | null {
    const count = this.#counts.find((each) =>
      pathKey(each.stash) === pathKey(stash) && pathKey(each.plex) === pathKey(plex)
    );
    return count === undefined ? "too few files speak for it" : refusalOf(count);
  }

  /** Other folders that have what may be the same film at the same place below. */
  #noteTrees({ stash, trees }: Count, { path, durationMs }: Sighting, mapped: string): void {
    const rest = restBelow(path, stash)!;
    for (const other of this.target.named(mapped)) {
      if (pathKey(other.path) === pathKey(mapped)) continue;
      const isKnown = durationMs !== null && other.durationMs !== null;
      if (isKnown && !isSameLength(durationMs, other.durationMs!)) continue;
      const folder = folderAbove(other.path, rest);
      if (folder === null) continue;
      const tree = trees.get(pathKey(folder)) ?? { folder, files: 0 };
      if (trees.size < MAX_TREES) trees.set(pathKey(folder), tree);
      tree.files++;
    }
  }
}

function refusalOf({ votes, pairs, trees }: Count): Refusal | null {
  if (votes < MIN_PAIRS) return "too few files speak for it";
  if (votes < MIN_SHARE * pairs) return "other files speak against it";
  const rival = [...trees.values()].find(({ files }) => files > (1 - MIN_SHARE) * votes);
  return rival === undefined ? null : { rival: rival.folder };
}

export function refusalText(refusal: Refusal): string {
  return typeof refusal === "string" ? refusal : `${refusal.rival} has the same files`;
}

/** `980 of 1000 files there`. */
export function countedText(found: number, files: number): string {
  return `${found} of ${plural(files, "file")} there`;
}

/** `/data → /media`. */
export function ruleText({ stash, plex }: PathRule): string {
  return `${stash} → ${plex}`;
}

/** Whether two lists have the same rules, whatever the counts. */
export function sameRules(a: readonly PathRule[], b: readonly PathRule[]): boolean {
  const keys = (rules: readonly PathRule[]) => rules.map(ruleText).sort().join("\n");
  return keys(a) === keys(b);
}
