/** Neither a scene's id nor an item's number tells a film: what is kept goes by their files. */
import { assertEquals } from "@std/assert";
import { TARGET } from "../../one_target.ts";
import { readLibrary } from "../../sim/library_document.ts";
import { file, itemOf, libraryOf, sceneOf, titleOf } from "../match/matching_cases.ts";
import { Rig } from "../rig.ts";

const RULE = [{ stash: "/data", plex: "/media" }];
/** Two chapters of a camera: equal in all but the name. */
const FIRST = file("/data/GX010001.MP4", 4_000, 531);
const SECOND = file("/data/GX020001.MP4", 4_000, 531);
const ITEM = itemOf("7", "1", file("/media/GX010001.MP4", 4_000, 531));

async function synced(
  scenes: Parameters<typeof libraryOf>[0],
  items: Parameters<typeof libraryOf>[1],
): Promise<Rig> {
  const rig = await Rig.open({
    document: libraryOf(scenes, items),
    settings: { pathMap: RULE, syncPoster: false, syncBackground: false },
  });
  rig.enqueue();
  await rig.once();
  return rig;
}

async function syncAgain(rig: Rig, ids?: string[]): Promise<void> {
  rig.enqueue(ids);
  await rig.once();
}

/** Which scene each item shows; null for one that nothing was written to. */
function shown(rig: Rig): Record<string, string | null> {
  return Object.fromEntries(
    rig.plex.items().map(({ ratingKey, title, locked }) => [
      ratingKey,
      locked.length === 0 ? null : title,
    ]),
  );
}

/** Plex forgot all items and made others; a day later all are listed anew. */
function remake(rig: Rig, items: Parameters<typeof libraryOf>[1], more: object = {}): void {
  const { sections, items: seeds } = readLibrary(libraryOf([], items));
  rig.plex.load(sections, seeds.map((seed) => ({ ...seed, ...more })));
  rig.runtime.jump(2 * 86_400_000);
}

function pin(rig: Rig, sceneId: string, item: string | null, ...paths: string[]): void {
  const files = rig.store.scenes.filesOf(sceneId);
  rig.store.of(TARGET).pins.put({ scene_id: sceneId, item, paths, files, made_at: 1 });
}

Deno.test("what was written for a chapter that is gone leads no other chapter to its item", async () => {
  await using rig = await synced([sceneOf(1, FIRST), sceneOf(2, SECOND)], [ITEM]);
  assertEquals(shown(rig), { 7: titleOf(1) });
  rig.stash.destroy(["1"]);
  await syncAgain(rig, ["1", "2"]);
  assertEquals(shown(rig), { 7: titleOf(1) });
  assertEquals(rig.store.jobs.get("2", TARGET)?.state, "waiting");
});

for (const order of [["1", "2"], ["2", "1"], ["1"], ["2"]]) {
  Deno.test(`two chapters whose ids an import exchanged keep to their items: ${order}`, async () => {
    await using rig = await synced([sceneOf(1, FIRST), sceneOf(2, SECOND)], [ITEM]);
    const exchanged = [{ ...sceneOf(2, SECOND), id: 1 }, { ...sceneOf(1, FIRST), id: 2 }];
    rig.stash.load(readLibrary(libraryOf(exchanged, [])).scenes);
    for (const id of order) await syncAgain(rig, [id]);
    assertEquals(shown(rig), { 7: titleOf(1) });
  });
}

Deno.test("the pin of a scene is not that of another with the same bytes", async () => {
  await using rig = await synced([sceneOf(1, FIRST), sceneOf(2, SECOND)], [
    ITEM,
    itemOf("8", "1", file("/media/GX020001.MP4", 4_000, 531)),
    itemOf("9", "1", file("/media/x.mp4", 1, 1)),
  ]);
  pin(rig, "1", "9", "/media/x.mp4");
  await syncAgain(rig);
  assertEquals(shown(rig), { 7: null, 8: titleOf(2), 9: titleOf(1) });
  pin(rig, "2", null);
  await syncAgain(rig);
  assertEquals(shown(rig), { 7: null, 8: null, 9: titleOf(1) });
});

