import { assertEquals } from "@std/assert";
import { readScene } from "../../src/stash/read_scene.ts";

const FULL = {
  id: "45",
  title: "T",
  code: "C",
  details: "D",
  date: "2020-01-02",
  rating100: 80,
  organized: true,
  updated_at: "2026-01-10T21:14:03+01:00",
  studio: { id: "4", name: "S" },
  performers: [{ id: "5", name: "Ann" }, { id: "6", name: "Bob" }],
  tags: [{ id: "7", name: "One" }],
  files: [{ path: "/data/a.mp4", size: 5_000_000_000, duration: 61.2345 }],
};

const EMPTY = {
  id: "45",
  title: "",
  code: "",
  details: "",
  date: null,
  rating100: null,
  organized: false,
  updatedAt: "",
  studio: null,
  performers: [],
  tags: [],
  files: [],
  links: [],
};

Deno.test("readScene() gives names, bytes and milliseconds", () => {
  assertEquals(readScene(FULL), {
    ...EMPTY,
    title: "T",
    code: "C",
    details: "D",
    date: "2020-01-02",
    rating100: 80,
    organized: true,
    updatedAt: "2026-01-10T21:14:03+01:00",
    studio: "S",
    performers: ["Ann", "Bob"],
    tags: ["One"],
    files: [{ path: "/data/a.mp4", size: 5_000_000_000, durationMs: 61_235 }],
    links: [
      { kind: "studio", id: "4" },
      { kind: "performer", id: "5" },
      { kind: "performer", id: "6" },
      { kind: "tag", id: "7" },
    ],
  });
});

Deno.test("readScene() takes null for unset everywhere", () => {
  const nulls = Object.fromEntries(Object.keys(FULL).map((key) => [key, null]));
  assertEquals(readScene({ ...nulls, id: "45" }), EMPTY);
});

const HOSTILE: { field: string; value: unknown; want: unknown }[] = [
  { field: "date", value: "2020", want: "2020" },
  { field: "date", value: "2020-05", want: "2020-05" },
  { field: "date", value: "", want: null },
  { field: "date", value: "yesterday", want: null },
  { field: "rating100", value: 0, want: null },
  { field: "rating100", value: 101, want: null },
  { field: "rating100", value: "80", want: null },
  { field: "title", value: 7, want: "" },
  { field: "title", value: "\u0001e\u0002\n\u202e🎬", want: "\u0001e\u0002\n\u202e🎬" },
  { field: "organized", value: "yes", want: false },
  { field: "studio", value: { name: "" }, want: null },
  { field: "studio", value: "S", want: null },
  { field: "performers", value: [null, {}, { name: " " }, { name: "Ann" }, 7], want: ["Ann"] },
  { field: "tags", value: { name: "One" }, want: [] },
  { field: "files", value: [{ path: "" }, null, {}], want: [] },
  {
    field: "files",
    value: [{ path: "C:\\a.mp4", size: "12", duration: 0 }],
    want: [{ path: "C:\\a.mp4", size: 12, durationMs: null }],
  },
  {
    field: "files",
    value: [{ path: "/a", size: -1, duration: "x" }, { path: "/b", size: {}, duration: -3 }],
    want: [{ path: "/a", size: 0, durationMs: null }, { path: "/b", size: 0, durationMs: null }],
  },
];

for (const { field, value, want } of HOSTILE) {
  Deno.test(`readScene() reads ${field} ${JSON.stringify(value)} as ${JSON.stringify(want)}`, () => {
    assertEquals(readScene({ id: "45", [field]: value }), { ...EMPTY, [field]: want } as never);
  });
}

Deno.test("readScene() gives null for what has no id", () => {
  for (const value of [null, undefined, [], "x", 7, {}, { id: null }, { id: 45 }]) {
    assertEquals(readScene(value), null);
  }
});
