import { assert, assertEquals } from "@std/assert";
import type { IndexedFile } from "../../src/core/item.ts";
import { matchScene } from "../../src/core/match.ts";
import type { SceneFile } from "../../src/core/scene.ts";

const file: SceneFile = { path: "/data/Studio/a.mp4", size: 1_000, durationMs: 60_000 };

function row(ratingKey: string, path: string, size = 1_000, durationMs: number | null = 60_000) {
  return { item: ratingKey, section: "1", path, size, durationMs } satisfies IndexedFile;
}

interface Case {
  when: string;
  rows: IndexedFile[];
  remembered?: string;
  want: string | null;
  confidence?: "high" | "low";
}

const cases: Case[] = [
  { when: "nothing shares a thing", rows: [row("1", "/x/b.mp4", 5, 5)], want: null },
  { when: "the full path is there", rows: [row("1", "/data/Studio/a.mp4")], want: "1" },
  {
    when: "the full path is there with other bytes (file replaced)",
    rows: [row("1", "/data/Studio/a.mp4", 7, 7)],
    want: "1",
  },
  {
    when: "the full path beats a copy of the same size",
    rows: [row("1", "/copies/a.mp4"), row("2", "/data/Studio/a.mp4", 7, 7)],
    want: "2",
  },
  {
    when: "a renamed file has the same size and duration",
    rows: [row("1", "/m/other.mp4")],
    want: "1",
  },
  {
    when: "another file has the same size but another duration and name",
    rows: [row("1", "/m/other.mp4", 1_000, 99_000)],
    want: null,
  },
  {
    when: "the duration is within a second",
    rows: [row("1", "/m/other.mp4", 1_000, 60_900)],
    want: "1",
  },
  {
    when: "a short name agrees but bytes and length do not",
    rows: [row("1", "/m/a.mp4", 7, 7)],
    want: null,
  },
  {
    when: "name and length agree, a remux changed the bytes",
    rows: [row("1", "/m/a.mp4", 7)],
    want: "1",
  },
  {
    when: "name agrees and Plex knows no size",
    rows: [row("1", "/m/a.mp4", 0, null)],
    want: "1",
  },
  {
    when: "the longer tail parts two of the same size",
    rows: [row("1", "/m/Studio/a.mp4"), row("2", "/m/x/a.mp4")],
    want: "1",
  },
  {
    when: "two copies cannot be told apart",
    rows: [row("2", "/m/x/a.mp4"), row("1", "/m/y/a.mp4")],
    want: "1",
    confidence: "low",
  },
  {
    when: "the remembered one of two copies still fits",
    rows: [row("1", "/m/x/a.mp4"), row("2", "/m/y/a.mp4")],
    remembered: "2",
    want: "2",
  },
  {
    when: "the remembered item holds something else now",
    rows: [row("1", "/data/Studio/a.mp4"), row("2", "/m/else.mp4", 5, 5)],
    remembered: "2",
    want: "1",
  },
  {
    when: "one item has the file in two versions",
    rows: [row("1", "/data/Studio/a.mp4"), row("1", "/m/Studio/a.mp4")],
    want: "1",
  },
];

for (const { when, rows, remembered, want, confidence = "high" } of cases) {
  Deno.test(`matchScene() gives ${want ?? "nothing"} (${confidence}) when ${when}`, () => {
    const match = matchScene([file], rows, remembered);
    if (want === null) return assertEquals(match.kind, "none");
    assert(match.kind === "item");
    assertEquals([match.item.item, match.confidence], [want, confidence]);
  });
}

Deno.test("matchScene() names all rivals of an ambiguous match", () => {
  const match = matchScene([file], [row("9", "/x/a.mp4"), row("10", "/y/a.mp4")]);
  assert(match.kind === "item");
  assertEquals(match.rivals.map((rival) => rival.item), ["9", "10"]);
});

Deno.test("matchScene() looks at every file of the scene", () => {
  const second = { path: "/data/Studio/b.mp4", size: 2_000, durationMs: 10_000 };
  const match = matchScene([file, second], [row("5", "/data/Studio/b.mp4", 2_000, 10_000)]);
  assert(match.kind === "item");
  assertEquals(match.item.item, "5");
});
