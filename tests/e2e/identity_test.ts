/** An id is no identity: memory and pins belong to a scene and its files, an item to its file. */
import { assertEquals } from "@std/assert";
import { isWrite } from "./care.ts";
import { readLibrary } from "../sim/library_document.ts";
import { file, itemOf, libraryOf, sceneOf, titleOf } from "../worker/match/matching_cases.ts";
import { withWorld, type World } from "./world.ts";

const FILMS = [
  file("/data/a.mp4", 1111, 60),
  file("/data/b.mp4", 2222, 120),
  file("/data/c.mp4", 3333, 180),
] as const;

/** Film n of three as the scene with some id. Its title and all else is the film's. */
function film(n: 1 | 2 | 3, id = n) {
  return { ...sceneOf(n, FILMS[n - 1]!), id };
}

const ITEMS = [
  itemOf("7", "1", file("/media/a.mp4", 1111, 60)),
  itemOf("8", "1", file("/media/b.mp4", 2222, 120)),
  itemOf("9", "1", file("/media/c.mp4", 3333, 180)),
  itemOf("10", "1", file("/media/free.mp4", 4444, 240)),
];

function withFilms(use: (world: World) => Promise<void>, items = ITEMS): Promise<void> {
  const loaded = readLibrary(libraryOf([film(1), film(2), film(3)], items));
  const library = { scenes: loaded.scenes, plexItems: [], missingIds: [], ambiguousIds: [] };
  return withWorld({
    library,
    plex: { sections: loaded.sections, items: loaded.items },
    config: {
      plex_library: "Films",
      path_map: "/data=/media",
      sync_poster: false,
      sync_background: false,
    },
  }, use);
}

/** A full import: film 1 is scene 3 now, film 2 is scene 1, film 3 is scene 2. */
function importAll(world: World): void {
  world.stash.load(readLibrary(libraryOf([film(2, 1), film(3, 2), film(1, 3)], [])).scenes);
}

/** Which film each item shows. */
function shown({ plex }: World): Record<string, number | null> {
  return Object.fromEntries(
    plex.items().map(({ ratingKey, title, locked }) => [
      ratingKey,
      locked.length === 0 ? null : [1, 2, 3].find((n) => title === titleOf(n)) ?? null,
    ]),
  );
}

function remembered(world: World): Record<string, string> {
  const rows = world.query<{ item: string; scene_id: string }>(
    "SELECT item, scene_id FROM written ORDER BY CAST(item AS INTEGER)",
  );
  return Object.fromEntries(rows.map(({ item, scene_id }) => [item, scene_id]));
}

interface PinRow {
  scene_id: string;
  item: string | null;
}

async function pins(world: World): Promise<[string, string | null][]> {
  return (await world.json<PinRow[]>("match", "list")).map((
    { scene_id, item },
  ) => [scene_id, item]);
}

Deno.test("after a full import of Stash nothing is written, and the memory is that of the films", async () => {
  await withFilms(async (world) => {
    await world.syncAll();
    assertEquals(remembered(world), { 7: "1", 8: "2", 9: "3" });
    importAll(world);
    world.plex.clearRequests();
    await world.syncAll();
    assertEquals(world.plex.requests().filter(isWrite).map(({ query }) => query), []);
    assertEquals(shown(world), { 7: 1, 8: 2, 9: 3, 10: null });
    assertEquals(remembered(world), { 7: "3", 8: "1", 9: "2" });
  });
});

Deno.test("what a film left on another's item is taken back after an import, for each order", async () => {
  for (const order of [["1", "2", "3"], ["3", "2", "1"]]) {
    // Film 1 was written to a copy of it.
    const copy = itemOf("7", "1", file("/media/copy/a.mp4", 1111, 60));
    await withFilms(async (world) => {
      await world.syncAll();
      assertEquals(shown(world), { 7: 1, 8: 2, 9: 3, 10: null });
      importAll(world);
      await world.plex.addFiles([{ path: "/media/a.mp4", size: 1111, durationMs: 60_000 }]);
      for (const id of order) {
        await world.expect(0, "sync", "--scene", id);
        await world.expect(0, "run", "--once");
      }
      const own = world.plex.items().find(({ files }) => files.includes("/media/a.mp4"))!;
      assertEquals(shown(world), { 7: null, 8: 2, 9: 3, 10: null, [own.ratingKey]: 1 });
      assertEquals(remembered(world), { 8: "1", 9: "2", [own.ratingKey]: "3" });
    }, [copy, ...ITEMS.slice(1)]);
  }
});

