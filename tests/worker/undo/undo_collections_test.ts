/** Plex ends a collection with its last member, and what somebody made of it ends with it. */
import { assertEquals } from "@std/assert";
import { Rig } from "../rig.ts";
import { ask, edit, NO_IMAGES, preview, undo } from "./undo_rig.ts";

const LIST = "/library/sections/1/collections";
const WHY = "the collection Works has been edited by somebody and would end with it";
const BYTES = Uint8Array.from([0xff, 0xd8, 0xff, 7]);

/** Three scenes of one studio, synced: a collection of its name has three members. */
async function withStudio(studio = "Works"): Promise<Rig> {
  const rig = await Rig.open({ ...NO_IMAGES, library: { scenes: 3 } });
  rig.stash.upsert(["1", "2", "3"].map((id) => ({ id, studio })));
  rig.enqueue();
  await rig.once();
  return rig;
}

async function collections(rig: Rig): Promise<Record<string, string>[]> {
  return (await ask(rig, "GET", LIST)).Metadata ?? [];
}

async function keyOf(rig: Rig): Promise<string> {
  return (await collections(rig))[0]!.ratingKey!;
}

type Edit = { by: string; make: (rig: Rig, key: string) => Promise<unknown> };

const put = (query: string): Edit["make"] => (rig, key) =>
  ask(rig, "PUT", `/library/metadata/${key}${query}`);

const EDITS: readonly Edit[] = [
  { by: "a summary", make: put("?summary.value=Best%20of") },
  { by: "a lock", make: put("?title.locked=1") },
  { by: "a sort title", make: put("?titleSort.value=0001") },
  { by: "how it is shown", make: put("/prefs?collectionMode=2") },
  { by: "its own order", make: put("/prefs?collectionSort=2") },
  { by: "a label", make: put("?label[0].tag.tag=Mine") },
  {
    by: "a poster",
    make: (rig, key) => ask(rig, "POST", `/library/metadata/${key}/posters`, BYTES),
  },
  {
    by: "a background",
    make: (rig, key) => ask(rig, "POST", `/library/metadata/${key}/arts`, BYTES),
  },
];

for (const { by, make } of EDITS) {
  Deno.test(`an undo leaves the last member in a collection that somebody edited: ${by}`, async () => {
    await using rig = await withStudio();
    const key = await keyOf(rig);
    await make(rig, key);
    const left = (await preview(rig)).left;
    assertEquals(left, [`collection: ${WHY}`]);
    assertEquals((await undo(rig)).left, left);
    const [kept] = await collections(rig);
    assertEquals([kept?.ratingKey, kept?.childCount], [key, 1]);
    // All else of that item came back, and its lock keeps the collection from an agent.
    const last = rig.plex.items().find(({ collections }) => collections.length > 0)!;
    assertEquals([last.studio, last.locked], [null, ["collection"]]);
    const writes = rig.writes().length;
    assertEquals((await undo(rig)).left, left);
    assertEquals(rig.writes().length, writes);
  });
}

for (const studio of ["Works", "The Works"]) {
  Deno.test(`a collection that nobody edited ends with the undo: ${studio}`, async () => {
    await using rig = await withStudio(studio);
    assertEquals((await collections(rig)).map(({ title }) => title), [studio]);
    assertEquals((await undo(rig)).left, []);
    assertEquals(await collections(rig), []);
  });
}

Deno.test("all of ours leave a collection that somebody edited and has others in", async () => {
  await using rig = await withStudio();
  const other = rig.plex.items()[2]!;
  await ask(rig, "PUT", `/library/metadata/${await keyOf(rig)}?summary.value=Best`);
  await undo(rig, { kind: "scene", scene: "3" });
  await edit(rig, "collection[0].tag.tag=Works", other.ratingKey);
  assertEquals((await undo(rig)).left, []);
  assertEquals((await collections(rig)).map(({ childCount }) => `${childCount}`), ["1"]);
});

Deno.test("the last of a collection leaves once somebody else is in it", async () => {
  await using rig = await withStudio();
  await ask(rig, "PUT", `/library/metadata/${await keyOf(rig)}?summary.value=Best`);
  await undo(rig);
  const [free] = rig.plex.items().filter(({ collections }) => collections.length === 0);
  await edit(rig, "collection[0].tag.tag=Works", free!.ratingKey);
  assertEquals((await undo(rig)).left, []);
  assertEquals(rig.plex.items().map(({ collections }) => collections.length).sort(), [0, 0, 1]);
});

Deno.test("a sync that moves scenes to another studio leaves the last in a collection that somebody edited", async () => {
  await using rig = await withStudio();
  const key = await keyOf(rig);
  await put("?summary.value=Best%20of")(rig, key);
  rig.stash.upsert(["1", "2", "3"].map((id) => ({ id, studio: "Other" })));
  rig.enqueue();
  await rig.once();
  const kept = (await collections(rig)).find(({ ratingKey }) => ratingKey === key);
  assertEquals([kept?.childCount, kept?.summary], [1, "Best of"]);
  assertEquals(
    rig.store.outcomes.recent(3).filter(({ left_out }) => left_out.includes("Works")).length,
    1,
  );
  const writes = rig.writes().length;
  rig.enqueue();
  await rig.once();
  assertEquals(rig.writes().length, writes, "it is no difference");
  assertEquals([rig.store.jobs.count(), rig.errors()], [0, []]);
});

Deno.test("scenes leave the collection of their studio while nobody has edited it", async () => {
  await using rig = await withStudio();
  rig.stash.upsert(["1", "2", "3"].map((id) => ({ id, studio: "Other" })));
  rig.enqueue();
  await rig.once();
  assertEquals((await collections(rig)).map(({ title }) => title), ["Other"]);
});
