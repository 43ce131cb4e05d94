/** A library in which much looks alike: what is decided on it, and what the worker writes to it. */
import { assert, assertEquals } from "@std/assert";
import type { IndexedFile } from "../../src/core/sync/item.ts";
import { FILES_KNOWN_AT } from "../../src/core/meta_keys.ts";
import type { Store } from "../../src/store/store.ts";
import {
  PathLearning,
  type RulesInForce,
  rulesInForce,
} from "../../src/worker/match/path_rules.ts";
import { readIndexed } from "../../src/target/plex/read_item.ts";
import { type Decision, Matcher, type MatchRules } from "../../src/worker/match/matcher.ts";
import { scene } from "../core/samples.ts";
import { type Corpus, makeCorpus, type SceneTruth, type Verdict } from "../sim/corpus.ts";
import { openTestStore, TempFolder, withoutSync } from "../store/temp_store.ts";
import { TARGET } from "../one_target.ts";
import { noteScenes } from "../../src/store/library/scene_notes.ts";

const NOW = 1_790_000_000_000;
const corpus = makeCorpus({ scenes: 4_000, seed: 11 });

/** The rows that a listing of the whole library gives. */
function rowsOf({ library }: Corpus): IndexedFile[] {
  return library.plex.items.flatMap(({ section, media, ...item }) =>
    readIndexed({
      ...item,
      Media: media.map(({ parts, ...version }) => ({
        ...version,
        Part: parts.map(({ file, size, duration_ms }) => ({ file, size, duration: duration_ms })),
      })),
    }, String(section))
  );
}

function scenesOf({ library }: Corpus) {
  return library.stash.scenes.map(({ id, files = [] }) => ({
    id: String(id),
    files: files.map(({ path, size = 0, duration }) => ({
      path,
      size,
      durationMs: duration === undefined || duration === null ? null : duration * 1000,
    })),
  }));
}

function verdictOf(decision: Decision): Verdict {
  const items = (all: readonly { item: string }[]) =>
    [...new Set(all.map(({ item }) => item))].sort();
  switch (decision.kind) {
    case "items":
      return { is: "found", items: items(decision.items) };
    case "ambiguous":
      return { is: "ambiguous", candidates: items(decision.rivals) };
    case "shared":
      return { is: "shared", item: decision.item.item, scenes: [...decision.scenes].sort() };
    case "none": {
      const candidates = items(decision.candidates.filter(({ evidence }) => evidence === "bytes"));
      return candidates.length === 0 ? { is: "waits" } : { is: "waits", candidates };
    }
    case "barred":
      throw new Error("Nothing is pinned");
    case "unsettled":
      throw new Error("All scenes' files are known");
  }
}

/** Where two disagree, by hazard. */
function differences(
  decide: (sceneId: string) => Verdict,
  right: (truth: SceneTruth) => readonly Verdict[],
): Record<string, string[]> {
  const wrong: Record<string, string[]> = {};
  for (const truth of corpus.truth) {
    const verdict = JSON.stringify(decide(truth.sceneId));
    const wanted = right(truth).map((each) => JSON.stringify(each));
    if (wanted.includes(verdict)) continue;
    (wrong[truth.hazard] ??= []).push(`scene ${truth.sceneId}: ${verdict}, not ${wanted}`);
  }
  return Object.fromEntries(
    Object.entries(wrong).map(([hazard, all]) => [hazard, [`${all.length}`, ...all.slice(0, 2)]]),
  );
}

const ways: {
  name: string;
  /** null: what is learned from it. */
  rules: Pick<MatchRules, "paths" | "areOwners"> | null;
  right: (truth: SceneTruth) => readonly Verdict[];
}[] = [
  {
    name: "with its path map",
    rules: { paths: corpus.pathMap, areOwners: true },
    right: ({ mapped }) => [mapped],
  },
  {
    name: "without any rule",
    rules: { paths: [], areOwners: false },
    right: ({ unmapped }) => unmapped,
  },
  {
    name: "with a rule as if it were learned",
    rules: { paths: [{ stash: "/data/films", plex: "/mnt/media/films" }], areOwners: false },
    right: ({ unmapped }) => unmapped,
  },
  {
    name: "with what is learned from it",
    rules: null,
    right: ({ unmapped }) => unmapped,
  },
];

/** As the daemon does it once it has seen all of both sides. */
async function learnedFrom(store: Store): Promise<RulesInForce> {
  const { sections } = corpus.library.plex;
  const seen = { cursor: 0, refreshed_at: NOW, listed_at: NOW };
  for (const { key, title } of sections) {
    store.of(TARGET).index.putSection({ section: String(key), title, item_type: "movie", ...seen });
  }
  store.meta.set(FILES_KNOWN_AT, NOW);
  const log = { debug() {}, info() {}, warning() {}, error() {} };
  const target = { id: TARGET, title: "Plex" };
  const learning = new PathLearning({ store, target, given: null, log, now: () => NOW });
  assert(learning.isDue());
  await learning.learn(() => Promise.resolve());
  assert(!learning.isDue());
  const found = rulesInForce(store, TARGET, null);
  assert(found.paths.length > 0, "nothing was learned");
  return found;
}

for (const { name, rules, right } of ways) {
  Deno.test(`of 4,000 scenes that look alike each is decided rightly, ${name}`, async () => {
    using folder = new TempFolder();
    const store = withoutSync(await openTestStore(folder.file("plexsync.db"), "builtin"));
    store.of(TARGET).index.put(rowsOf(corpus), NOW);
    const scenes = scenesOf(corpus);
    noteScenes(store.database, scenes.map((each) => scene(each)), NOW);
    const byId = new Map(scenes.map((each) => [each.id, each]));
    const matcher = new Matcher(store.scenes, store.of(TARGET), {
      ...rules ?? await learnedFrom(store),
      strict: true,
      othersKnown: true,
      allRead: true,
    });
    const decide = (id: string) => verdictOf(matcher.decide(byId.get(id)!, false));
    assertEquals(differences(decide, right), {});
    store.close();
  });
}
