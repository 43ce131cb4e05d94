import { assertEquals } from "@std/assert";
import { hasFileOf, ownRows, shareFile } from "../../../src/core/journal/item_files.ts";

const sameFiles: { when: string; size?: number; durationMs?: number | null; want: boolean }[] = [
  { when: "its size and duration are the same", want: true },
  { when: "its size is another", size: 2, want: false },
  { when: "its duration is another", durationMs: 2, want: false },
  { when: "nobody knows its duration", durationMs: null, want: false },
];
for (const { when, want, ...changes } of sameFiles) {
  Deno.test(`shareFile() knows a file again that was moved: ${when}`, () => {
    const file = { path: "/a", size: 1, durationMs: 1 };
    assertEquals(shareFile([file], [{ ...file, path: "/b", ...changes }]), want);
    assertEquals(shareFile([file], [{ ...file, ...changes }]), true);
  });
}

const moved: { when: string; path?: string; size?: number; durationMs?: number; want: boolean }[] =
  [
    { when: "it is where it was", want: true },
    { when: "it was encoded anew", size: 9, want: true },
    { when: "another film has its path", size: 9, durationMs: 90_000, want: false },
    { when: "it was moved into another folder", path: "/b/Film.mp4", want: true },
    { when: "another film is named alike", path: "/b/Film.mp4", size: 9, want: false },
    { when: "another film has its size and length", path: "/a/Other.mp4", want: false },
  ];
for (const { when, want, ...changes } of moved) {
  Deno.test(`hasFileOf() tells whether another item has a file now: ${when}`, () => {
    const file = { path: "/a/Film.mp4", size: 1, durationMs: 10_000 };
    assertEquals(hasFileOf([file], [{ ...file, ...changes }]), want);
  });
}

Deno.test("ownRows() follows an item's files as they come and go, and leaves out another film's", () => {
  const file = (path: string) => ({ path, size: 0, durationMs: null });
  const rows = ["/other", "/a", "/a /b", "/b /c"].map((paths, at) => ({
    at,
    files: paths.split(" ").map(file),
  }));
  assertEquals(ownRows(rows, [file("/c")]).map(({ at }) => at), [1, 2, 3]);
  assertEquals(ownRows(rows, [file("/other")]).map(({ at }) => at), [0]);
  assertEquals(ownRows(rows, []), []);
});
