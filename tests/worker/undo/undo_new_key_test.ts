import { assertEquals } from "@std/assert";
import type { LibraryDocument } from "../../sim/library_document.ts";
import { Rig } from "../rig.ts";
import { NO_IMAGES, OURS, state, sync, undo, withOne } from "./undo_rig.ts";

/** Plex makes the item again, under a new id. @param to Where its file is from then on */
async function makeAnew(rig: Rig, to?: string): Promise<void> {
  const { size, durationMs } = rig.store.scenes.filesOf("1")[0]!;
  const { ratingKey: old, files } = state(rig);
  await rig.plex.removeFile(files[0]!);
  await rig.plex.addFiles([{ path: to ?? files[0]!, size, durationMs }]);
  assertEquals(state(rig).ratingKey === old, false);
  rig.runtime.jump(3_600_000);
}

Deno.test("what was undone stays so when Plex makes the item again under a new id", async () => {
  await using rig = await withOne(NO_IMAGES);
  await sync(rig);
  await undo(rig);
  await makeAnew(rig);
  const anew = state(rig);
  await sync(rig);
  assertEquals(state(rig), anew);
  await sync(rig, { title: "Other" });
  assertEquals(state(rig), {
    ...anew,
    title: "Other",
    locked: [...anew.locked, "title"].sort(),
  });
  await makeAnew(rig);
  await sync(rig);
  assertEquals(state(rig).title, "Other");
  assertEquals(state(rig).summary, anew.summary);
  await undo(rig);
  assertEquals(state(rig).title, anew.title);
});

Deno.test("what was undone on one film is not held on another, whose file has its path or its name", async () => {
  await using rig = await withOne(NO_IMAGES);
  await sync(rig);
  await undo(rig);
  const [path] = state(rig).files as [string];
  rig.stash.upsert([{ id: "1", files: [{ path, size: 99, duration: 9_999 }] }]);
  await rig.plex.removeFile(path);
  await rig.plex.addFiles([{ path, size: 99, durationMs: 9_999_000 }]);
  rig.runtime.jump(3_600_000);
  await sync(rig);
  assertEquals(state(rig).title, "Ours");
});

/** One film in the first of two libraries. */
const TWO_LIBRARIES: LibraryDocument = {
  plex: {
    sections: [
      { key: "1", title: "Films", type: "movie", locations: ["/data/films"] },
      { key: "2", title: "More", type: "movie", locations: ["/data/more"] },
    ],
    items: [{
      ratingKey: 1,
      section: "1",
      title: "Item 1",
      media: [{ parts: [{ file: "/data/films/1.mp4", size: 1_000, duration_ms: 60_000 }] }],
    }],
  },
  stash: {
    scenes: [{ ...OURS, files: [{ path: "/data/films/1.mp4", size: 1_000, duration: 60 }] }],
  },
};

/** The film moves into the other library, and Stash finds it there. */
async function moveToOther(rig: Rig): Promise<void> {
  const path = "/data/more/1.mp4";
  await makeAnew(rig, path);
  rig.stash.upsert([{ id: "1", files: [{ path, size: 1_000, duration: 60 }] }]);
}

Deno.test("what was written before a film moved to another library is gone with its item, which an undo says", async () => {
  await using rig = await Rig.open({ ...NO_IMAGES, document: TWO_LIBRARIES });
  await sync(rig);
  await moveToOther(rig);
  const anew = state(rig);
  assertEquals((await undo(rig)).errors, ["Item 1 is gone"]);
  await sync(rig);
  assertEquals(state(rig).title, "Ours");
  assertEquals((await undo(rig)).errors, [], "told once");
  assertEquals(state(rig), anew);
});

Deno.test("what was undone stays so when the film moves to another library", async () => {
  await using rig = await Rig.open({ ...NO_IMAGES, document: TWO_LIBRARIES });
  await sync(rig);
  await undo(rig);
  await moveToOther(rig);
  const anew = state(rig);
  await sync(rig);
  assertEquals(state(rig), anew);
});
