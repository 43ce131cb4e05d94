/** What an undo of all makes of items that Plex no longer has. */
import { assertEquals } from "@std/assert";
import { TARGET } from "../../one_target.ts";
import type { Rig } from "../rig.ts";
import { NO_IMAGES, preview, state, sync, undo, withOne } from "./undo_rig.ts";

const HOUR_MS = 60 * 60_000;

const meant = (rig: Rig) => rig.store.of(TARGET).undos.targetsOf({ kind: "all" }).length;

Deno.test("an item that is gone is named by one undo of all, and by each of its scene", async () => {
  await using rig = await withOne(NO_IMAGES);
  await sync(rig);
  const { ratingKey, files } = state(rig);
  await rig.plex.removeFile(files[0]!);
  rig.runtime.jump(HOUR_MS);
  const gone = [`Item ${ratingKey} is gone`];
  assertEquals((await preview(rig)).errors, ["the item is gone"]);
  assertEquals([(await undo(rig)).errors, meant(rig)], [gone, 0]);
  assertEquals((await undo(rig, { kind: "since", at: 0 })).errors, []);
  assertEquals((await undo(rig, { kind: "scene", scene: "1" })).errors, gone);
});

Deno.test("an item that was told to be gone is meant by an undo of all once it is there again", async () => {
  await using rig = await withOne(NO_IMAGES);
  await sync(rig);
  const { ratingKey, files } = state(rig);
  const { index } = rig.store.of(TARGET);
  const known = index.ofItem(ratingKey);
  await rig.plex.removeFile(files[0]!);
  rig.runtime.jump(HOUR_MS);
  await undo(rig);
  index.put(known.map((file) => ({ ...file, path: "/data/another film.mp4" })), 1);
  assertEquals(meant(rig), 0, "another film has its number");
  index.put(known, 2);
  assertEquals(meant(rig), 1);
});

Deno.test("the lock of a field that was right already is told when it comes back", async () => {
  await using rig = await withOne(NO_IMAGES);
  const title = state(rig).title!;
  await sync(rig, { title });
  const { locked } = state(rig);
  assertEquals(locked.includes("title"), true);
  const told = await preview(rig);
  const { locks, restored, left } = await undo(rig);
  assertEquals([locks, left, restored.includes("title")], [["title"], [], false]);
  assertEquals(told.locks, locks);
  assertEquals(state(rig).locked, []);
});
