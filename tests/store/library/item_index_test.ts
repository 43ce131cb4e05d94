import { assertEquals } from "@std/assert";
import type { IndexedSection } from "../../../src/store/library/item_index.ts";
import type { Store } from "../../../src/store/store.ts";
import { assertInvariants } from "../invariants.ts";
import { indexed, sceneFile, T0 } from "../samples.ts";
import { storeTest } from "../temp_store.ts";
import { TARGET } from "../../one_target.ts";

const section = (id: string): IndexedSection => ({
  section: id,
  title: `Library ${id}`,
  item_type: "movie",
  cursor: 1_790_000_000,
  refreshed_at: T0,
  listed_at: T0,
});

const keysOf = (store: Store, path: string, size = 0) =>
  store.of(TARGET).index.find([sceneFile(path, size)]).map((file) => file.item).sort();

storeTest("put() keeps every file of an item, as given", ({ store }) => {
  const files = [
    indexed("100", "/media/A.mp4", { durationMs: 1_234_567 }),
    indexed("100", "/media/A - part 2.mp4", { size: 5_000_000_000 }),
    indexed("101", "/media/B.mp4", { section: "2", size: 0 }),
  ];
  store.of(TARGET).index.put(files, T0);
  assertEquals(store.of(TARGET).index.ofItem("100").map((file) => file.path).sort(), [
    "/media/A - part 2.mp4",
    "/media/A.mp4",
  ]);
  assertEquals(store.of(TARGET).index.find([sceneFile("/media/A.mp4")]), [files[0]]);
  assertEquals(store.of(TARGET).index.ofItem("101"), [files[2]]);
  assertEquals(store.of(TARGET).index.ofItem("7"), []);
  assertEquals(store.of(TARGET).index.count(), { items: 2, files: 3 });
  assertInvariants(store.database);
});

storeTest("put() of an item replaces all that was known of it, and nothing else", ({ store }) => {
  store.of(TARGET).index.put([indexed("100", "/a.mp4"), indexed("100", "/b.mp4")], T0);
  store.of(TARGET).index.put([indexed("200", "/z.mp4")], T0);
  store.of(TARGET).index.put([indexed("100", "/c.mp4", { section: "2" })], T0 + 1);
  assertEquals(store.of(TARGET).index.ofItem("100"), [indexed("100", "/c.mp4", { section: "2" })]);
  assertEquals(store.of(TARGET).index.ofItem("200").length, 1);
  store.of(TARGET).index.put([], T0);
  assertEquals(store.of(TARGET).index.count(), { items: 2, files: 2 });
  assertInvariants(store.database);
});

storeTest("put() takes a file that is told twice, and a duration with a fraction", ({ store }) => {
  store.of(TARGET).index.put([
    indexed("100", "/a.mp4"),
    indexed("100", "/a.mp4", { size: 2, durationMs: 99.6 }),
  ], T0);
  assertEquals(store.of(TARGET).index.ofItem("100"), [
    indexed("100", "/a.mp4", { size: 2, durationMs: 100 }),
  ]);
  assertEquals(store.of(TARGET).index.count(), { items: 1, files: 1 });
  assertInvariants(store.database);
});

storeTest("a sweep forgets what it did not meet, in its own section", ({ store }) => {
  store.of(TARGET).index.put([indexed("100", "/a.mp4"), indexed("101", "/b.mp4")], T0);
  store.of(TARGET).index.put([indexed("200", "/c.mp4", { section: "2" })], T0);
  store.of(TARGET).index.put([indexed("101", "/b.mp4")], T0 + 1_000);
  assertEquals(store.of(TARGET).index.dropUnseen("1", T0 + 1_000), 1);
  assertEquals(store.of(TARGET).index.count(), { items: 2, files: 2 });
  assertEquals(store.of(TARGET).index.dropUnseen("1", T0 + 1_000), 0);
  assertEquals(keysOf(store, "/a.mp4"), []);
  assertInvariants(store.database);
});

storeTest(
  "putChanged() takes up what is other than it was, and writes nothing else",
  ({ store }) => {
    const { index } = store.of(TARGET);
    const changes = () =>
      store.database.prepare("SELECT total_changes() AS n").get<{ n: number }>()!.n;
    const same = [
      indexed("100", "/a.mp4", { durationMs: 99.6 }),
      indexed("101", "/b.mp4"),
      indexed("101", "/b2.mp4"),
    ];
    index.put([...same, indexed("102", "/c.mp4"), indexed("103", "/d.mp4")], T0);
    const before = changes();
    index.putChanged([...same.toReversed()], T0 + 1_000);
    assertEquals(changes(), before);
    index.putChanged([
      ...same,
      indexed("102", "/c.mp4"),
      indexed("102", "/c2.mp4"),
      indexed("103", "/d.mp4", { section: "2" }),
      indexed("104", "/e.mp4"),
    ], T0 + 1_000);
    const known = index.ofItems(["100", "101", "102", "103", "104"]);
    assertEquals(known.map((rows) => rows.map(({ path, section }) => [path, section]).sort()), [
      [["/a.mp4", "1"]],
      [["/b.mp4", "1"], ["/b2.mp4", "1"]],
      [["/c.mp4", "1"], ["/c2.mp4", "1"]],
      [["/d.mp4", "2"]],
      [["/e.mp4", "1"]],
    ]);
    assertEquals(index.seenSince(T0 + 1_000, ["100", "101", "102", "103", "104"]).sort(), [
      "102",
      "103",
      "104",
    ]);
    assertInvariants(store.database);
  },
);

