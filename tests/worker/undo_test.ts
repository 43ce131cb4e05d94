import { assertEquals } from "@std/assert";
import type { UndoScope } from "../../src/core/undo.ts";
import { Rig, type RigOptions } from "./rig.ts";

const OURS = {
  id: "1",
  title: "Ours",
  code: "",
  details: "Known",
  date: "2020-02-03",
  tags: ["one", "two"],
  performers: ["Ann"],
  studio: "Works",
};

/** A rig with one scene that is known in Plex. */
async function withOne(options: RigOptions = {}): Promise<Rig> {
  const rig = await Rig.open({ ...options, library: { scenes: 1, ...options.library } });
  rig.stash.upsert([OURS]);
  return rig;
}

async function sync(rig: Rig, changes: Record<string, unknown> = {}): Promise<void> {
  if (Object.keys(changes).length > 0) rig.stash.upsert([{ id: "1", ...changes }]);
  rig.enqueue(["1"]);
  await rig.once();
  assertEquals([rig.store.jobs.count(), rig.errors()], [0, []]);
}

/** Takes back what a scope means. @returns the undo's run, and what was left */
async function undo(rig: Rig, scope: UndoScope = { kind: "all" }) {
  const { undos } = rig.store.of("plex");
  const run = rig.store.jobs.runs.begin("undo", rig.runtime.now());
  undos.request(undos.targetsOf(scope), () => scope, run, rig.runtime.now());
  await rig.once();
  const results = undos.results(run);
  return {
    run,
    restored: results.flatMap(({ result }) => result.restored),
    left: results.flatMap(({ result }) => result.left.map(({ field, why }) => `${field}: ${why}`)),
    errors: results.flatMap(({ result }) => result.error ?? []),
  };
}

/** Somebody's edit in Plex. */
async function edit(rig: Rig, query: string): Promise<void> {
  const { ratingKey } = rig.plex.items()[0]!;
  const put = await fetch(`${rig.plex.url}/library/metadata/${ratingKey}?${query}`, {
    method: "PUT",
    headers: { "X-Plex-Token": "sim-plex-token" },
  });
  await put.body?.cancel();
}

/** What Plex shows, stamps aside. */
function state(rig: Rig) {
  const item = rig.plex.items()[0]!;
  return item;
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
