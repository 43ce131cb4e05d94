/** What becomes of the work while edits of some fields are answered with 200 and change nothing. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Rig, type RigOptions } from "../rig.ts";
import { edit } from "../undo/undo_rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 20;

interface Unheard {
  /** Fields as people call them. */
  fields: string[];
  begin(rig: Rig): void;
  end(rig: Rig): void;
}

/** Something before Plex answers each request that looks so. */
function eaten(fields: string[], path: string): Unheard {
  return {
    fields,
    begin: (rig) => rig.plex.setFaults([{ method: "PUT", path, status: 200 }]),
    end: (rig) => rig.plex.setFaults([]),
  };
}

/** Plex itself changes all but these. */
function ignored(fields: string[], names: string): Unheard {
  return {
    fields,
    begin: (rig) => void (rig.plex.switches.unheardFields = names),
    end: (rig) => void (rig.plex.switches.unheardFields = ""),
  };
}

const UNHEARD: Record<string, Unheard> = {
  "requests with a title": eaten(["title"], "title.value"),
  "requests with a summary": eaten(["summary"], "summary.value"),
  "requests with a date": eaten(["date"], "originallyAvailableAt.value"),
  "requests with tags": eaten(["tags"], "genre%5B|genre\\["),
  "requests with a studio or a date": eaten(["studio", "date"], "studio.value|originallyA.*value"),
  "the title": ignored(["title"], "title"),
  "the summary": ignored(["summary"], "summary"),
  "the date": ignored(["date"], "originallyAvailableAt"),
  "tags": ignored(["tags"], "genre"),
  "performers": ignored(["performers"], "actor"),
  "collections": ignored(["collection"], "collection"),
  "studio and tags": ignored(["studio", "tags"], "studio,genre"),
};

function open(options: RigOptions = {}): Promise<Rig> {
  return Rig.open({ library: { scenes: SCENES }, settings: { maxRetries: 2 }, ...options });
}

/** Changes all of each of these scenes. */
function change(rig: Rig, ids: readonly string[], word: string): void {
  rig.stash.upsert(ids.map((id) => ({
    id,
    title: `${word} ${id}`,
    details: `Text ${word} ${id}`,
    tags: [`Tag ${word} ${id}`],
    performers: [`Person ${word} ${id}`],
    studio: `Studio ${word} ${id}`,
    date: `2001-02-${String(Number(id) % 28 + 1).padStart(2, "0")}`,
  })));
}

function idsOf(rig: Rig): string[] {
  return rig.stash.scenes().map(({ id }) => id!);
}

/** Per field: how many of these scenes have theirs on their item. */
function stands(rig: Rig, ids: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const id of ids) {
    const { title, details, tags = [], performers = [], studio, date } = rig.stash.scenes()
      .find((scene) => scene.id === id)!;
    const item = rig.itemOf(id);
    const hasAll = (names: readonly string[], there: readonly string[]) =>
      names.every((name) => there.some((each) => each.toLowerCase() === name.toLowerCase()));
    const namesOf = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);
    const is: Record<string, boolean> = {
      title: item.title === title,
      summary: item.summary === details,
      tags: hasAll(namesOf(tags), item.genres),
      performers: hasAll(namesOf(performers), item.actors),
      studio: item.studio === studio?.name,
      collection: hasAll(studio ? [studio.name] : [], item.collections),
      date: item.originallyAvailableAt === date,
    };
    for (const [field, does] of Object.entries(is)) {
      counts[field] = (counts[field] ?? 0) + Number(does);
    }
  }
  return counts;
}

function said(rig: Rig, from = 0): unknown[] {
  return rig.lines.slice(from).filter(({ level, fields }) =>
    level === "warning" || level === "error" || fields.event === "fields_back"
  ).map(({ fields }) => fields.event);
}

function puts(rig: Rig): number {
  return rig.writes().filter((request) => request.startsWith("PUT")).length;
}

const slowly: typeof fetch = async (input, init) => {
  if (init?.method === "PUT") await new Promise((resolve) => setTimeout(resolve, 1_000));
  return await fetch(input, init);
};

/** Since the true clock tells Plex's stamps, it has to be another second. */
async function nextSecond(rig: Rig): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) === second) await rig.runtime.sleep(0);
}

