/** While the daemon works it sees when some scenes cannot be where the rules for paths lead. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { setupOf } from "../../../src/core/meta_keys.ts";
import type { PathRule } from "../../../src/core/match/path.ts";
import { matcherOf } from "../../../src/worker/match/matcher.ts";
import { withoutItem } from "../../../src/worker/match/setup.ts";
import { unmatched } from "../../../src/worker/match/unmatched.ts";
import { scene } from "../../core/samples.ts";
import { TARGET } from "../../one_target.ts";
import { file, itemOf, libraryOf, sceneOf } from "./matching_cases.ts";
import { Rig } from "../rig.ts";

const FILMS: PathRule = { stash: "/data/films", plex: "/media/films" };
const CLIPS: PathRule = { stash: "/data/clips", plex: "/mnt/clips" };

/** Twenty films, then as many clips. */
function open(pathMap: PathRule[]): Promise<Rig> {
  const ids = Array.from({ length: 40 }, (_, at) => at + 1);
  const isFilm = (id: number) => id <= 20;
  const scenes = ids.map((id) =>
    sceneOf(id, file(`/data/${isFilm(id) ? "films" : "clips"}/${id}.mp4`, 1000 + id, 60 * id))
  );
  const items = ids.map((id) =>
    itemOf(
      String(100 + id),
      "1",
      file(`${isFilm(id) ? FILMS.plex : CLIPS.plex}/${id}.mp4`, 1000 + id, 60 * id),
    )
  );
  return Rig.open({
    document: libraryOf(scenes, items),
    settings: { pathMap, syncPoster: false, syncBackground: false, batchSize: 10 },
  });
}

async function synced(pathMap: PathRule[]): Promise<Rig> {
  const rig = await open(pathMap);
  rig.enqueue();
  await rig.once();
  return rig;
}

const warnings = (rig: Rig) => rig.lines.filter(({ fields }) => fields.event === "setup");

for (
  const { when, rules, keeps } of [
    {
      when: "one rule of two is wrong",
      rules: [FILMS, { ...CLIPS, plex: "/wrong" }],
      keeps: FILMS,
    },
    {
      when: "a rule is right for one folder alone",
      rules: [{ stash: "/data", plex: "/media" }],
      keeps: { stash: "/data", plex: "/media" },
    },
  ]
) {
  Deno.test(`it is warned of when ${when}, with the rule that fits and those that are right`, async () => {
    await using rig = await synced(rules);
    const [line] = warnings(rig);
    assertStringIncludes(line!.message, "are not where Plex should have them");
    for (const { stash, plex } of [CLIPS, keeps]) {
      assertStringIncludes(
        String(line!.fields.hint),
        `{ stash = ${JSON.stringify(stash)}, plex = ${JSON.stringify(plex)} }`,
      );
    }
    assertEquals(rig.store.meta.get(setupOf(TARGET))?.severity, "warning");
  });
}

Deno.test("files that were encoded anew speak for a rule too, by name and length", async () => {
  await using rig = await open([FILMS]);
  rig.stash.upsert(
    Array.from({ length: 20 }, (_, at) => 21 + at).map((id) => ({
      id,
      files: [{ path: `/data/clips/${id}.mp4`, size: 7, duration: 60 * id }],
    })),
  );
  rig.enqueue();
  await rig.once();
  assertStringIncludes(
    String(warnings(rig)[0]!.fields.hint),
    '{ stash = "/data/clips", plex = "/mnt/clips" }, { stash = "/data/films", plex = "/media/films" }',
  );
});

Deno.test("where all are as the rules say nothing is warned of", async () => {
  await using rig = await synced([FILMS, CLIPS]);
  assertEquals([warnings(rig), rig.store.meta.get(setupOf(TARGET))], [[], undefined]);
});

Deno.test("where none is it is an error, and every rule that led nowhere is replaced", async () => {
  await using rig = await synced([{ stash: "/data", plex: "/wrong" }]);
  assertStringIncludes(warnings(rig)[0]!.message, "None of");
  assertEquals(rig.store.meta.get(setupOf(TARGET))?.severity, "error");
});

Deno.test("the scenes without an item are told from the others, and their hint names what is left out", async () => {
  const document = libraryOf(
    [sceneOf(1, file("/media/1.mp4", 1, 60)), sceneOf(2, file("/x/2.mp4", 2, 120))],
    [itemOf("7", "1", file("/media/1.mp4", 1, 60))],
  );
  document.plex.sections[0]!.locations = ["/media"];
  await using rig = await Rig.open({
    document,
    libraries: ["Films"],
    settings: { pathMap: [], syncPoster: false, syncBackground: false },
  });
  rig.enqueue();
  await rig.once();
  const { store, context } = rig;
  const matcher = matcherOf(context);
  const scenes = ["1", "2"].map((id) => ({ id, files: store.scenes.filesOf(id) }));
  assertEquals(withoutItem(scenes, context).map(({ id }) => id), ["2"]);
  const decision = matcher.decide(scenes[1]!, false);
  assert(decision.kind === "none");
  const gathered = unmatched(scene(scenes[1]), decision, context);
  assert(gathered.kind === "failed");
  assertStringIncludes(
    gathered.error.hint,
    'libraries are /media; plex_library leaves out "Backup" (/backup)',
  );
  assertStringIncludes(gathered.error.hint, "tells plexsync config check --online");
});

Deno.test("of a file at the right path that Plex has not analysed yet the hint says so, and of no rule", async () => {
  const all = { size: 5, duration_ms: 1_000 };
  for (
    const { known, isSaid, stash = { size: 1, duration: 60 } } of [
      { known: {}, isSaid: true },
      { known: { size: 5 }, isSaid: true },
      { known: all, isSaid: false },
      { known: all, isSaid: false, stash: { size: 1 } },
    ]
  ) {
    const document = libraryOf(
      [{ ...sceneOf(1), files: [{ path: "/media/1.mp4", ...stash }] }],
      [],
    );
    document.plex.items.push({
      ratingKey: "7",
      section: "1",
      media: [{ parts: [{ file: "/media/1.mp4", ...known }] }],
    });
    await using rig = await Rig.open({
      document,
      settings: { pathMap: null, syncPoster: false, syncBackground: false },
    });
    rig.enqueue();
    await rig.once();
    const { fields } = rig.lines.find((line) => line.fields.error_type === "PlexNotFound")!;
    const hint = String(fields.hint);
    assertEquals([hint.includes("Analyze"), hint.includes("path_map")], [isSaid, !isSaid]);
  }
});
