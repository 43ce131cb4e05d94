import { assert, assertEquals } from "@std/assert";
import { learnedOf } from "../../../src/core/meta_keys.ts";
import { readLibrary } from "../../sim/library_document.ts";
import { file, itemOf, libraryOf, sceneOf, titleOf } from "./matching_cases.ts";
import { Rig, type RigOptions } from "../rig.ts";

const DAY_MS = 24 * 60 * 60_000;

/** So many scenes in `/data/f`, which Plex has in `/media/f` as items with ids from 101. */
function voters(count: number) {
  const ids = Array.from({ length: count }, (_, at) => at + 1);
  const each = (folder: string, id: number) => file(`${folder}/${id}.mp4`, 1000 + id, 60 + 5 * id);
  return {
    scenes: ids.map((id) => sceneOf(id, each("/data/f", id))),
    items: ids.map((id) => itemOf(String(100 + id), "1", each("/media/f", id))),
    backup: ids.map((id) => itemOf(String(1100 + id), "2", each("/backup/f", id))),
  };
}

type Settings = NonNullable<RigOptions["settings"]>;

function open(
  scenes: Parameters<typeof libraryOf>[0],
  items: Parameters<typeof libraryOf>[1],
  settings: Settings = { pathMap: null },
): Promise<Rig> {
  return Rig.open({
    document: libraryOf(scenes, items),
    settings: { syncPoster: false, syncBackground: false, ...settings },
  });
}

function itemsOf(rig: Rig, sceneId: number): string[] {
  return rig.plex.items().filter(({ title }) => title === titleOf(sceneId))
    .map(({ ratingKey }) => ratingKey);
}

const said = (rig: Rig, event: string) =>
  rig.lines.filter(({ fields }) => fields.event === event).map(({ message }) => message);

/** The film of scene 500 in another encoding, where a rule for its folder says. */
const ENCODED = itemOf("7", "1", file("/media/f/new.mp4", 9_999, 3_000));
const NEW = sceneOf(500, file("/data/f/new.mp4", 5_555, 3_000));

Deno.test("a learned rule finds a file that was encoded anew, and its rule is said once", async () => {
  const { scenes, items } = voters(20);
  await using rig = await open([...scenes, NEW], [...items, ENCODED]);
  rig.enqueue();
  await rig.once();
  assertEquals(itemsOf(rig, 500), ["7"]);
  assertEquals(said(rig, "rule_learned"), [
    "Learned where Plex has the files: /data/f → /media/f (21 of 21 files there)",
  ]);
  rig.start();
  rig.runtime.jump(DAY_MS);
  rig.enqueue();
  await rig.once();
  assertEquals(said(rig, "rule_learned").length, 1);
});

Deno.test("the same waits in a library too small to learn from, where each file is found all the same", async () => {
  const { scenes, items } = voters(19);
  await using rig = await open([...scenes, NEW], [...items, ENCODED]);
  rig.enqueue();
  await rig.once();
  assertEquals(rig.store.jobs.get("500", "plex")?.state, "waiting");
  assertEquals(itemsOf(rig, 1), ["101"]);
});

Deno.test("a path_map that is given, even an empty one, switches learning off", async () => {
  const { scenes, items } = voters(20);
  await using rig = await open([...scenes, NEW], [...items, ENCODED], { pathMap: [] });
  rig.enqueue();
  await rig.once();
  assertEquals(rig.store.jobs.get("500", "plex")?.state, "waiting");
  assertEquals(said(rig, "rule_learned"), []);
});

Deno.test("a learned rule that leads nowhere for a file leaves it to the other evidence", async () => {
  const { scenes, items } = voters(20);
  const moved = itemOf("7", "1", file("/media/other/new.mp4", 5_555, 3_000));
  await using rig = await open([...scenes, NEW], [...items, moved]);
  rig.enqueue();
  await rig.once();
  assertEquals(itemsOf(rig, 500), ["7"]);
});

Deno.test("another film at the path of a learned rule is not taken", async () => {
  const { scenes, items } = voters(20);
  const foreign = itemOf("7", "1", file("/media/f/new.mp4", 9_999, 7_777));
  const unknown = {
    ratingKey: "8",
    section: "1",
    media: [{ parts: [{ file: "/media/f/x.mp4" }] }],
  };
  const scene = sceneOf(501, file("/data/f/x.mp4", 6_666, 4_000));
  await using rig = await open([...scenes, NEW, scene], [...items, foreign, unknown]);
  rig.enqueue();
  await rig.once();
  for (const id of ["500", "501"]) {
    assertEquals(rig.store.jobs.get(id, "plex")?.state, "waiting", id);
  }
});

Deno.test("a learned rule is dropped once a backup has the same files, by the next full listing", async () => {
  const { scenes, items, backup } = voters(20);
  await using rig = await open([...scenes, NEW], [...items]);
  rig.enqueue();
  await rig.once();
  assertEquals(rig.store.meta.get(learnedOf("plex"))?.rules.length, 1);
  const { sections, items: all } = readLibrary(libraryOf([], [...items, ...backup, ENCODED]));
  rig.plex.load(sections, all);
  rig.runtime.jump(DAY_MS);
  rig.enqueue(["500"]);
  await rig.once();
  assertEquals(rig.store.meta.get(learnedOf("plex"))?.rules, []);
  const [line] = said(rig, "rule_dropped");
  assert(/\/data\/f → \/media\/f: .*/.test(line ?? ""), line);
  assertEquals(itemsOf(rig, 500), []);
});

Deno.test("what was learned before counts no longer once a path_map is given, even an empty one", async () => {
  const { scenes, items } = voters(20);
  await using rig = await open([...scenes, NEW], [...items, ENCODED]);
  rig.enqueue(["1"]);
  await rig.once();
  assertEquals(rig.store.meta.get(learnedOf("plex"))?.rules.length, 1);
  rig.restart({ pathMap: [] });
  rig.enqueue(["500"]);
  await rig.once();
  assertEquals(itemsOf(rig, 500), []);
});