for (const [what, { fields, begin, end }] of Object.entries(UNHEARD)) {
  for (const already of [false, true]) {
    const where = already ? ", in a library that was in sync" : "";

    Deno.test(`nobody pays and all other fields are written while Plex does not hear ${what}${where}`, async () => {
      await using rig = await open();
      if (already) {
        rig.enqueue();
        await rig.once();
      }
      const ids = idsOf(rig);
      change(rig, ids, "Anew");
      const before = rig.lines.length;
      rig.plex.clearRequests();
      begin(rig);
      rig.enqueue();
      await rig.once();
      const soon = stands(rig, ids);
      let writes = 0;
      rig.runtime.after(29 * MINUTE_MS, () => {
        writes = puts(rig);
      });
      rig.runtime.after(30 * MINUTE_MS, () => end(rig));
      await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
      const outcomes = rig.outcomes();
      assertEquals([outcomes.retry, outcomes.dead, rig.store.deadLetters.count()], [
        undefined,
        undefined,
        0,
      ]);
      for (const [field, count] of Object.entries(soon)) {
        if (!fields.includes(field)) assertEquals(count, SCENES, field);
      }
      for (const [field, count] of Object.entries(stands(rig, ids))) {
        assertEquals(count, SCENES, field);
      }
      assertEquals(said(rig, before), ["fields_rest", "fields_back"]);
      const told = rig.lines.find(({ fields }) => fields.event === "fields_rest")!;
      for (const field of fields) assertStringIncludes(told.message, field);
      assertStringIncludes(String(told.fields.hint), "Plex");
      assert(writes < 6 * SCENES, `${writes} writes`);
    });
  }
}

for (const by of ["a request", "Plex"]) {
  for (const others of ["in the same batch", "long ago"]) {
    for (const scenes of others === "long ago" ? [2, SCENES] : [SCENES]) {
      Deno.test(`one item of ${scenes} of which ${by} leaves the title alone is given up by itself, others being written ${others}`, async () => {
        await using rig = await open({
          library: { scenes },
          // Plex's stamps have whole seconds: of two items each write is to be seen.
          ...(scenes === 2 ? { fetch: slowly } : {}),
        });
        rig.enqueue();
        await rig.once();
        const ids = others === "long ago" ? ["1"] : idsOf(rig);
        change(rig, ids, "Anew");
        if (by === "Plex") rig.stash.upsert([{ id: "1", title: "Anew alone" }]);
        await nextSecond(rig);
        const item = rig.itemOf("1").ratingKey;
        const before = rig.lines.length;
        rig.plex.setFaults([{ method: "PUT", path: `[?&]id=${item}&.*title.value`, status: 200 }]);
        rig.enqueue(ids);
        await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
        assertEquals(rig.store.deadLetters.recent(9).map(({ scene_id }) => scene_id), ["1"]);
        assertEquals(rig.store.deadLetters.byType(), { PlexPermanentError: 1 });
        const { title, ...counts } = stands(rig, ids);
        assertEquals(title, ids.length - 1);
        assertEquals(new Set(Object.values(counts)), new Set([ids.length]));
        assertEquals(said(rig, before), ["job_dead"]);
      });
    }
  }
}

Deno.test("a resting field is tried by one job each time, and the rest outlives a restart", async () => {
  for (
    const { begin, end } of [
      UNHEARD["requests with a title"]!,
      UNHEARD["tags"]!,
      {
        begin: (rig: Rig) => rig.plex.setFaults([{ method: "PUT", path: "genre", status: 403 }]),
        end: (rig: Rig) => rig.plex.setFaults([]),
      },
    ]
  ) {
    await using rig = await open();
    rig.enqueue();
    await rig.once();
    change(rig, idsOf(rig), "Anew");
    begin(rig);
    rig.enqueue();
    await rig.once();
    const warned = () => rig.lines.filter(({ fields }) => fields.event === "fields_rest").length;
    assertEquals(warned(), 1);
    for (const restart of [false, true]) {
      rig.plex.clearRequests();
      if (restart) rig.start();
      // Nothing is tried before its time, whoever was started meanwhile.
      await rig.until(() => false, 5 * MINUTE_MS).catch(() => {});
      assertEquals(puts(rig), 0, `${restart}`);
      await rig.until(() => false, 8 * MINUTE_MS).catch(() => {});
      // One edit, once more, and of a list in one more way.
      const sent = rig.plex.requests().filter(({ method }) => method === "PUT").map(({ query }) =>
        query
      ).join("\n");
      assert(puts(rig) >= 1 && puts(rig) <= 4, `${sent}, ${restart}`);
      const tried = new Set(
        rig.plex.requests().filter(({ method }) => method === "PUT").map(({ path, query }) =>
          new URLSearchParams(query ?? path.split("?")[1]).get("id")
        ),
      );
      assert(tried.size <= 2, `${[...tried]}`);
    }
    end(rig);
    const from = rig.runtime.now();
    await rig.until(() => rig.store.jobs.count() === 0, 15 * MINUTE_MS);
    // All others follow the one that shows it.
    assert(rig.runtime.now() - from <= 11 * MINUTE_MS);
    assertEquals(rig.store.deadLetters.count(), 0);
    assertEquals(new Set(Object.values(stands(rig, idsOf(rig)))), new Set([SCENES]));
  }
});

