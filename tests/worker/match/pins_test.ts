/** What becomes of scenes by a word of their owner: pinned to no item, or to another scene's. */
import { assertEquals, assertMatch } from "@std/assert";
import { becauseOf } from "../../../src/app/scenes/explain.ts";
import { reconcileBatch } from "../../../src/app/reconcile/reconcile_batch.ts";
import { emptyReport } from "../../../src/core/reconcile/reconcile_report.ts";
import { matcherOf } from "../../../src/worker/match/matcher.ts";
import { lookAtSetup } from "../../../src/worker/match/setup.ts";
import { TARGET } from "../../one_target.ts";
import { readLibrary } from "../../sim/library_document.ts";
import { file, itemOf, libraryOf, sceneOf, titleOf } from "./matching_cases.ts";
import { Rig } from "../rig.ts";

const SCENES = [
  sceneOf(1, file("/data/S/a.mp4", 1111, 60)),
  sceneOf(2, file("/data/S/b.mp4", 2222, 90)),
];
const OWN = [
  itemOf("7", "1", file("/media/S/a.mp4", 1111, 60)),
  itemOf("8", "1", file("/media/S/b.mp4", 2222, 90)),
];
/** Two files in other places that fit scene 1 equally well. */
const COPIES = [
  itemOf("7", "1", file("/media/T/a.mp4", 1111, 60)),
  itemOf("9", "1", file("/media/U/a.mp4", 1111, 60)),
];

async function synced(
  items: Parameters<typeof libraryOf>[1],
  settings: Parameters<Rig["restart"]>[0] = {},
): Promise<Rig> {
  const rig = await Rig.open({
    document: libraryOf(SCENES, items),
    settings: {
      pathMap: [{ stash: "/data", plex: "/media" }],
      syncPoster: false,
      syncBackground: false,
      ...settings,
    },
  });
  rig.enqueue();
  await rig.once();
  return rig;
}

/** Pins a scene, and syncs whom it concerns. */
async function pin(rig: Rig, sceneId: string, item: string | null, ...others: string[]) {
  const files = rig.store.scenes.filesOf(sceneId);
  const paths = rig.store.of(TARGET).index.ofItem(item ?? "").map(({ path }) => path);
  rig.store.of(TARGET).pins.put({ scene_id: sceneId, item, paths, files, made_at: 1 });
  rig.enqueue([sceneId, ...others]);
  await rig.once();
}

function because(rig: Rig, id: string): string {
  const decision = matcherOf(rig.context).decide(
    { id, files: rig.store.scenes.filesOf(id) },
    false,
  );
  return becauseOf(decision, "Plex");
}

/** The newest outcome of a scene, with its reason. */
function lastOf(rig: Rig, sceneId: string) {
  const { outcome, error_type, error_message } = rig.store.outcomes.recent(99)
    .find(({ scene_id }) => scene_id === sceneId)!;
  return [outcome, error_type, error_message];
}

const titles = (rig: Rig) =>
  Object.fromEntries(rig.plex.items().map(({ ratingKey, title }) => [ratingKey, title]));
const SKIPPED = ["skipped", null, "pinned to no item"];

const BEFORE = [
  { when: "it waited for its file", items: [], was: { jobs: "waiting", dead: 0 } },
  { when: "it was given up", items: COPIES, was: { jobs: undefined, dead: 1 } },
] as const;

for (const { when, items, was } of BEFORE) {
  for (const skipNotFound of [false, true]) {
    const name =
      `a scene that is pinned to none is done when ${when}, skip_not_found ${skipNotFound}`;
    Deno.test(name, async () => {
      await using rig = await synced([...items]);
      const standing = () => ({
        jobs: rig.store.jobs.get("1", TARGET)?.state,
        dead: rig.store.deadLetters.count({ sceneIds: ["1"] }),
      });
      assertEquals(standing(), was);
      rig.restart({ skipNotFound });
      await pin(rig, "1", null);
      assertEquals(standing(), { jobs: undefined, dead: 0 });
      assertEquals(lastOf(rig, "1"), SKIPPED);
      assertEquals(rig.writes(), []);
    });
  }
}

Deno.test("what was written for a scene is taken back when it is pinned to none", async () => {
  await using rig = await synced(OWN);
  assertEquals(titles(rig), { 7: titleOf(1), 8: titleOf(2) });
  await pin(rig, "1", null);
  const item = rig.plex.items().find(({ ratingKey }) => ratingKey === "7")!;
  assertEquals([item.title, item.summary, item.genres, item.locked], ["a", null, [], []]);
  assertEquals(rig.store.of(TARGET).written.ofScene("1"), []);
  assertEquals(rig.store.jobs.count(), 0);
  const writes = rig.writes().length;
  rig.enqueue(["1"]);
  await rig.once();
  assertEquals(lastOf(rig, "1"), SKIPPED);
  assertEquals([rig.writes().length, titles(rig)[8]], [writes, titleOf(2)]);
});

Deno.test("a scene that is pinned to none is told as that, and queued by no comparison", async () => {
  await using rig = await synced(OWN);
  await pin(rig, "1", null);
  assertMatch(because(rig, "1"), /pinned to no item/);
  const report = emptyReport();
  const { store, context } = rig;
  await reconcileBatch(["1", "2"], report, {
    store,
    context,
    missing: true,
    dryRun: false,
    several: false,
    runId: () => 1,
  });
  assertEquals(report.classes.skipped.why_not, { "pinned to no item": 1 });
  assertEquals([report.classes.missing.found, store.jobs.count()], [0, 0]);
});

Deno.test("a scene waits for the item that it is pinned to, while that is away", async () => {
  await using rig = await synced([itemOf("9", "1", file("/media/T/c.mp4", 3333, 30))]);
  await pin(rig, "1", "9");
  assertEquals(titles(rig), { 9: titleOf(1) });
  const other = itemOf("10", "1", file("/media/T/d.mp4", 4444, 40));
  const { sections, items } = readLibrary(libraryOf([], [other]));
  rig.plex.load(sections, items);
  rig.runtime.jump(2 * 86_400_000);
  rig.enqueue(["1"]);
  await rig.once();
  assertEquals(rig.store.jobs.get("1", TARGET)?.state, "waiting");
});

Deno.test("a scene whose item is pinned to another is told so, with what to do", async () => {
  await using rig = await synced(OWN);
  await pin(rig, "1", "8", "2");
  assertEquals(titles(rig)[8], titleOf(1));
  const { state, last_error_message } = rig.store.jobs.get("2", TARGET)!;
  assertEquals(state, "waiting");
  assertMatch(last_error_message!, /; item 8 is pinned to scene 1$/);
  assertEquals(
    because(rig, "2"),
    "Item 8 is pinned to scene 1: it waits for a file of its own",
  );
  const [line] = rig.lines.filter(({ message }) => message.includes("is pinned to scene 1"));
  assertMatch(String(line!.fields.hint), /plexsync match unpin 1$/);
});

Deno.test("the rules for paths are not blamed for a scene that is pinned to none", async () => {
  // By the rule that is given neither film is where it should be.
  await using rig = await synced([
    itemOf("7", "1", file("/media/T/S/a.mp4", 1111, 60)),
    itemOf("8", "1", file("/media/T/S/b.mp4", 2222, 90)),
  ]);
  const look = () =>
    lookAtSetup(
      ["1", "2"].map((id) => ({ id, files: rig.store.scenes.filesOf(id) })),
      rig.context,
    );
  assertMatch(look()!.summary, /./);
  await pin(rig, "1", null);
  await pin(rig, "2", null);
  assertEquals(look(), null);
});
