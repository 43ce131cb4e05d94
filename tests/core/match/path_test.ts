import { assert, assertEquals } from "@std/assert";
import {
  baseName,
  commonTail,
  isSameName,
  mapPath,
  nameKey,
  pathKey,
  stem,
  unmapPath,
} from "../../../src/core/match/path.ts";

const keys: [string, string][] = [
  ["/data/scenes/a.mp4", "/data/scenes/a.mp4"],
  ["/data//scenes///a.mp4", "/data/scenes/a.mp4"],
  ["/data/Scenes/A.mp4", "/data/Scenes/A.mp4"],
  ["/data/scenes/", "/data/scenes"],
  ["/", "/"],
  ["/data/a\\b.mp4", "/data/a\\b.mp4"],
  ["C:\\Media\\A.mp4", "c:/media/a.mp4"],
  ["c:/media/A.MP4", "c:/media/a.mp4"],
  ["P:\\", "p:"],
  ["\\\\?\\P:\\Very\\Long.mp4", "p:/very/long.mp4"],
  ["\\\\?\\UNC\\nas\\Share\\x.mp4", "//nas/share/x.mp4"],
  ["\\\\nas\\Share\\x.mp4", "//nas/share/x.mp4"],
  ["/data/cafe\u0301.mp4", "/data/caf\u00e9.mp4"],
];
for (const [path, want] of keys) {
  Deno.test(`pathKey() of ${path} is ${want}`, () => assertEquals(pathKey(path), want));
}

const rules = [
  { stash: "/data", plex: "/media" },
  { stash: "/data/tv", plex: "P:\\TV" },
  { stash: "/x/", plex: "/y/" },
  { stash: "F:\\Videos", plex: "/mnt/videos" },
  { stash: "/pool", plex: "/" },
  { stash: "\\\\nas\\Share", plex: "//NAS/share/" },
];
const mapped: [string, string][] = [
  ["/data/a.mp4", "/media/a.mp4"],
  ["/data/tv/A b.mp4", "P:\\TV\\A b.mp4"],
  ["/data/Cafe\u0301/A.mp4", "/media/Cafe\u0301/A.mp4"],
  ["F:\\Videos\\Late Game\\X.mp4", "/mnt/videos/Late Game/X.mp4"],
  ["f:/VIDEOS/Late Game/X.mp4", "/mnt/videos/Late Game/X.mp4"],
  ["\\\\?\\F:\\Videos\\Long.mp4", "/mnt/videos/Long.mp4"],
  ["/pool/x.mp4", "/x.mp4"],
  ["/pool", "/"],
  ["\\\\NAS\\share\\X.mp4", "//NAS/share/X.mp4"],
  ["/POOL/x.mp4", "/POOL/x.mp4"],
  ["/data/tv4k/a.mp4", "/media/tv4k/a.mp4"],
  ["/database/a.mp4", "/database/a.mp4"],
  ["/x/a.mp4", "/y/a.mp4"],
  ["/other/a.mp4", "/other/a.mp4"],
];
for (const [path, want] of mapped) {
  Deno.test(`mapPath() brings ${path} to ${want}`, () => {
    assertEquals(mapPath(path, rules).path, want);
  });
}

const mappable = mapped.filter(([path]) => mapPath(path, rules).rule !== null);
for (const [path, target] of mappable) {
  Deno.test(`unmapPath() of ${target} has ${path}`, () => {
    const keys = unmapPath(target, rules).map(pathKey);
    assert(keys.includes(pathKey(path)), `${keys}`);
  });
}

Deno.test("mapPath() tells the rule, and none where none applies", () => {
  assertEquals(mapPath("/data/tv/a.mp4", rules).rule, rules[1]);
  assertEquals(mapPath("/other/a.mp4", rules), { path: "/other/a.mp4", rule: null });
});

const names: [string, string, boolean][] = [
  ["/a/X.mp4", "/b/X.mp4", true],
  ["/a/X.mp4", "/b/x.mp4", false],
  ["D:\\a\\X.mp4", "/b/x.mp4", true],
  ["/a/e\u0301.mp4", "/b/\u00e9.mp4", true],
  ["/a/x.mp4", "/b/xx.mp4", false],
];
for (const [a, b, want] of names) {
  Deno.test(`isSameName() of ${a} and ${b} is ${want}`, () => assertEquals(isSameName(a, b), want));
}

const tails: [string, string, number][] = [
  ["/data/s/a.mp4", "/media/s/a.mp4", 2],
  ["/data/s/a.mp4", "/media/t/A.MP4", 1],
  ["/data/s/a.mp4", "/media/s/b.mp4", 0],
  ["/data/s/a.mp4", "X:\\s\\a.mp4", 2],
];
for (const [a, b, want] of tails) {
  Deno.test(`commonTail() of ${a} and ${b} is ${want}`, () => assertEquals(commonTail(a, b), want));
}

Deno.test("stem() and names keep dots, and hidden files keep their name", () => {
  assertEquals(stem("/d/a.b.mp4"), "a.b");
  assertEquals(stem("/d/.hidden"), ".hidden");
  assertEquals(stem("C:\\d\\x.mkv"), "x");
  assertEquals(baseName("/d/a\\b.mp4"), "a\\b.mp4");
  assertEquals(nameKey("/d/CAFE\u0301.MP4"), "caf\u00e9.mp4");
});
