import { assertEquals } from "@std/assert";
import { transaction } from "../../../src/store/database/database.ts";
import type { EntityRef, Scene } from "../../../src/core/sync/scene.ts";
import type { ChangedItem } from "../../../src/store/library/scenes.ts";
import type { Store } from "../../../src/store/store.ts";
import { scene } from "../../core/samples.ts";
import { assertInvariants } from "../invariants.ts";
import { attempt, claimed, dead, done, indexed, sceneFile, T0, written } from "../samples.ts";
import { storeTest } from "../temp_store.ts";
import { TARGET } from "../../one_target.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";

const tag = (id: string): EntityRef => ({ kind: "tag", id });
const UNKNOWN = { size: 0, duration_ms: null };
const filesOf = (store: Store) =>
  store.database.prepare(
    "SELECT scene_id, path, folded_key, name_key, size, duration_ms FROM scene_files ORDER BY path",
  ).all();
/** Rows that this connection has written since it was opened. */
const changesOf = (store: Store) =>
  store.database.prepare("SELECT total_changes() AS n").get<{ n: number }>()!.n;

storeTest(
  "note() keeps a scene's files as they are, and by path and name in comparable form",
  ({ store }) => {
    const files = [{ path: "D:\\V\\A b.MP4", size: 42, durationMs: 99.6 }, sceneFile("/x.mkv")];
    noteScenes(store.database, [scene({ id: "7", files })], T0);
    assertEquals(filesOf(store), [
      { scene_id: "7", path: "/x.mkv", folded_key: "/x.mkv", name_key: "x.mkv", ...UNKNOWN },
      {
        scene_id: "7",
        path: "D:\\V\\A b.MP4",
        folded_key: "d:/v/a b.mp4",
        name_key: "a b.mp4",
        size: 42,
        duration_ms: 100,
      },
    ]);
    noteScenes(store.database, [
      scene({ id: "7", files: [sceneFile("/y.mkv", 1), sceneFile("/y.mkv")] }),
    ], T0);
    assertEquals(filesOf(store).length, 1);
    assertInvariants(store.database);
  },
);

storeTest("note() of scenes that are as they were writes nothing", ({ store }) => {
  const scenes = Array.from({ length: 300 }, (_, n) => scene({ id: `${n}`, links: [tag("5")] }));
  noteScenes(store.database, scenes, T0);
  const before = changesOf(store);
  store.database.exec("PRAGMA query_only = ON");
  noteScenes(store.database, scenes, T0 + 1);
  noteScenes(store.database, [], T0 + 1);
  assertEquals(changesOf(store), before);
});

const changes: { what: string; change: Partial<Scene> }[] = [
  { what: "its title", change: { title: "Other" } },
  { what: "the size of its file", change: { files: [sceneFile("/data/scenes/a.mp4", 7)] } },
  { what: "one that it names", change: { links: [tag("6")] } },
];
for (const { what, change } of changes) {
  storeTest(`note() writes a scene of which ${what} changed, and no other`, ({ store }) => {
    const [one, two] = [scene({ id: "1" }), scene({ id: "2" })];
    noteScenes(store.database, [one, two], T0);
    noteScenes(store.database, [one, { ...two, ...change }], T0 + 1);
    const seen = store.database.prepare("SELECT seen_at FROM scenes ORDER BY scene_id").all();
    assertEquals(seen, [{ seen_at: T0 }, { seen_at: T0 + 1 }]);
  });
}

const file = (path: string, size = 7, durationMs: number | null = 60_000) => ({
  path,
  size,
  durationMs,
});
const readings: Partial<Scene>[] = [
  {},
  { files: [file("/a.mp4"), file("/b.mp4")], links: [tag("5"), tag("6")] },
  { files: [file("/b.mp4"), file("/a.mp4")], links: [tag("6"), tag("5")] },
  { files: [file("/b.mp4")], links: [tag("6"), { kind: "studio", id: "6" }] },
  { files: [file("/b.mp4", 8)], links: [{ kind: "performer", id: "6" }] },
  { files: [file("/b.mp4", 8, null)], links: [tag("7"), tag("7")] },
  { files: [file("/b.mp4", 8), file("/b.mp4", 9)], links: [tag("7")] },
];
storeTest("note() leaves of a scene what was read last, whatever was read before", ({ store }) => {
  const kept = (id: string) =>
    [
      "path, folded_key, name_key, size, duration_ms FROM scene_files",
      "kind, entity_id FROM scene_links",
    ]
      .map((what) =>
        store.database.prepare(`SELECT ${what} WHERE scene_id = ? ORDER BY 1, 2`).all(id)
      );
  readings.forEach((last, at) => {
    noteScenes(store.database, [scene({ ...last, id: `last${at}` })], T0);
    for (const first of readings) {
      const [one, two] = [{ ...first, id: "1" }, { ...last, id: "1", title: "Other" }].map(scene);
      noteScenes(store.database, [one!], T0);
      noteScenes(store.database, [two!], T0);
      assertEquals(kept("1"), kept(`last${at}`));
      transaction(store.database, () => store.scenes.gone(["1"], T0));
      noteScenes(store.database, [one!, two!], T0);
      assertEquals(kept("1"), kept(`last${at}`));
    }
  });
  assertInvariants(store.database);
});

