import { assertEquals } from "@std/assert";
import { bearerOf, isSameItem, isSameScene } from "../../../src/core/match/identity.ts";
import type { SceneFile } from "../../../src/core/sync/scene.ts";

const file = (path: string, size = 0, durationMs: number | null = null): SceneFile => ({
  path,
  size,
  durationMs,
});

const cases: { when: string; then: SceneFile[]; now: SceneFile[]; want: boolean }[] = [
  { when: "a path is the same", then: [file("/a.mp4")], now: [file("/a.mp4", 5)], want: true },
  {
    when: "it moved with its bytes",
    then: [file("/a.mp4", 5, 100)],
    now: [file("/b.mp4", 5, 1_000)],
    want: true,
  },
  {
    when: "one of several is the same",
    then: [file("/a.mp4"), file("/b.mp4")],
    now: [file("/c.mp4"), file("/b.mp4")],
    want: true,
  },
  {
    when: "only the size is the same",
    then: [file("/a.mp4", 5, 100)],
    now: [file("/b.mp4", 5, 9_000)],
    want: false,
  },
  {
    when: "nothing but unknown sizes agree",
    then: [file("/a.mp4", 0, 100)],
    now: [file("/b.mp4", 0, 100)],
    want: false,
  },
  { when: "it has other files", then: [file("/a.mp4")], now: [file("/b.mp4")], want: false },
  { when: "nothing was noted", then: [], now: [file("/b.mp4")], want: false },
];
for (const { when, then, now, want } of cases) {
  Deno.test(`isSameScene() is ${want} when ${when}`, () => {
    assertEquals(isSameScene(then, now), want);
  });
}

const CARD1 = file("/card1/GX010001.MP4", 4_000, 531_000);
const CARD2 = file("/card2/GX010001.MP4", 4_000, 531_000);
const CHAPTER = file("/card1/GX020001.MP4", 4_000, 531_000);
const OTHER = file("/card1/GX010001.MP4", 9_000, 90_000);

/** What was noted under scene 1 is of `CARD1`. */
const bearers: { when: string; now: Record<string, SceneFile[]>; want: string | null }[] = [
  { when: "its path is there", now: { 1: [CARD1], 2: [CARD2] }, want: "1" },
  { when: "its file was replaced in its place", now: { 1: [OTHER] }, want: "1" },
  { when: "it moved with its bytes", now: { 1: [CARD2] }, want: "1" },
  { when: "another has the path now", now: { 1: [CHAPTER], 2: [CARD1] }, want: "2" },
  { when: "another film took the path", now: { 2: [OTHER] }, want: null },
  { when: "two have the path now", now: { 2: [CARD1], 3: [CARD1] }, want: null },
  { when: "it is gone, and its file moved", now: { 1: [], 2: [CARD2] }, want: "2" },
  { when: "it is gone, and another has its bytes", now: { 1: [], 2: [CHAPTER] }, want: null },
  { when: "nobody has anything of it", now: { 1: [], 2: [file("/x.mp4")] }, want: null },
];
for (const { when, now, want } of bearers) {
  Deno.test(`bearerOf() is ${want} when ${when}`, () => {
    assertEquals(bearerOf("1", [CARD1], new Map(Object.entries(now))), want);
  });
}

const items: { when: string; now: SceneFile[]; want: boolean }[] = [
  { when: "it has the file by which it was found", now: [file("/m/a.mp4", 7, 7_000)], want: true },
  { when: "the file was renamed", now: [file("/m/b.mp4", 4_000, 531_000)], want: true },
  { when: "its number is another film's", now: [file("/m/b.mp4", 7, 7_000)], want: false },
  { when: "it has no file", now: [], want: false },
];
for (const { when, now, want } of items) {
  Deno.test(`isSameItem() is ${want} when ${when}`, () => {
    assertEquals(isSameItem({ path: "/m/a.mp4", files: [CARD1] }, now), want);
  });
}
