import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { type Corpus, HAZARDS, makeCorpus, type Verdict } from "./corpus.ts";
import { FILMS, PATH_MAP } from "./corpus/builder.ts";
import { judge, type JudgedRule } from "./corpus/judge.ts";
import { readLibrary } from "./library_document.ts";

const SCENES = 5_000;
const corpus = makeCorpus({ scenes: SCENES, seed: 7 });

const OWNED: JudgedRule[] = PATH_MAP.map((rule) => ({ ...rule, learned: false }));
/** What somebody who counts prefixes would learn first. */
const LEARNED: JudgedRule[] = [{ ...FILMS, learned: true }];

/** Paths of an item's files that are in use. */
function filesOf({ library }: Corpus): Map<string, { path: string; size: number | undefined }[]> {
  return new Map(library.plex.items.map((item) => [
    String(item.ratingKey),
    item.deletedAt === undefined
      ? item.media.filter((m) => m.deletedAt === undefined && m.proxyType === undefined)
        .flatMap(({ parts }) => parts.map(({ file, size }) => ({ path: file, size })))
      : [],
  ]));
}

function itemsIn(verdict: Verdict): string[] {
  if (verdict.is === "shared") return [verdict.item];
  // What a scene waits with is only shown.
  if (verdict.is === "waits") return [];
  return verdict.is === "found" ? verdict.items : verdict.candidates;
}

Deno.test("a corpus has exactly the scenes asked for, each told of once, and every hazard", () => {
  assertEquals(corpus.library.stash.scenes.length, SCENES);
  assertEquals(new Set(corpus.truth.map(({ sceneId }) => sceneId)).size, SCENES);
  assertEquals(new Set(corpus.truth.map(({ hazard }) => hazard)), new Set(HAZARDS));
  const many = corpus.truth.filter(({ hazard }) => hazard === "more than 200 files of one name");
  assert(many.filter(({ mapped }) => mapped.is === "found").length > 200);
});

Deno.test("a corpus is a library, and any number of scenes makes one", () => {
  for (const scenes of [0, 1, 2, 50, 999]) {
    const { library, truth } = makeCorpus({ scenes, seed: scenes });
    const { scenes: loaded, items } = readLibrary(JSON.parse(JSON.stringify(library)));
    assertEquals([loaded.length, truth.length], [scenes, scenes]);
    assertEquals(items.length, library.plex.items.length);
  }
  assertThrows(() => makeCorpus({ scenes: 200_001, seed: 1 }), RangeError, "from 0 to 200000");
});

Deno.test("equal seeds give equal corpora, others do not", () => {
  const again = makeCorpus({ scenes: 300, seed: 3 });
  assertEquals(again, makeCorpus({ scenes: 300, seed: 3 }));
  assertNotEquals(again, makeCorpus({ scenes: 300, seed: 4 }));
});

Deno.test("every right item is in use, and has a file of the scene by its path or its bytes", () => {
  const files = filesOf(corpus);
  const scenes = new Map(corpus.library.stash.scenes.map((scene) => [String(scene.id), scene]));
  for (const { sceneId, hazard, items } of corpus.truth) {
    const own = scenes.get(sceneId)?.files ?? [];
    for (const item of items) {
      const fits = (files.get(item) ?? []).some(({ path, size }) =>
        own.some((file) => {
          const tail = (text: string) =>
            text.normalize("NFC").toLowerCase().split(/[\\/]/).slice(-2).join("/");
          return size === file.size || tail(path) === tail(file.path);
        })
      );
      assert(fits, `scene ${sceneId} (${hazard}) has no file of item ${item}`);
    }
  }
});

Deno.test("a verdict names only right items, and an item is owned by one scene or said to be shared", () => {
  const owners = Map.groupBy(
    corpus.truth.filter(({ mapped }) => mapped.is === "found")
      .flatMap(({ sceneId, mapped }) => itemsIn(mapped).map((item) => ({ item, sceneId }))),
    ({ item }) => item,
  );
  for (const [item, scenes] of owners) assertEquals(scenes.length, 1, `item ${item}`);
  for (const { sceneId, items, mapped, unmapped } of corpus.truth) {
    assert(unmapped.length > 0, `scene ${sceneId} has no outcome without a path map`);
    for (const verdict of [mapped, ...unmapped]) {
      for (const item of itemsIn(verdict)) assert(items.includes(item), `scene ${sceneId}`);
    }
  }
});

Deno.test("with the path map the evidence leads to the one outcome, for every scene", () => {
  const judged = judge(corpus.library, OWNED);
  for (const { sceneId, hazard, mapped } of corpus.truth) {
    assertEquals(judged.get(sceneId), mapped, `scene ${sceneId}: ${hazard}`);
  }
});

for (
  const { when, rules } of [{ when: "no rule", rules: [] }, {
    when: "a learned rule",
    rules: LEARNED,
  }]
) {
  Deno.test(`without a path map, with ${when}, it leads to one of the outcomes, for every scene`, () => {
    const judged = judge(corpus.library, rules);
    for (const { sceneId, hazard, unmapped } of corpus.truth) {
      const texts = unmapped.map((verdict) => JSON.stringify(verdict));
      const verdict = JSON.stringify(judged.get(sceneId));
      assert(texts.includes(verdict), `scene ${sceneId}: ${hazard}: ${verdict} is not ${texts}`);
    }
  });
}

Deno.test("a guess by the name alone, or by the end of the path, is wrong for many", () => {
  const byName = Map.groupBy(
    [...filesOf(corpus)].flatMap(([item, files]) => files.map(({ path }) => ({ item, path }))),
    ({ path }) => path.split(/[\\/]/).at(-1),
  );
  const scenes = new Map(corpus.library.stash.scenes.map((scene) => [String(scene.id), scene]));
  const wrong = corpus.truth.filter(({ sceneId, items }) => {
    const [file] = scenes.get(sceneId)?.files ?? [];
    const [guess] = byName.get(file?.path.split(/[\\/]/).at(-1)) ?? [];
    return guess !== undefined && !items.includes(guess.item);
  });
  assert(wrong.length > SCENES / 20, `only ${wrong.length} of ${SCENES}`);
});