storeTest("note() of another title writes no file and no link again", ({ store }) => {
  const one = scene({ id: "1", files: [file("/a.mp4")], links: [tag("5")] });
  noteScenes(store.database, [one], T0);
  const before = changesOf(store);
  noteScenes(store.database, [{ ...one, title: "Other" }], T0);
  assertEquals(changesOf(store), before + 1);
});

storeTest("an entity has the written scenes that named it when last read", ({ store }) => {
  const link = (id: string, ...links: EntityRef[]) => {
    noteScenes(store.database, [scene({ id, links })], T0);
    store.of(TARGET).written.put(written(id));
  };
  for (const id of ["10", "9", "100"]) link(id, tag("5"), { kind: "studio", id: "5" });
  link("11", tag("6"));
  noteScenes(store.database, [scene({ id: "12", links: [tag("5")] })], T0);
  assertEquals(store.scenes.scenesOf(tag("5"), 0, 9), ["9", "10", "100"]);
  assertEquals(store.scenes.scenesOf(tag("5"), 9, 1), ["10"]);
  assertEquals(store.scenes.scenesOf({ kind: "performer", id: "5" }, 0, 9), []);
  link("10", tag("6"));
  transaction(store.database, () => store.scenes.gone(["9"], T0));
  assertEquals(store.scenes.scenesOf(tag("5"), 0, 9), ["100"]);
  assertEquals(store.scenes.scenesOf(tag("6"), 0, 9), ["10", "11"]);
  assertInvariants(store.database);
});

storeTest(
  "a scene that is read before a tag's end reaches it is found by that end",
  ({ store }) => {
    noteScenes(store.database, [scene({ id: "1", links: [tag("5"), tag("6")] })], T0);
    store.of(TARGET).written.put(written("1"));
    store.fanouts.add(tag("5"), true, T0);
    noteScenes(store.database, [scene({ id: "1" })], T0 + 1);
    assertEquals(store.scenes.scenesOf(tag("5"), 0, 9), ["1"]);
    assertEquals(store.scenes.scenesOf(tag("6"), 0, 9), []);
    store.fanouts.done(store.fanouts.next()!);
    noteScenes(store.database, [scene({ id: "1", title: "Other" })], T0 + 2);
    assertEquals(store.scenes.scenesOf(tag("5"), 0, 9), []);
  },
);

storeTest("of a scene that is gone only what was written is left", ({ store }) => {
  noteScenes(store.database, [scene({ id: "1" }), scene({ id: "2" })], T0);
  store.of(TARGET).written.put(written("1"));
  transaction(store.database, () => store.scenes.gone(["1", "2", "3"], T0 + 1));
  transaction(store.database, () => store.scenes.gone(["1"], T0 + 2));
  assertEquals(store.database.prepare("SELECT scene_id, gone_at FROM scenes").all(), [
    { scene_id: "1", gone_at: T0 + 1 },
  ]);
  assertInvariants(store.database);
});

storeTest("hadJob() is true from the first job on, and not of a scene only seen", ({ store }) => {
  noteScenes(store.database, [scene({ id: "1" })], T0);
  assertEquals(store.scenes.hadJob("1"), false);
  const job = claimed(store, "1");
  assertEquals(store.scenes.hadJob("1"), true);
  store.settlement.settle([attempt(job, done("skipped"))], T0);
  assertEquals([store.jobs.count(), store.scenes.hadJob("1")], [0, true]);
  store.settlement.settle([attempt(claimed(store, "2"), dead)], T0);
  store.outcomes.removeOlder(T0 + 1);
  assertEquals([store.scenes.hadJob("1"), store.scenes.hadJob("2")], [false, true]);
});

storeTest(
  "concernedBy() goes over the items that changed, step by step, and misses none",
  ({ store }) => {
    const file = (id: string) => sceneFile(`/v/${id}.mp4`);
    const ids = Array.from({ length: 7 }, (_, at) => String(at + 1));
    noteScenes(store.database, ids.map((id) => scene({ id, files: [file(id)] })), T0);
    const { index, written: memories } = store.of(TARGET);
    const put = (from: number, to: number, at: number) =>
      index.put(
        ids.slice(from, to).map((id) => indexed(`9${id}`, `/v/${id}.mp4`)),
        at,
      );
    put(0, 2, T0 - 1);
    put(2, 7, T0);
    // With the third plexsync never had to do, the fourth has a job.
    for (const id of ["1", "2", "4", "5", "6", "7"]) memories.put(written(id, `8${id}`));
    store.jobs.enqueue(["4"], "hook", T0);
    const found: string[] = [];
    let after: ChangedItem | null = { item: "", at: T0 };
    while (after !== null) {
      const step: ReturnType<Store["scenes"]["concernedBy"]> = store.scenes.concernedBy(
        TARGET,
        after,
        2,
      );
      found.push(...step.scenes);
      after = step.next;
    }
    assertEquals(found.sort(), ["5", "6", "7"]);
  },
);
