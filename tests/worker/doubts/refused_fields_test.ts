/** What becomes of the work while something before Plex refuses edits of some fields. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Rig, type RigOptions } from "../rig.ts";
import { edit, undo } from "../undo/undo_rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 20;

/** How requests that edit a field look. */
const REFUSED = {
  tags: "genre",
  performers: "actor",
  collection: "collection",
  date: "originally",
  "all lists": "%5B|\\[",
  "two texts": "studio|originally",
  "a text and a list": "studio|genre",
};

function open(options: RigOptions = {}): Promise<Rig> {
  return Rig.open({ library: { scenes: SCENES }, settings: { maxRetries: 2 }, ...options });
}

function titled(rig: Rig): number {
  return rig.stash.scenes().filter(({ id, title }) => rig.itemOf(id!).title === title).length;
}

/** Scenes of which a tag is not on their item. */
function untagged(rig: Rig): string[] {
  return rig.stash.scenes().filter(({ id, tags = [] }) => {
    const there = rig.itemOf(id!).genres.map((name) => name.toLowerCase());
    return tags.some(({ name }) => !there.includes(name.toLowerCase()));
  }).map(({ id }) => id!);
}

function said(rig: Rig, from: number): unknown[] {
  return rig.lines.slice(from).filter(({ level, fields }) =>
    level === "warning" || level === "error" || fields.event === "fields_back"
  ).map(({ fields }) => fields.event);
}

for (const [field, path] of Object.entries(REFUSED)) {
  for (const status of [302, 400, 401, 403, 422]) {
    for (const already of [false, true]) {
      const where = already ? ", in a library that was in sync" : "";

      Deno.test(`nobody pays and all else is written while every edit of ${field} meets ${status}${where}`, async () => {
        await using rig = await open();
        if (already) {
          await rig.syncThenChange((id) => ({
            title: `Anew ${id}`,
            tags: [`Tag ${id}`],
            performers: [`Person ${id}`],
            studio: `Studio ${id}`,
            date: "2001-02-03",
          }));
        }
        const before = rig.lines.length;
        rig.plex.clearRequests();
        rig.plex.setFaults([{ method: "PUT", path, status }]);
        rig.enqueue();
        let titles = 0;
        let writes = 0;
        rig.runtime.after(29 * MINUTE_MS, () => {
          titles = titled(rig);
          writes = rig.writes().filter((request) => request.startsWith("PUT")).length;
        });
        rig.runtime.after(30 * MINUTE_MS, () => rig.plex.setFaults([]));
        await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
        const outcomes = rig.outcomes();
        assertEquals([outcomes.retry, outcomes.dead, rig.store.deadLetters.count()], [
          undefined,
          undefined,
          0,
        ]);
        assertEquals(titles, SCENES);
        assert(writes < 12 * SCENES, `${writes} writes`);
        assertEquals(untagged(rig), []);
        assertEquals([...new Set(said(rig, before))], ["fields_rest", "fields_back"]);
      });
    }
  }
}

for (const already of [false, true]) {
  Deno.test(`one item whose tags alone are refused is given up by itself, all else of it written${already ? ", when others were written long ago" : ""}`, async () => {
    await using rig = await open();
    if (already) {
      rig.enqueue();
      await rig.once();
      rig.stash.upsert([{ id: "3", title: "Anew", tags: ["Another"] }]);
    }
    const item = rig.itemOf("3").ratingKey;
    rig.plex.setFaults([{ method: "PUT", path: `[?&]id=${item}&.*genre`, status: 403 }]);
    rig.enqueue(already ? ["3"] : undefined);
    await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
    const [letter, ...others] = rig.store.deadLetters.recent(9);
    assertEquals([letter?.scene_id, others], ["3", []]);
    assertStringIncludes(letter!.error_message, "Plex answered 403 to its tags, and took all else");
    assertEquals([titled(rig), untagged(rig)], [SCENES, ["3"]]);
  });
}

Deno.test("scenes without tags are written at once while every edit of tags is refused", async () => {
  await using rig = await open();
  const bare = ["2", "5", "9"];
  rig.stash.upsert(bare.map((id) => ({ id, tags: [] })));
  rig.plex.setFaults([{ method: "PUT", path: "genre", status: 403 }]);
  rig.enqueue();
  await rig.once();
  const done = rig.store.outcomes.recent(99).filter(({ outcome }) => outcome === "written")
    .map(({ scene_id }) => scene_id).sort();
  assertEquals([done, rig.store.deadLetters.count(), rig.gates.target.pausedBecause], [
    bare,
    0,
    null,
  ]);
});

function withoutImages(rig: Rig): string[] {
  return rig.stash.scenes().map(({ id }) => id!).filter((id) => {
    const { poster, art } = rig.itemOf(id);
    return poster === null || art === null;
  });
}

for (const scenes of [1, 3, SCENES]) {
  Deno.test(`images are shown at once while every edit of tags of ${scenes} scenes is refused`, async () => {
    await using rig = await open({ library: { scenes } });
    rig.plex.setFaults([{ method: "PUT", path: "genre", status: 403 }]);
    rig.enqueue();
    await rig.once();
    assertEquals(withoutImages(rig), []);
  });
}

Deno.test("the images of an item are shown whose tags alone are refused, and all that was written can be taken back", async () => {
  await using rig = await open({ settings: { maxRetries: 2, syncBackground: false } });
  const before = rig.itemOf("3");
  rig.plex.setFaults([
    { method: "PUT", path: `[?&]id=${before.ratingKey}&.*genre`, status: 403 },
  ]);
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
  assertEquals(rig.store.deadLetters.recent(9).map(({ scene_id }) => scene_id), ["3"]);
  assert(rig.itemOf("3").poster !== null);
  assertEquals((await undo(rig, { kind: "scene", scene: "3" })).errors, []);
  const { title, genres, poster } = rig.itemOf("3");
  assertEquals([title, genres, poster], [before.title, before.genres, before.poster]);
});

// Of a field with one value, what stands there instead could be a person's.
for (const path of ["title.value", "summary.value", "genre"]) {
  for (const already of [false, true]) {
    const where = already ? ", in a library that was in sync" : "";

    Deno.test(`what was refused of all items is no person's edit, and follows (${path})${where}`, async () => {
      await using rig = await open({ settings: { preservePlexEdits: true } });
      const fresh = rig.stash.scenes().map(({ id }) => id!);
      if (already) {
        rig.enqueue();
        await rig.once();
      }
      // A person's edit stays one.
      const kept = "4";
      const person = rig.itemOf(kept).ratingKey;
      await edit(
        rig,
        "title.value=Mine&title.locked=1&summary.value=Mine&summary.locked=1",
        person,
      );
      rig.stash.upsert(
        fresh.map((id) => ({
          id,
          title: `Anew ${id}`,
          details: `Text ${id}`,
          tags: [`Tag ${id}`],
        })),
      );
      rig.plex.setFaults([{ method: "PUT", path, status: 403 }]);
      rig.enqueue();
      rig.runtime.after(30 * MINUTE_MS, () => rig.plex.setFaults([]));
      await rig.until(() => rig.store.jobs.count() === 0, 90 * MINUTE_MS);
      const others = fresh.filter((id) => id !== kept);
      const values = (id: string) => {
        const { title, summary } = rig.itemOf(id);
        return [id, title, summary];
      };
      assertEquals(others.map(values), others.map((id) => [id, `Anew ${id}`, `Text ${id}`]));
      assertEquals(values(kept), [kept, "Mine", "Mine"]);
      assertEquals(untagged(rig), []);
    });
  }
}
