import { assert, assertEquals, assertMatch } from "@std/assert";
import { readLibrary } from "../sim/library_document.ts";
import { file, itemOf, libraryOf, sceneOf, titleOf } from "../worker/match/matching_cases.ts";
import { withWorld, type World } from "./world.ts";

/** Scene 1 is item 7 and scene 2 item 9, by path; item 8 is nobody's, and so is scene 3. */
function withPins(use: (world: World) => Promise<void>): Promise<void> {
  const { scenes, items, sections } = readLibrary(libraryOf(
    [
      sceneOf(1, file("/data/a.mp4", 1111, 60)),
      sceneOf(2, file("/data/b.mp4", 2222, 120)),
      sceneOf(3, file("/data/lost.mp4", 4444, 180)),
      sceneOf(4),
    ],
    [
      itemOf("7", "1", file("/media/a.mp4", 1111, 60)),
      itemOf("8", "1", file("/media/c.mp4", 3333, 180)),
      itemOf("9", "1", file("/media/b.mp4", 2222, 120)),
      itemOf("10", "2", file("/backup/d.mp4", 5555, 240)),
    ],
  ));
  const library = { scenes, plexItems: [], missingIds: [], ambiguousIds: [] };
  const config = { plex_library: "Films", path_map: "/data=/media" };
  return withWorld({ library, plex: { sections, items }, config }, use);
}

/** Which scene each item shows; null for an item that nothing was written to. */
function shown(world: World): Record<string, string | null> {
  return Object.fromEntries(
    world.plex.items().map(({ ratingKey, title, locked, poster }) => {
      const id = ["1", "2", "3"].find((each) => title === titleOf(each)) ?? null;
      assert(id !== null || (locked.length === 0 && poster === null), `${ratingKey} was written`);
      return [ratingKey, id];
    }),
  );
}

const BY_PATH = { 7: "1", 8: null, 9: "2", 10: null };

interface PinRow {
  scene_id: string;
  item: string | null;
  paths: string[];
  files: { path: string }[];
}

async function pins(world: World): Promise<unknown[]> {
  return (await world.json<PinRow[]>("match", "list"))
    .map(({ scene_id, item, paths, files }) => [scene_id, item, paths, files[0]?.path]);
}

Deno.test("a pinned scene is written to its item alone, and to its own again after unpin", async () => {
  await withPins(async (world) => {
    const { stdout } = await world.expect(0, "match", "pin", "1", "8");
    assertMatch(stdout, /^Pinned scene 1 to item 8, \/media\/c\.mp4\nNo daemon runs/);
    await world.expect(0, "run", "--once");
    assertEquals(shown(world), { 7: null, 8: "1", 9: null, 10: null });
    await world.syncAll();
    assertEquals(shown(world), { 7: null, 8: "1", 9: "2", 10: null });
    assertEquals(await pins(world), [["1", "8", ["/media/c.mp4"], "/data/a.mp4"]]);

    await world.expect(0, "match", "unpin", "1");
    await world.expect(0, "run", "--once");
    assertEquals(shown(world)[7], "1");
    assertEquals(await pins(world), []);
  });
});

Deno.test("the scene whose item was pinned to another has it again after unpin", async () => {
  await withPins(async (world) => {
    await world.syncAll();
    assertEquals(shown(world), BY_PATH);
    const { stdout } = await world.expect(0, "match", "pin", "1", "9");
    assertMatch(stdout, /Until now it was written for scene 2\n/);
    await world.expect(0, "run", "--once");
    assertEquals(shown(world)[9], "1");
    await world.expect(0, "match", "unpin", "1");
    await world.expect(0, "run", "--once");
    assertEquals(shown(world), BY_PATH);
  });
});

Deno.test("a scene that is pinned to none is written nowhere until it is unpinned", async () => {
  await withPins(async (world) => {
    await world.expect(0, "match", "pin", "1", "none");
    assertMatch((await world.expect(0, "match", "list")).stdout, /^1 +none .*\/data\/a\.mp4$/m);
    await world.syncAll();
    assertEquals(shown(world), { ...BY_PATH, 7: null });
    await world.expect(0, "match", "unpin", "1");
    await world.expect(0, "run", "--once");
    assertEquals(shown(world), BY_PATH);
  });
});

Deno.test("what was written by a pin alone is no evidence when the pin is gone", async () => {
  await withPins(async (world) => {
    await world.expect(0, "match", "pin", "3", "8");
    await world.expect(0, "run", "--once");
    assertEquals(shown(world)[8], "3");
    await world.expect(0, "match", "unpin", "3");
    await world.expect(0, "run", "--once");
    assertEquals(world.query("SELECT scene_id, state FROM jobs").map((job) => ({ ...job! })), [
      { scene_id: "3", state: "waiting" },
    ]);
  });
});

const REFUSED: readonly { args: string[]; says: RegExp }[] = [
  { args: ["pin", "99", "7"], says: /error: .*scene 99: Stash has no such scene\nhint: / },
  { args: ["pin", "99", "none"], says: /error: .*scene 99: Stash has no such scene\nhint: / },
  { args: ["pin", "4", "7"], says: /error: .*scene 4: it has no file\nhint: / },
  { args: ["pin", "1", "99"], says: /error: .*item 99: Plex has no such item\nhint: .*ratingKey/ },
  { args: ["pin", "1", "10"], says: /error: .*item 10: .*library.*\nhint: .*plex_library/ },
  { args: ["unpin", "1"], says: /error: .*scene 1: it is not pinned\nhint: .*match list/ },
];

Deno.test("a pin of what is not there is refused with a hint, and queues nothing", async () => {
  await withPins(async (world) => {
    for (const { args, says } of REFUSED) {
      const { stdout, stderr } = await world.expect(1, "match", ...args);
      assertMatch(stderr, says);
      assertEquals(stdout, "");
    }
    assertEquals(await pins(world), []);
    assertEquals(world.query("SELECT scene_id FROM jobs"), []);
  });
});

Deno.test("a pin is refused where another Plex answers: its numbers mean other items", async () => {
  await withPins(async (world) => {
    await world.syncAll();
    world.plex.setServerIdentity("another");
    const { stderr } = await world.expect(1, "match", "pin", "1", "8");
    assertMatch(stderr, /error: .*\nhint: .*--accept-new-plex/);
    assertEquals(await pins(world), []);
  });
});
