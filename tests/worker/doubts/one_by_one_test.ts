/** What becomes of refusals that come one by one, while nobody else can be asked. */
import { assertEquals } from "@std/assert";
import { Rig } from "../rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 12;

for (const batchSize of [1, 2, 4]) {
  for (const [what, path] of Object.entries({ "tags": "genre", "all fields": "/library/" })) {
    for (const status of [302, 400, 401, 403, 404]) {
      Deno.test(`nobody pays for edits of ${what} that meet ${status} by batches of ${batchSize} in a new library`, async () => {
        await using rig = await Rig.open({
          library: { scenes: SCENES },
          settings: { maxRetries: 3, batchSize },
        });
        rig.plex.setFaults([{ method: "PUT", path, status }]);
        rig.enqueue();
        rig.runtime.after(40 * MINUTE_MS, () => rig.plex.setFaults([]));
        await rig.until(() => rig.store.jobs.count() === 0, 90 * MINUTE_MS);
        const { retry, dead } = rig.outcomes();
        assertEquals([retry, dead, rig.store.deadLetters.count()], [undefined, undefined, 0]);
      });
    }
  }
}

for (const batchSize of [1, 2]) {
  for (const path of ["title.value", "genre"]) {
    Deno.test(`nobody is given up for a field of which nothing is heard by batches of ${batchSize} in a new library (${path})`, async () => {
      await using rig = await Rig.open({
        library: { scenes: SCENES },
        settings: { maxRetries: 3, batchSize },
      });
      rig.plex.setFaults([{ method: "PUT", path, status: 200 }]);
      rig.enqueue();
      rig.runtime.after(40 * MINUTE_MS, () => rig.plex.setFaults([]));
      await rig.until(() => rig.store.jobs.count() === 0, 90 * MINUTE_MS);
      assertEquals([rig.outcomes().dead, rig.store.deadLetters.count()], [undefined, 0]);
    });
  }
}

Deno.test("of refusals that come singly no more than four are given up before the others wait", async () => {
  await using rig = await Rig.open({ library: { scenes: SCENES } });
  rig.plex.setFaults([{ method: "PUT", path: "/library/", status: 403 }]);
  for (const { id } of rig.stash.scenes()) {
    rig.enqueue([id!]);
    await rig.once();
  }
  assertEquals([rig.store.deadLetters.count(), rig.store.jobs.count()], [4, SCENES - 4]);
  rig.plex.setFaults([]);
  await rig.until(() => rig.store.jobs.count() === 0, 30 * MINUTE_MS);
  assertEquals(rig.outcomes().written, SCENES - 4);
});

Deno.test("two items that do not hear of their titles keep no other title waiting", async () => {
  await using rig = await Rig.open({ library: { scenes: SCENES }, settings: { maxRetries: 3 } });
  rig.enqueue();
  await rig.once();
  const itemOf = (sceneId: string) => {
    const path = rig.stash.scenes().find(({ id }) => id === sceneId)!.files[0]!.path;
    return rig.plex.items().find(({ files }) => files.includes(path))!;
  };
  const ids = rig.stash.scenes().map(({ id }) => id!);
  const sick = ids.slice(0, 2);
  rig.plex.setFaults(
    sick.map((id) => ({
      method: "PUT",
      path: `[?&]id=${itemOf(id).ratingKey}&.*title.value`,
      status: 200,
    })),
  );
  rig.stash.upsert(sick.map((id) => ({ id, title: `Anew ${id}` })));
  rig.enqueue(sick);
  let n = 2;
  const next = () => {
    const id = ids[n++];
    if (id === undefined) return;
    rig.stash.upsert([{ id, title: `Anew ${id}` }]);
    rig.enqueue([id]);
    rig.runtime.after(7 * MINUTE_MS, next);
  };
  rig.runtime.after(3 * MINUTE_MS, next);
  let titled: string[] = [];
  rig.runtime.after(110 * MINUTE_MS, () => {
    titled = ids.filter((id) => itemOf(id).title === `Anew ${id}`);
  });
  await rig.until(() => titled.length > 0, 120 * MINUTE_MS);
  assertEquals(titled, ids.slice(2));
});