for (const what of ["requests with a title", "the title"]) {
  Deno.test(`a title that is not heard (${what}) is no person's edit, and a person's is kept`, async () => {
    await using rig = await open({ settings: { preservePlexEdits: true } });
    rig.enqueue();
    await rig.once();
    const kept = "4";
    await edit(rig, "title.value=Mine&title.locked=1", rig.itemOf(kept).ratingKey);
    change(rig, idsOf(rig), "Anew");
    UNHEARD[what]!.begin(rig);
    rig.enqueue();
    // Somebody writes one meanwhile, too.
    const late = "7";
    rig.runtime.after(5 * MINUTE_MS, () => {
      UNHEARD[what]!.end(rig);
      const { ratingKey } = rig.itemOf(late);
      void edit(rig, "title.value=Mine too&title.locked=1", ratingKey);
    });
    await rig.until(() => rig.store.jobs.count() === 0, 60 * MINUTE_MS);
    assertEquals(rig.store.deadLetters.count(), 0);
    const theirs = [kept, late].map((id) => rig.itemOf(id).title);
    assertEquals(theirs, ["Mine", "Mine too"]);
    assertEquals(stands(rig, idsOf(rig)).title, SCENES - 2);
  });
}

Deno.test("titles that half of the items do not hear keep none of the others waiting for long", async () => {
  await using rig = await open();
  rig.enqueue();
  await rig.once();
  change(rig, idsOf(rig), "Anew");
  await nextSecond(rig);
  rig.plex.setFaults([{ method: "PUT", path: "[?&]id=\\d*[02468]&.*title.value", status: 200 }]);
  rig.enqueue();
  const good = idsOf(rig).filter((id) => Number(rig.itemOf(id).ratingKey) % 2 === 1);
  await rig.until(() => stands(rig, good).title === good.length, 2 * MINUTE_MS);
  const { title: _, ...others } = stands(rig, idsOf(rig));
  assertEquals(new Set(Object.values(others)), new Set([SCENES]));
  rig.runtime.jump(5 * MINUTE_MS);
  change(rig, good, "Later");
  rig.enqueue(good);
  await rig.until(() => stands(rig, good).title === good.length, 25 * MINUTE_MS);
  assertEquals(said(rig).filter((event) => event === "fields_rest").length <= 2, true);
});

for (const what of ["requests with a title", "the title"]) {
  Deno.test(`all else of the one scene of a library is written while Plex does not hear ${what}`, async () => {
    await using rig = await open({ library: { scenes: 1 } });
    rig.enqueue();
    await rig.once();
    change(rig, ["1"], "Anew");
    await nextSecond(rig);
    UNHEARD[what]!.begin(rig);
    rig.enqueue();
    await rig.until(() => rig.store.jobs.count() === 0, 30 * MINUTE_MS);
    const { title, ...others } = stands(rig, ["1"]);
    assertEquals([title, new Set(Object.values(others))], [0, new Set([1])]);
    assertEquals([said(rig), rig.store.deadLetters.count()], [["job_dead"], 1]);
  });
}

Deno.test("a title that is changed back while it rests leaves nothing to do", async () => {
  await using rig = await open();
  rig.enqueue();
  await rig.once();
  const first = rig.stash.scenes().map(({ id, title }) => ({ id, title: title! }));
  rig.stash.upsert(first.map(({ id }) => ({ id, title: `Anew ${id!}` })));
  const { begin, end } = UNHEARD["requests with a title"]!;
  begin(rig);
  rig.enqueue();
  await rig.once();
  rig.stash.upsert(first);
  rig.enqueue();
  await rig.once();
  assertEquals([rig.store.jobs.count(), rig.store.deadLetters.count()], [0, 0]);
  end(rig);
  // What is left of the rest is no longer than it was.
  change(rig, ["2"], "At last");
  rig.enqueue(["2"]);
  await rig.until(() => rig.store.jobs.count() === 0, 11 * MINUTE_MS);
  assertEquals(stands(rig, ["2"]).title, 1);
});
