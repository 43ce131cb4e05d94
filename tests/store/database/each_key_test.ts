/** What is asked for many keys at once is what each of them is told alone. */
import { assertEquals } from "@std/assert";
import type { SceneFile } from "../../../src/core/sync/scene.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";
import { scene } from "../../core/samples.ts";
import { TARGET } from "../../one_target.ts";
import { indexed, T0, written } from "../samples.ts";
import { type StoreTest, storeTest } from "../temp_store.ts";

const file = (path: string, size: number, durationMs: number | null): SceneFile => ({
  path,
  size,
  durationMs,
});

/** Of all kinds: alone, in two letter cases, with the same bytes, without any. */
const FILES = [
  file("/m/alone.mp4", 10, 60_000),
  file("/m/Case.mp4", 20, 60_000),
  file("/m/case.MP4", 21, 90_000),
  file("/m/twin.mp4", 30, 60_000),
  file("/n/twin.mp4", 30, 60_900.4),
  file("/n/other.mp4", 30, 59_100.6),
  file("/n/far.mp4", 30, 62_000),
  file("/m/unknown.mp4", 0, 60_000),
  file("/m/untimed.mp4", 10, null),
  file("/m/nowhere.mp4", 99, 1),
];

/**
 * Each file is one of a scene and one of an item.
 * @param copies So many more of the same bytes
 */
function fill({ store }: StoreTest, copies: number): void {
  const more = Array.from({ length: copies }, (_, n) => file(`/c/${n}.mp4`, 10, 60_000));
  const all = [...FILES.slice(0, -1), ...more];
  noteScenes(store.database, all.map((each, n) => scene({ id: `${n}`, files: [each] })), T0);
  store.scenes.gone(["1"], T0);
  const { index, written: values } = store.of(TARGET);
  index.put(
    all.map(({ path, size, durationMs }, n) => indexed(`${n}`, path, { size, durationMs })),
    T0,
  );
  for (const [id, item] of [["0", "0"], ["2", "0"], ["3", "3"]]) values.put(written(id!, item));
}

const byText = <T>(values: readonly T[]): string[] =>
  values.map((value) => JSON.stringify(value)).sort();
const each = <T>(found: readonly (readonly T[])[]) => found.map(byText);

for (const copies of [0, 3_000]) {
  storeTest(`many keys are told what each is alone, with ${copies} copies of one file`, (test) => {
    fill(test, copies);
    const { scenes } = test.store;
    const { index, written: values } = test.store.of(TARGET);
    const paths = FILES.map(({ path }) => path);
    const ids = [...FILES.keys(), 12_345].map(String);

    assertEquals(each(index.ofItems(ids)), ids.map((id) => byText(index.ofItem(id))));
    assertEquals(
      FILES.map((_, n) =>
        byText([
          ...new Set(
            [...index.atPaths(paths)[n]!, ...index.ofBytes(FILES)[n]!].map((row) => row.item),
          ),
        ]).length
      ),
      FILES.map((sought) => index.find([sought]).length),
    );
    assertEquals(
      each(index.atPaths(paths)),
      paths.map((path) => byText(index.find([file(path, 0, null)]))),
    );
    assertEquals(
      each(scenes.atPaths(paths)),
      paths.map((path) => byText(scenes.withFiles([path], []))),
    );
    assertEquals(
      scenes.ofBytes(FILES).map((like) => new Set(like.map(({ sceneId }) => sceneId)).size),
      FILES.map((sought) => scenes.withFiles([], [sought]).length),
    );
    assertEquals(
      scenes.filesOfAll(ids),
      ids.map((id) => scenes.filesOf(id)),
    );
    assertEquals(
      each(ids.map((id) => values.writersOf(ids).get(id) ?? [])),
      ids.map((id) => byText((values.onItems([id]).get(id) ?? []).map(({ sceneId }) => sceneId))),
    );
  });
}

storeTest("of too many copies those of the same name are told first", (test) => {
  fill(test, 3_000);
  const sought = file("/elsewhere/2999.mp4", 10, 60_000);
  const [items] = test.store.of(TARGET).index.ofBytes([sought]);
  assertEquals(items![0]!.path, "/c/2999.mp4");
  const [like] = test.store.scenes.ofBytes([sought]);
  assertEquals(like![0]!.nameKey, "2999.mp4");
});