Deno.test("memory of a film that Stash no longer has is no evidence for the new bearer of its id", async () => {
  await withFilms(async (world) => {
    await world.syncAll();
    const other = { ...sceneOf(4, file("/data/d.mp4", 9999, 400)), id: 1 };
    world.stash.load(readLibrary(libraryOf([other, film(2), film(3)], [])).scenes);
    await world.syncAll();
    assertEquals(shown(world), { 7: 1, 8: 2, 9: 3, 10: null });
    const [job] = world.query<{ scene_id: string; state: string }>(
      "SELECT scene_id, state FROM jobs",
    );
    assertEquals([job?.scene_id, job?.state], ["1", "waiting"]);
  });
});

Deno.test("a pin goes with its film through an import, and is shown and taken back by the new id", async () => {
  await withFilms(async (world) => {
    await world.expect(0, "match", "pin", "1", "10");
    await world.syncAll();
    assertEquals(shown(world), { 7: null, 8: 2, 9: 3, 10: 1 });
    importAll(world);
    await world.syncAll();
    assertEquals(shown(world), { 7: null, 8: 2, 9: 3, 10: 1 });
    assertEquals(await pins(world), [["3", "10"]]);
    // The scene that has the old id gets a pin of its own.
    await world.expect(0, "match", "pin", "1", "none");
    assertEquals(await pins(world), [["1", null], ["3", "10"]]);
    await world.expect(0, "run", "--once");
    assertEquals(shown(world), { 7: null, 8: null, 9: 3, 10: 1 });
    await world.expect(0, "match", "unpin", "3");
    await world.expect(0, "run", "--once");
    assertEquals(shown(world), { 7: 1, 8: null, 9: 3, 10: null });
    assertEquals(await pins(world), [["1", null]]);
  });
});

/** Plex forgot the items and made others of the files. */
function remake(world: World, items: Parameters<typeof libraryOf>[1]): void {
  const { sections, items: seeds } = readLibrary(libraryOf([], items));
  world.plex.load(sections, seeds);
}

Deno.test("a pin goes with the item's file to its new ratingKey", async () => {
  await withFilms(async (world) => {
    await world.expect(0, "match", "pin", "1", "10");
    await world.syncAll();
    const [a, b, c] = ITEMS as [(typeof ITEMS)[0], (typeof ITEMS)[0], (typeof ITEMS)[0]];
    remake(world, [a, b, c, itemOf("99", "1", file("/media/free.mp4", 4444, 240))]);
    await world.syncAll();
    assertEquals(shown(world), { 7: null, 8: 2, 9: 3, 99: 1 });
  });
});

Deno.test("a ratingKey that another file has now is the other scene's, pinned or not", async () => {
  for (const isPinned of [false, true]) {
    await withFilms(async (world) => {
      if (isPinned) await world.expect(0, "match", "pin", "1", "7");
      await world.syncAll();
      remake(world, [itemOf("7", "1", file("/media/b.mp4", 2222, 120)), ITEMS[2]!, ITEMS[3]!]);
      await world.syncAll();
      assertEquals(shown(world), { 7: 2, 9: 3, 10: null });
      const [job] = world.query<{ scene_id: string }>("SELECT scene_id FROM jobs");
      assertEquals(job?.scene_id, "1");
      assertEquals(remembered(world)[7], "2");
    });
  }
});

Deno.test("two versions that Plex splits are two items of the scene", async () => {
  const [first, second] = [file("/media/a.mp4", 1111, 60), file("/media/a2.mp4", 1500, 60)];
  const scene = sceneOf(1, FILMS[0], file("/data/a2.mp4", 1500, 60));
  await withFilms(async (world) => {
    world.stash.load(readLibrary(libraryOf([scene], [])).scenes);
    await world.syncAll();
    assertEquals(shown(world), { 7: 1 });
    remake(world, [itemOf("7", "1", first), itemOf("70", "1", second)]);
    await world.syncAll();
    assertEquals(shown(world), { 7: 1, 70: 1 });
  }, [itemOf("7", "1", first, second)]);
});

Deno.test("pins are void on another server, whose numbers mean other items", async () => {
  await withFilms(async (world) => {
    await world.expect(0, "match", "pin", "1", "10");
    await world.syncAll();
    world.plex.setServerIdentity("another");
    assertEquals(await pins(world), [["1", "10"]]);
    await world.expect(0, "run", "--once", "--accept-new-plex");
    assertEquals(await pins(world), []);
  });
});
