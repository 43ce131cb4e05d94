/** Items that were written for a scene and are not its own any more. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { TARGET } from "../../one_target.ts";
import { file, itemOf, libraryOf, sceneOf, titleOf } from "./matching_cases.ts";
import { Rig } from "../rig.ts";
import { edit, undo } from "../undo/undo_rig.ts";

const RULE = [{ stash: "/data", plex: "/media" }];
/** Leads `/data/a` to another folder than its own. */
const WRONG = [{ stash: "/data/a", plex: "/media/b" }];
const FILM = file("/data/a/x.mp4", 1, 10);
const OTHER = file("/media/b/x.mp4", 2, 20);

function open(
  scenes: Parameters<typeof libraryOf>[0],
  items: Parameters<typeof libraryOf>[1],
  settings: Parameters<Rig["restart"]>[0],
): Promise<Rig> {
  return Rig.open({
    document: libraryOf(scenes, items),
    settings: { syncPoster: false, syncBackground: false, ...settings },
  });
}

/** What an item shows of a scene, and its locks. */
function shown(rig: Rig, ratingKey: string) {
  const item = rig.plex.items().find((each) => each.ratingKey === ratingKey)!;
  const { title, summary, studio, genres, collections, locked } = item;
  return { title, summary, studio, genres, collections, locked };
}

const written = (id: number) => ({
  title: titleOf(id),
  summary: `About ${id}`,
  studio: `Studio ${id}`,
  genres: [`Tag ${id}`],
  collections: [`Studio ${id}`],
  locked: ["collection", "genre", "studio", "summary", "title"],
});

/** All is as it was before the first write: a new file's item. */
const released = () => ({
  title: "x",
  summary: null,
  studio: null,
  genres: [],
  collections: [],
  locked: [],
});

function remembered(rig: Rig, ...ids: string[]): string[][] {
  const { written } = rig.store.of(TARGET);
  return ids.map((id) => written.ofScene(id).map(({ item }) => item).sort());
}

/** Scene 1 on item 8 by a wrong rule; that item is nobody's. */
async function misled(): Promise<Rig> {
  const rig = await open([sceneOf(1, FILM)], [itemOf("8", "1", OTHER)], { pathMap: WRONG });
  rig.enqueue();
  await rig.once();
  assertEquals(shown(rig, "8"), written(1));
  return rig;
}

Deno.test("a wrong item that is nobody's is cleared and unlocked once the rule is mended", async () => {
  await using rig = await misled();
  rig.restart({ pathMap: RULE });
  await rig.once();
  assertEquals(shown(rig, "8"), released());
  assertEquals(remembered(rig, "1"), [[]]);
  assertEquals(rig.store.jobs.get("1", TARGET)?.state, "waiting");
  const [line] = rig.lines.filter(({ fields }) => fields.event === "item_released");
  assertMatch(line!.message, /^Item 8 \(\/media\/b\/x\.mp4\) is not scene 1's any more/);

  await rig.plex.addFiles([{ path: "/media/a/x.mp4", size: 1, durationMs: 10_000 }]);
  rig.runtime.jump(60_000);
  await rig.context.keeper.refresh(0);
  await rig.once();
  const own = rig.plex.items().find(({ files }) => files.includes("/media/a/x.mp4"))!;
  assertEquals(shown(rig, own.ratingKey), written(1));
  const writes = rig.writes().length;
  rig.enqueue();
  await rig.once();
  assertEquals(rig.writes().length, writes);
});

Deno.test("what somebody else set there stays, with its lock", async () => {
  await using rig = await misled();
  const put = await fetch(
    `${rig.plex.url}/library/metadata/8?genre[0].tag.tag=Tag 1&genre[1].tag.tag=Theirs` +
      "&summary.value=By hand&summary.locked=1",
    { method: "PUT", headers: { "X-Plex-Token": "sim-plex-token" } },
  );
  await put.body?.cancel();
  rig.restart({ pathMap: RULE });
  await rig.once();
  assertEquals(shown(rig, "8"), {
    ...released(),
    summary: "By hand",
    genres: ["Theirs"],
    locked: ["genre", "summary"],
  });
});

Deno.test("a copy that the scene was written to is released when its exact file comes", async () => {
  await using rig = await open(
    [sceneOf(1, FILM)],
    [itemOf("7", "1", file("/media/T/x.mp4", 1, 10))],
    { pathMap: RULE },
  );
  rig.enqueue();
  await rig.once();
  assertEquals(shown(rig, "7"), written(1));
  await rig.plex.addFiles([{ path: "/media/a/x.mp4", size: 9, durationMs: 90_000 }]);
  rig.runtime.jump(60_000);
  await rig.context.keeper.refresh(0);
  await rig.once();
  assertEquals(shown(rig, "7"), released());
});

Deno.test("an item that its own scene never had is given to it, if that was ever synced", async () => {
  const scenes = [sceneOf(1, FILM), sceneOf(2, file("/data/b/x.mp4", 2, 20))];
  for (const isKnown of [true, false]) {
    await using rig = await open(scenes, [itemOf("8", "1", OTHER)], {
      // Without a rule for its own folder scene 2 finds nothing.
      pathMap: [...WRONG, { stash: "/data/b", plex: "/nowhere" }],
    });
    rig.enqueue(["1"]);
    await rig.once();
    assertEquals(shown(rig, "8"), written(1));
    if (isKnown) {
      rig.enqueue(["2"]);
      await rig.once();
    }
    rig.restart({ pathMap: RULE });
    await rig.once();
    assertEquals(shown(rig, "8"), isKnown ? written(2) : released(), String(isKnown));
    assertEquals(remembered(rig, "1", "2"), [[], isKnown ? ["8"] : []]);
  }
});

Deno.test("an item whose own scene is left out of the sync is cleared", async () => {
  const own = { ...sceneOf(2, file("/data/b/x.mp4", 2, 20)), tags: ["Private"] };
  await using rig = await open([sceneOf(1, FILM), own], [itemOf("8", "1", OTHER)], {
    pathMap: WRONG,
    ignoreTags: ["private"],
  });
  rig.enqueue();
  await rig.once();
  assertEquals(shown(rig, "8"), written(1));
  rig.restart({ pathMap: RULE });
  await rig.once();
  assertEquals(shown(rig, "8"), released());
});

/** Leads nowhere. */
const TYPO = [{ stash: "/data", plex: "/mdia" }];

Deno.test("a rule that is wrong for a while takes nothing back before the wait is over", async () => {
  // Of another size: nothing but the rule proves it.
  await using rig = await open(
    [sceneOf(1, FILM)],
    [itemOf("7", "1", file("/media/a/x.mp4", 2, 10))],
    { pathMap: RULE },
  );
  rig.enqueue();
  await rig.once();
  rig.restart({ pathMap: TYPO });
  rig.enqueue();
  await rig.once();
  assertEquals(rig.store.jobs.get("1", TARGET)?.state, "waiting");
  assertEquals(shown(rig, "7"), written(1));
  rig.restart({ pathMap: RULE });
  rig.enqueue();
  await rig.once();
  assertEquals(shown(rig, "7"), written(1));

  rig.restart({ pathMap: TYPO });
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.store.deadLetters.byType(), { PlexNotFound: 1 });
  assertEquals(shown(rig, "7"), released());
});

