import { assertEquals } from "@std/assert";
import { isPutAgain } from "../../../src/app/scenes/undo.ts";
import { TARGET } from "../../one_target.ts";
import { ask, edit, NO_IMAGES, preview, state, sync, undo, withOne } from "./undo_rig.ts";

/** The first item, as holds know it. */
function itemOf(rig: Parameters<typeof state>[0]) {
  const { ratingKey, files } = state(rig);
  return { id: ratingKey, files: files.map((path) => ({ path, size: 0, durationMs: null })) };
}

Deno.test("after an undo an item is as it was before the first write, locks and images included", async () => {
  await using rig = await withOne({ settings: { syncBackground: false } });
  await edit(rig, "genre[0].tag.tag=Old&studio.value=Theirs&studio.locked=1");
  const before = state(rig);
  await sync(rig);
  await sync(rig, { title: "Ours again", tags: ["two", "three"] });
  const { restored, left } = await undo(rig);
  assertEquals(state(rig), before);
  assertEquals(left, []);
  assertEquals(restored.sort(), [
    "collection",
    "date",
    "performers",
    "poster",
    "studio",
    "summary",
    "tags",
    "title",
  ]);
  assertEquals(rig.store.jobs.count(), 0);
});

Deno.test("a second undo writes nothing, and the undo of an undo brings ours back", async () => {
  await using rig = await withOne({ settings: { syncBackground: false } });
  await sync(rig);
  const ours = state(rig);
  const { run } = await undo(rig);
  const writes = rig.writes().length;
  await undo(rig);
  assertEquals(rig.writes().length, writes);
  assertEquals((await undo(rig, { kind: "run", run })).left, []);
  assertEquals(state(rig), ours);
  const again = rig.writes().length;
  await sync(rig);
  assertEquals(rig.writes().length, again);
  await undo(rig);
  assertEquals(state(rig).title === "Ours", false);
});

Deno.test("what was undone stays so until its own value changes in Stash", async () => {
  await using rig = await withOne();
  await sync(rig);
  await undo(rig);
  const undone = state(rig);
  await sync(rig);
  assertEquals(state(rig), undone);
  await sync(rig, { code: "C-1", tags: ["one", "two", "four"] });
  assertEquals(state(rig), {
    ...undone,
    tagline: "C-1",
    genres: ["Four"],
    locked: [...undone.locked, "genre", "tagline"].sort(),
  });
  await sync(rig, { title: "Other" });
  assertEquals(state(rig).title, "Other");
  await sync(rig, { tags: ["two"] });
  await sync(rig, { tags: ["one", "two"] });
  assertEquals(state(rig).genres, ["One"]);
});

Deno.test("what a person changed since is left, name by name", async () => {
  await using rig = await withOne({ settings: { syncPoster: false, syncBackground: false } });
  await sync(rig);
  await edit(rig, "title.value=Mine&genre[0].tag.tag=One&genre[1].tag.tag=Mine");
  const { left } = await undo(rig);
  assertEquals(left, ["title: changed by somebody since"]);
  const { title, genres, summary } = state(rig);
  assertEquals({ title, genres, summary }, { title: "Mine", genres: ["Mine"], summary: null });
});

Deno.test("an undo asks Stash nothing, and needs no scene", async () => {
  await using rig = await withOne({ settings: { syncPoster: false, syncBackground: false } });
  const before = state(rig);
  await sync(rig);
  await rig.stash.close();
  const { restored } = await undo(rig);
  assertEquals(restored.length, 7);
  assertEquals(state(rig), before);
  assertEquals([rig.store.jobs.count(), rig.outcomes()], [0, { written: 1, undone: 1 }]);
});

Deno.test("the undo of an undo locks an image again that could not be taken away", async () => {
  await using rig = await withOne();
  await sync(rig);
  const ours = state(rig);
  const { run, left } = await undo(rig);
  assertEquals(left, ["background: an image cannot be taken away"]);
  assertEquals(state(rig).locked, []);
  const again = await undo(rig, { kind: "run", run });
  assertEquals(state(rig), ours);
  const writes = rig.writes().length;
  await sync(rig);
  assertEquals(rig.writes().length, writes, "it is known for ours");
  await undo(rig, { kind: "run", run: again.run });
  assertEquals(state(rig).locked, []);
});

Deno.test("an image that could not be taken away is left open, whoever replaces it, until --force locks it", async () => {
  await using rig = await withOne();
  await sync(rig);
  const ours = state(rig);
  await undo(rig);
  await sync(rig, { code: "Unrelated" });
  assertEquals(state(rig).locked, ["tagline"]);
  rig.store.of(TARGET).holds.lift(["1"]);
  await sync(rig, { code: "" });
  assertEquals(state(rig), { ...ours, locked: [...ours.locked, "tagline"].sort() });
  await undo(rig);
  assertEquals(state(rig).locked, []);
  const bytes = new Uint8Array([1, 2, 3]);
  await ask(rig, "POST", `/library/metadata/${ours.ratingKey}/arts`, bytes);
  const { art } = state(rig);
  await sync(rig, { code: "Unrelated again" });
  assertEquals(state(rig).art, art);
});

