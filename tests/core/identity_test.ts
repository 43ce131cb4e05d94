import { assertEquals } from "@std/assert";
import { isSameScene } from "../../src/core/identity.ts";
import type { SceneFile } from "../../src/core/scene.ts";

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
