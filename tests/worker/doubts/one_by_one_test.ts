/** What becomes of refusals that come one by one, while nobody else can be asked. */
import { assert, assertEquals } from "@std/assert";
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

for (const [batchSize, scenes, path] of [[2, 6, "genre"], [4, 8, "/library/"]] as const) {
  Deno.test(`nobody pays while those that could tell are claimed already, by batches of ${batchSize}`, async () => {
    await using rig = await Rig.open({
      library: { scenes },
      settings: { maxRetries: 3, batchSize },
    });
    rig.plex.setFaults([{ method: "PUT", path, status: 403 }]);
    rig.enqueue();
    rig.runtime.after(40 * MINUTE_MS, () => rig.plex.setFaults([]));
    await rig.until(() => rig.store.jobs.count() === 0, 90 * MINUTE_MS);
    assertEquals([rig.outcomes().dead, rig.store.deadLetters.count()], [undefined, 0]);
  });
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

for (const status of [400, 403]) {
  for (const already of [false, true]) {
    Deno.test(`eight items of which all edits meet ${status} are given up soon beside others that are taken${already ? ", in a library that was in sync" : ""}`, async () => {
      await using rig = await Rig.open({ library: { scenes: 40 }, settings: { maxRetries: 3 } });
      if (already) {
        await rig.syncThenChange((id) => ({
          title: `Anew ${id}`,
          tags: [`Tag ${id}`],
          studio: `Studio ${id}`,
        }));
      }
      const sick = rig.plex.items().slice(7, 15).map(({ ratingKey }) => ratingKey);
      rig.plex.setFaults(sick.map((item) => ({ item, method: "PUT", status })));
      rig.enqueue();
      const began = rig.runtime.now();
      await rig.until(() => rig.store.jobs.count() === 0, 30 * MINUTE_MS);
      assertEquals(rig.store.deadLetters.count(), sick.length);
      assert(rig.runtime.now() - began < 30_000, `${rig.runtime.now() - began} ms`);
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
  const ids = rig.stash.scenes().map(({ id }) => id!);
  const sick = ids.slice(0, 2);
  rig.plex.setFaults(
    sick.map((id) => ({
      method: "PUT",
      path: `[?&]id=${rig.itemOf(id).ratingKey}&.*title.value`,
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
    titled = ids.filter((id) => rig.itemOf(id).title === `Anew ${id}`);
  });
  await rig.until(() => titled.length > 0, 120 * MINUTE_MS);
  assertEquals(titled, ids.slice(2));
});

for (const first of ["was given up alone", "was given up among others", "needed none any more"]) {
  Deno.test(`an item that does not hear of its title is given up where another one ${first} long before`, async () => {
    // Each write shows by a stamp of its own.
    let now = Date.now();
    await using rig = await Rig.open({
      library: { scenes: SCENES },
      settings: { maxRetries: 2 },
      plex: { now: () => now += 1_000 },
    });
    rig.enqueue();
    await rig.once();
    const scenes = rig.stash.scenes().map(({ id, title }) => ({ id: id!, title: title! }));
    const [one, other, ...others] = scenes.map(({ id }) => id) as [string, string, ...string[]];
    const deaf = (id: string) => {
      const { ratingKey } = rig.itemOf(id);
      return { method: "PUT", path: `[?&]id=${ratingKey}&.*title.value`, status: 200 };
    };
    const change = (ids: string[]) => {
      rig.stash.upsert(ids.map((id) => ({ id, title: `Anew ${id}` })));
      rig.enqueue(ids);
    };
    rig.plex.setFaults([deaf(one), deaf(other)]);
    change(first === "was given up among others" ? [one, ...others] : [one]);
    if (first === "needed none any more") {
      await rig.once();
      rig.stash.upsert(scenes.slice(0, 1));
      rig.enqueue([one]);
    }
    await rig.until(() => rig.store.jobs.count() === 0, 10 * MINUTE_MS);
    const given = first === "needed none any more" ? [] : [one];
    assertEquals(rig.store.deadLetters.recent(9).map(({ scene_id }) => scene_id), given);
    rig.runtime.jump(24 * 60 * MINUTE_MS);
    change([other]);
    await rig.until(() => rig.store.jobs.count() === 0, 10 * MINUTE_MS);
    assertEquals(rig.store.deadLetters.count(), given.length + 1);
    assertEquals(rig.lines.filter(({ fields }) => fields.event === "fields_rest"), []);
  });
}