Deno.test("a second undo of all asks Plex nothing, until there is something again", async () => {
  await using rig = await withOne();
  await sync(rig);
  const targets = () => rig.store.of(TARGET).undos.targetsOf({ kind: "all" }).length;
  assertEquals(targets(), 1);
  const { run } = await undo(rig);
  assertEquals(targets(), 0);
  await undo(rig, { kind: "run", run });
  assertEquals(targets(), 1);
  await edit(rig, "title.value=Mine");
  await undo(rig);
  assertEquals((await preview(rig)).left.includes("title: changed by somebody since"), true);
});

Deno.test("what Stash changed without being written is what an undo holds by", async () => {
  await using rig = await withOne({
    settings: { ...NO_IMAGES.settings, preservePlexEdits: true },
  });
  const { title } = state(rig);
  await sync(rig);
  await edit(rig, "title.value=Mine&title.locked=1");
  await sync(rig, { title: "Newer", details: "Known " });
  assertEquals(state(rig).title, "Mine");
  await edit(rig, `title.value=${encodeURIComponent(title ?? "")}`);
  await undo(rig);
  await sync(rig, { code: "Unrelated" });
  assertEquals([state(rig).title, state(rig).summary], [title, null]);
  await sync(rig, { title: "Newest", details: "Unknown" });
  assertEquals([state(rig).title, state(rig).summary], ["Newest", "Unknown"]);
});

Deno.test("undos of undos go on by turns: ours and theirs, known for what they are", async () => {
  await using rig = await withOne({
    settings: { ...NO_IMAGES.settings, preservePlexEdits: true },
  });
  await edit(rig, "studio.value=Theirs&genre[0].tag.tag=Old");
  const before = state(rig);
  await sync(rig);
  const ours = state(rig);
  let { run } = await undo(rig);
  for (let turn = 0; turn < 3; turn++) {
    assertEquals(isPutAgain({ kind: "run", run }, rig), true, `turn ${turn}`);
    ({ run } = await undo(rig, { kind: "run", run }));
    assertEquals(state(rig), ours, `turn ${turn}`);
    assertEquals([...rig.store.of(TARGET).holds.of(itemOf(rig)).keys()], [], `turn ${turn}`);
    assertEquals(isPutAgain({ kind: "run", run }, rig), false, `turn ${turn}`);
    ({ run } = await undo(rig, { kind: "run", run }));
    assertEquals(state(rig), before, `turn ${turn}`);
    await sync(rig);
    assertEquals(state(rig), before, `turn ${turn}`);
  }
  await undo(rig, { kind: "run", run });
  await sync(rig, { title: "Ours again", tags: ["two"] });
  const { title, genres } = state(rig);
  assertEquals([title, genres], ["Ours again", ["Two", "Old"]]);
});

Deno.test("the undo of one run leaves a list locked in which a newer run's names stand, until these go", async () => {
  await using rig = await withOne(NO_IMAGES);
  const before = state(rig);
  await sync(rig, { tags: ["a"] });
  rig.runtime.jump(60_000);
  await sync(rig, { tags: ["a", "b"] });
  const ours = state(rig);
  const { run } = await undo(rig, { kind: "run", run: 1 });
  const shows = () => [state(rig).genres, state(rig).locked.includes("genre")];
  assertEquals(shows(), [["B"], true]);
  await undo(rig, { kind: "run", run: 1 });
  const again = await undo(rig, { kind: "run", run });
  assertEquals(state(rig).genres, ours.genres);
  await undo(rig, { kind: "run", run: again.run });
  assertEquals(shows(), [["B"], true]);
  await undo(rig);
  assertEquals(state(rig), before);
});

/** What Plex has, in two spellings each, of a name that Stash has once. */
const TWICE = [
  { spellings: ["One", "ONE"], tag: "one" },
  { spellings: ["Straße", "STRASSE"], tag: "strasse" },
];
for (const { spellings, tag } of TWICE) {
  Deno.test(`both spellings ${spellings.join(", ")} come back, and stay until Stash drops the name`, async () => {
    await using rig = await withOne({ settings: { ...NO_IMAGES.settings, tagMode: "mirror" } });
    await edit(rig, spellings.map((name, at) => `genre[${at}].tag.tag=${name}`).join("&"));
    await sync(rig, { tags: [tag] });
    assertEquals(state(rig).genres.length, 1);
    await undo(rig);
    assertEquals(state(rig).genres, spellings);
    await sync(rig, { code: "C-1" });
    assertEquals(state(rig).genres, spellings);
    await sync(rig, { tags: ["other"] });
    assertEquals(state(rig).genres, ["Other"]);
  });
}
