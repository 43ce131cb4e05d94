/**
 * A library in which much looks alike, made up from a seed, and what is true of each of its
 * scenes: made to tell a matcher that knows from one that guesses.
 */
import { CorpusBuilder, type CorpusPathRule, PATH_MAP } from "./corpus/builder.ts";
import { ITEM_FAMILIES } from "./corpus/families_items.ts";
import { KNOWN_FAMILIES } from "./corpus/families_known.ts";
import { NAME_FAMILIES } from "./corpus/families_names.ts";
import { PATH_FAMILIES } from "./corpus/families_paths.ts";
import type { Family } from "./corpus/family.ts";
import type { SceneTruth } from "./corpus/truth.ts";
import type { LibraryDocument } from "./library_document.ts";
import { seededRandom } from "./random.ts";

export type { SceneTruth, Verdict } from "./corpus/truth.ts";
export type { CorpusPathRule } from "./corpus/builder.ts";

export interface Corpus {
  /** As `deno task sim --library` takes it. */
  library: LibraryDocument;
  /** The rules that are right for it; some of its folders need none. */
  pathMap: readonly CorpusPathRule[];
  /** One for each scene. */
  truth: SceneTruth[];
}

export interface CorpusOptions {
  /** Exactly so many; below a few hundred not every hazard is there. Up to 200,000. */
  scenes: number;
  /** Equal seeds and numbers give equal corpora. */
  seed: number;
}

const FAMILIES: readonly Family[] = [
  ...NAME_FAMILIES,
  ...KNOWN_FAMILIES,
  ...ITEM_FAMILIES,
  ...PATH_FAMILIES,
];

/** All names of hazards. */
export const HAZARDS: readonly string[] = FAMILIES.map(({ hazard }) => hazard);

const MOST_SCENES = 200_000;

/** @throws {RangeError} a number of scenes that cannot be made */
export function makeCorpus({ scenes, seed }: CorpusOptions): Corpus {
  if (!Number.isInteger(scenes) || scenes < 0 || scenes > MOST_SCENES) {
    throw new RangeError(`scenes must be from 0 to ${MOST_SCENES}: it is ${scenes}`);
  }
  const random = seededRandom(seed);
  const builder = new CorpusBuilder(scenes, random);
  const make = (family: Family) => {
    if (family.scenes <= builder.left) family.make(builder, family.hazard);
  };
  // Each at least once, the big ones last: a small corpus has as many hazards as it can.
  for (const family of [...FAMILIES].sort((a, b) => a.scenes - b.scenes)) make(family);
  const weights = FAMILIES.reduce((sum, { weight }) => sum + weight, 0);
  while (builder.left > 0) make(drawn(random.next() * weights));
  return { library: builder.library(), pathMap: PATH_MAP, truth: builder.truth };
}

function drawn(at: number): Family {
  let left = at;
  const family = FAMILIES.find(({ weight }) => (left -= weight) < 0);
  return family ?? FAMILIES[0] as Family;
}

/** `deno run tests/sim/corpus.ts SCENES SEED library|truth|path_map`: one of its parts as JSON. */
if (import.meta.main) {
  const [scenes = "20000", seed = "1", what = "library"] = Deno.args;
  const { library, truth, pathMap } = makeCorpus({ scenes: Number(scenes), seed: Number(seed) });
  const part = { library, truth, path_map: pathMap }[what];
  if (part === undefined) throw new RangeError(`Cannot print ${what}: library, truth or path_map`);
  console.log(JSON.stringify(part));
}