Deno.test("an item in a library that is not synced any more is left as it is", async () => {
  await using rig = await open(
    [sceneOf(1, FILM)],
    [itemOf("7", "1", file("/media/a/x.mp4", 1, 10)), itemOf("8", "2", FILM)],
    { pathMap: [] },
  );
  rig.enqueue();
  await rig.once();
  assertEquals(remembered(rig, "1"), [["8"]]);
  rig.store.of(TARGET).index.keepSections(["1"]);
  rig.start();
  assert(shown(rig, "8").locked.length > 0);
});

Deno.test("an item that is released is as it was, and an image that nothing was before stays", async () => {
  await using rig = await open([sceneOf(1, FILM)], [itemOf("8", "1", OTHER)], {
    pathMap: WRONG,
    syncPoster: true,
    syncBackground: true,
  });
  await edit(
    rig,
    "summary.value=Before&summary.locked=1&studio.value=Old&genre[0].tag.tag=Then" +
      "&actor[0].tag.tag=Ann&actor[0].tagging.text=Herself",
    "8",
  );
  const [before] = rig.plex.items();
  rig.enqueue();
  await rig.once();
  const { poster, art } = rig.plex.items()[0]!;
  assert(poster !== null && art !== null);
  rig.restart({ pathMap: RULE });
  await rig.once();
  assertEquals(rig.plex.items()[0], { ...before!, art });
  const leftOut = rig.store.outcomes.recent(9).map((outcome) => outcome.left_out).join();
  assertMatch(leftOut, /background of item 8: stays/);
});

Deno.test("an item that is released without a journal is cleared; its title is only unlocked", async () => {
  await using rig = await misled();
  rig.store.of(TARGET).journal.clear();
  rig.restart({ pathMap: RULE });
  await rig.once();
  assertEquals(shown(rig, "8"), { ...released(), title: titleOf(1) });
});

Deno.test("an undo of all leaves an item that was released as it was before us", async () => {
  await using rig = await misled();
  rig.restart({ pathMap: RULE });
  await rig.once();
  const writes = rig.writes().length;
  const { left, errors } = await undo(rig);
  assertEquals([left, errors, rig.writes().length], [[], [], writes]);
  assertEquals(shown(rig, "8"), released());
});

Deno.test("a clearing that Plex ignores is told of, and nothing is forgotten", async () => {
  await using rig = await misled();
  rig.plex.switches.deaf = true;
  rig.restart({ pathMap: RULE });
  await rig.once();
  const [line] = rig.lines.filter(({ fields }) => fields.event === "item_not_released");
  assertMatch(line!.message, /^Item 8 .* cannot be taken back: .*studio/);
  assertEquals(remembered(rig, "1"), [["8"]]);
  rig.plex.switches.deaf = false;
  rig.enqueue();
  await rig.once();
  assertEquals(shown(rig, "8"), released());
});

Deno.test("a scene that no rule leads to its item any more waits unasked, and gives it up after that", async () => {
  // Plex does not know of the item how long it is: nothing speaks against it.
  const item = { ratingKey: "8", section: "1", media: [{ parts: [{ file: "/media/b/x.mp4" }] }] };
  await using rig = await open([sceneOf(1, FILM)], [item], { pathMap: WRONG });
  rig.enqueue();
  await rig.once();
  assertEquals(shown(rig, "8"), written(1));
  rig.restart({ pathMap: RULE });
  await rig.until(() => rig.store.deadLetters.count() > 0);
  assertEquals(shown(rig, "8"), released());
});
