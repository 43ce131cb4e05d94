/** Random libraries in which much looks alike: nothing is written to an item of another film. */
import { assert, assertEquals } from "@std/assert";
import { Matcher, type MatchRules } from "../../src/worker/match/matcher.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";
import { openStore } from "../../src/store/store.ts";
import { scene } from "../core/samples.ts";
import { TARGET, TARGETS } from "../one_target.ts";
import { type RandomLibrary, randomLibrary, type SeenFile } from "../sim/random_library.ts";

const NOW = 1_790_000_000_000;

/** What is decided to be written, as far as films tell that it is right or wrong. */
async function decided(library: RandomLibrary, rules: Pick<MatchRules, "paths" | "areOwners">) {
  const store = await openStore(":memory:", TARGETS, {
    driver: "builtin",
    sleep: () => Promise.resolve(),
  });
  const rows = library.items.flatMap(({ key, section, files }) =>
    files.map((file) => ({ item: key, section, ...file }))
  );
  store.of(TARGET).index.put(rows, NOW);
  noteScenes(store.database, library.scenes.map(({ id, files }) => scene({ id, files })), NOW);
  const known = store.of(TARGET);
  const matcher = new Matcher(store.scenes, known, {
    ...rules,
    strict: true,
    othersKnown: true,
    allRead: true,
  });
  const right: string[] = [];
  const wrong: string[] = [];
  for (const { id, files, films } of library.scenes) {
    const decision = matcher.decide({ id, files }, true);
    if (decision.kind !== "items") continue;
    for (const { item, path, evidence } of decision.items) {
      const there = library.items.find(({ key }) => key === item)!;
      const text = `scene ${id} → item ${item}, ${path}: ${evidence}`;
      if (!there.films.isDisjointFrom(films)) right.push(text);
      // Where all that is known is equal, the path included, nobody can tell two films apart.
      else if (!files.some((file) => there.files.some((each) => isEqual(file, each)))) {
        wrong.push(text);
      }
    }
  }
  store.close();
  return { right, wrong };
}

function isEqual(a: SeenFile, b: SeenFile): boolean {
  const plain = ({ path }: SeenFile) => path.normalize("NFC").toLowerCase();
  const isLength = a.durationMs === null || b.durationMs === null ||
    Math.abs(a.durationMs - b.durationMs) <= 1_000;
  return plain(a) === plain(b) && (a.size === b.size || b.size === 0) && isLength;
}

for (
  const { given, libraries, rulesOf } of [
    {
      given: "the owner's rules",
      libraries: 50,
      rulesOf: ({ rules }: RandomLibrary) => ({ paths: rules, areOwners: true }),
    },
    {
      given: "learned rules",
      libraries: 50,
      rulesOf: ({ rules }: RandomLibrary) => ({ paths: rules, areOwners: false }),
    },
    { given: "no rules", libraries: 130, rulesOf: () => ({ paths: [], areOwners: false }) },
  ]
) {
  Deno.test(`in random libraries no scene is written to another film's item, by ${given}`, async () => {
    let right = 0;
    for (let seed = 1; seed <= libraries; seed++) {
      const found = await decided(randomLibrary(seed), rulesOf(randomLibrary(seed)));
      assertEquals(found.wrong, [], `seed ${seed}`);
      right += found.right.length;
    }
    assert(right > 4 * libraries, `${right} were found`);
  });
}