Deno.test("a pin does not go to another film that took the scene's path", async () => {
  await using rig = await synced([sceneOf(1, file("/data/a.mp4", 1, 10))], [
    itemOf("7", "1", file("/media/a.mp4", 1, 10)),
    itemOf("9", "1", file("/media/x.mp4", 1, 1)),
  ]);
  pin(rig, "1", "9", "/media/x.mp4");
  await syncAgain(rig);
  rig.stash.destroy(["1"]);
  rig.stash.upsert([{
    ...readLibrary(libraryOf([sceneOf(2, file("/data/a.mp4", 7, 70))], [])).scenes[0]!,
  }]);
  await syncAgain(rig, ["1", "2"]);
  assertEquals(shown(rig), { 7: titleOf(2), 9: titleOf(1) });
});

Deno.test("two scenes share a file until one of them is pinned", async () => {
  const film = file("/data/a.mp4", 1, 10);
  await using rig = await synced([sceneOf(1, film), sceneOf(2, film)], [
    itemOf("7", "1", file("/media/a.mp4", 1, 10)),
  ]);
  assertEquals([shown(rig), rig.store.deadLetters.byType()], [{ 7: null }, { SharedItem: 2 }]);
  pin(rig, "2", "7", "/media/a.mp4");
  await syncAgain(rig);
  assertEquals(shown(rig), { 7: titleOf(2) });
});

Deno.test("what stood on a number's former film is not ours on its new one", async () => {
  const scenes = [
    { ...sceneOf(1, file("/data/a.mp4", 1, 10)), tags: ["Drama", "One"] },
    { ...sceneOf(2, file("/data/b.mp4", 2, 20)), tags: ["Two"] },
  ];
  await using rig = await synced(scenes, [itemOf("7", "1", file("/media/a.mp4", 1, 10))]);
  // Somebody has put a genre on the new film that we had put on the old one.
  remake(rig, [itemOf("7", "1", file("/media/b.mp4", 2, 20))], { genres: ["Drama"] });
  await syncAgain(rig);
  assertEquals(rig.plex.items()[0]?.genres.toSorted(), ["Drama", "Two"]);
});

for (const isPinned of [false, true]) {
  const how = isPinned ? "pinned" : "matched";
  Deno.test(`nothing is taken back from another film that has an item's number: ${how}`, async () => {
    await using rig = await synced([sceneOf(1, file("/data/a.mp4", 1, 10))], [
      itemOf("7", "1", file("/media/a.mp4", 1, 10)),
    ]);
    if (isPinned) pin(rig, "1", "7", "/media/a.mp4");
    await syncAgain(rig);
    const theirs = { genres: ["Tag 1"], locked: ["genre", "studio"] };
    remake(rig, [itemOf("7", "1", file("/media/b.mp4", 2, 20))], theirs);
    const before = rig.plex.items();
    await syncAgain(rig);
    // The wait is over.
    rig.store.database.exec("UPDATE jobs SET wait_count = 1000, next_retry_at = 0");
    await rig.once();
    assertEquals(rig.store.deadLetters.byType(), { PlexNotFound: 1 });
    assertEquals(rig.plex.items(), before);
  });
}

Deno.test("of two films that Plex merged and split again each gets its own", async () => {
  const [a, b] = [file("/media/a.mp4", 1, 10), file("/media/b.mp4", 2, 20)];
  const scenes = [sceneOf(1, file("/data/a.mp4", 1, 10)), sceneOf(2, file("/data/b.mp4", 2, 20))];
  await using rig = await synced(scenes, [itemOf("7", "1", a), itemOf("8", "1", b)]);
  remake(rig, [itemOf("7", "1", a, b)]);
  await syncAgain(rig);
  assertEquals(rig.store.deadLetters.byType(), { SharedItem: 2 });
  // The number stays with the other one.
  remake(rig, [itemOf("7", "1", b), itemOf("20", "1", a)]);
  await syncAgain(rig);
  assertEquals(shown(rig), { 7: titleOf(2), 20: titleOf(1) });
});

Deno.test("an item in the trash keeps what it has, and is the scene's again when its file is back", async () => {
  const item = itemOf("7", "1", file("/media/a.mp4", 1, 10));
  await using rig = await synced([sceneOf(1, file("/data/a.mp4", 1, 10))], [item]);
  remake(rig, [{ ...item, deletedAt: 1_700_000_000 }], { title: "Old", locked: ["title"] });
  await syncAgain(rig);
  assertEquals(shown(rig), { 7: "Old" });
  assertEquals(rig.store.jobs.get("1", TARGET)?.state, "waiting");
  remake(rig, [item]);
  await syncAgain(rig);
  assertEquals(shown(rig), { 7: titleOf(1) });
});