storeTest("dropItem() forgets an item with its files", ({ store }) => {
  store.of(TARGET).index.put([indexed("100", "/a.mp4"), indexed("101", "/b.mp4")], T0);
  store.of(TARGET).index.dropItem("100");
  store.of(TARGET).index.dropItem("nothing");
  assertEquals(store.of(TARGET).index.count(), { items: 1, files: 1 });
});

storeTest("keepSections() forgets the others, a sweep that was cut off included", ({ store }) => {
  for (const id of ["1", "2"]) store.of(TARGET).index.putSection(section(id));
  for (const section of ["1", "2", "3"]) {
    store.of(TARGET).index.put([indexed(`${section}00`, `/${section}.mp4`, { section })], T0);
  }
  store.of(TARGET).index.keepSections(["1", "4"]);
  assertEquals(store.of(TARGET).index.sections(), [section("1")]);
  assertEquals(store.of(TARGET).index.count(), { items: 1, files: 1 });
  assertEquals(keysOf(store, "/1.mp4"), ["100"]);
  store.of(TARGET).index.keepSections([]);
  assertEquals(store.of(TARGET).index.count(), { items: 0, files: 0 });
});

storeTest("putSection() keeps one row per section", ({ store }) => {
  store.of(TARGET).index.putSection(section("2"));
  store.of(TARGET).index.putSection(section("1"));
  store.of(TARGET).index.putSection({ ...section("2"), title: "Films", cursor: 0 });
  assertEquals(store.of(TARGET).index.sections(), [
    section("1"),
    { ...section("2"), title: "Films", cursor: 0 },
  ]);
});

const finds: { by: string; indexed: string; sought: string; size?: number; found: boolean }[] = [
  { by: "path", indexed: "/media/a.mp4", sought: "/media/a.mp4", found: true },
  { by: "path in decomposed Unicode", indexed: "/m/e\u0301.mp4", sought: "/m/é.mp4", found: true },
  { by: "Windows path", indexed: "D:\\M\\a.mp4", sought: "d:/m/A.mp4", found: true },
  { by: "path in another letter case", indexed: "/M/A.mp4", sought: "/m/a.MP4", found: true },
  { by: "name alone", indexed: "/x/Scene.mp4", sought: "/y/scene.MP4", found: false },
  { by: "size alone", indexed: "/a.mp4", sought: "/b.mp4", size: 1_000, found: false },
  { by: "another size", indexed: "/a.mp4", sought: "/b.mp4", size: 999, found: false },
  { by: "another name", indexed: "/m/a.mp4", sought: "/m/a.mkv", found: false },
  { by: "a part of the name", indexed: "/m/my a.mp4", sought: "/m/a.mp4", found: false },
];
for (const { by, indexed: path, sought, size = 0, found } of finds) {
  storeTest(`find() ${found ? "finds" : "does not find"} a file by ${by}`, ({ store }) => {
    store.of(TARGET).index.put([indexed("100", path)], T0);
    assertEquals(keysOf(store, sought, size), found ? ["100"] : []);
  });
}

storeTest("find() takes no unknown size for the same size", ({ store }) => {
  store.of(TARGET).index.put([indexed("100", "/a.mp4", { size: 0 })], T0);
  assertEquals(keysOf(store, "/b.mp4", 0), []);
});

storeTest("find() looks for each file of a scene", ({ store }) => {
  const durationMs = 60_000;
  const other = indexed("101", "/b.mp4", { size: 7, durationMs });
  store.of(TARGET).index.put([indexed("100", "/a.mp4"), other], T0);
  const moved = { ...sceneFile("/c.mp4", 7), durationMs: durationMs + 1_000 };
  const found = store.of(TARGET).index.find([sceneFile("/a.mp4"), moved, sceneFile("/d")]);
  assertEquals(found.map((file) => file.item), ["100", "101"]);
  assertEquals(store.of(TARGET).index.find([]), []);
});

storeTest(
  "find() has the right file among a thousand of one name, and no page of them",
  ({ store }) => {
    const path = (i: number) => `/media/${i}/video.mp4`;
    const files = Array.from(
      { length: 1_000 },
      (_, i) => indexed(`${i}`, path(i), { size: i + 1, durationMs: 5_000 }),
    );
    const copies = Array.from(
      { length: 1_000 },
      (_, i) => indexed(`c${i}`, `/copies/${i}.mp4`, { size: 500, durationMs: 5_000 }),
    );
    store.of(TARGET).index.put([...copies, ...files], T0);
    for (const i of [0, 499, 999]) {
      const found = store.of(TARGET).index.find([sceneFile(path(i))]);
      assertEquals(found.map(({ item }) => item), [`${i}`]);
      // Without the path its bytes still tell which it is, among any number of copies.
      const moved = { ...sceneFile("/data/video.mp4", i + 1), durationMs: 5_000 };
      const [first] = store.of(TARGET).index.find([moved]);
      assertEquals(first?.item, `${i}`);
      assertEquals(store.of(TARGET).index.near([moved]).length, 20);
    }
  },
);
