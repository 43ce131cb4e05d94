import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Edit, Item } from "../../../src/core/sync/item.ts";
import { Rig, type RigOptions } from "../rig.ts";
import { TARGET } from "../../one_target.ts";

const NO_IMAGES = { syncPoster: false, syncBackground: false };

/** A rig with one scene that is known in Plex. */
async function withOne(options: RigOptions = {}): Promise<Rig> {
  const rig = await Rig.open({
    ...options,
    library: { scenes: 1, ...options.library },
    settings: { ...NO_IMAGES, ...options.settings },
  });
  rig.stash.upsert([{ id: "1", title: "Ours", details: "Known", tags: ["One"] }]);
  return rig;
}

async function sync(rig: Rig): Promise<void> {
  rig.enqueue(["1"]);
  await rig.until(() => rig.store.jobs.count() === 0);
}

/** Somebody else's edit, beside plexsync. */
async function edit(rig: Rig, query: string): Promise<void> {
  const { ratingKey } = rig.plex.items()[0]!;
  const headers = { "X-Plex-Token": "sim-plex-token" };
  const put = await fetch(`${rig.plex.url}/library/metadata/${ratingKey}?${query}`, {
    method: "PUT",
    headers,
  });
  await put.body?.cancel();
}

/** Lets somebody write between our writes and the look at what stands there, `times` times. */
function interfere(rig: Rig, query: string, times: number): void {
  const { target } = rig.context;
  const after = async () => {
    if (times-- > 0) await edit(rig, query);
  };
  rig.context.target = {
    ...target,
    write: async (item: Item, change: Edit) => {
      const sent = await target.write(item, change);
      await after();
      return sent;
    },
    repair: async (...args) => {
      const sent = await target.repair(...args);
      await after();
      return sent;
    },
  };
}

function remembered(rig: Rig) {
  return rig.store.of(TARGET).written.ofScene("1")[0]!.fields;
}

Deno.test("a foreign value that comes between write and look is written over once", async () => {
  await using rig = await withOne();
  interfere(rig, "summary.value=Theirs", 1);
  await sync(rig);
  assertEquals(rig.plex.items()[0]!.summary, "Known");
  assertEquals(rig.store.deadLetters.count(), 0);
  assertEquals(remembered(rig).summary?.ours, ["Known"]);
});

Deno.test("a foreign value that comes twice is told of, not fought and not taken for ours", async () => {
  await using rig = await withOne();
  interfere(rig, "summary.value=Theirs", 2);
  await sync(rig);
  const [letter] = rig.store.deadLetters.recent(1);
  assertEquals(letter?.error_type, "PlexPermanentError");
  assertStringIncludes(letter!.error_message, "summary");
  assertEquals(rig.plex.items()[0]!.title, "Ours");
  assertEquals(remembered(rig).title?.ours, ["Ours"]);
  assertEquals(remembered(rig).summary, undefined);
});

Deno.test("with preserve_plex_edits what a person wrote meanwhile is kept, and not written again", async () => {
  await using rig = await withOne({ settings: { preservePlexEdits: true } });
  interfere(rig, "summary.value=Theirs", 1);
  await sync(rig);
  assertEquals(rig.plex.items()[0]!.summary, "Theirs");
  assertEquals(rig.store.deadLetters.count(), 0);
  await sync(rig);
  rig.stash.upsert([{ id: "1", details: "" }]);
  await sync(rig);
  assertEquals(rig.plex.items()[0]!.summary, "Theirs");
});

Deno.test("a rating that Plex ignores is a failure, and all else is written", async () => {
  await using rig = await withOne({
    plex: { switches: { ratingIgnored: true } },
    settings: { syncRating: true },
  });
  rig.stash.upsert([{ id: "1", rating100: 73 }]);
  await sync(rig);
  const [letter] = rig.store.deadLetters.recent(1);
  assertEquals(letter?.error_type, "PlexPermanentError");
  assertStringIncludes(letter!.error_message, "rating");
  assertEquals(rig.plex.items()[0]!.title, "Ours");
});

for (const [step, stands] of [[0.5, 7.5], [1, 7]] as const) {
  Deno.test(`a rating that Plex rounds to ${stands} is known for ours, and taken back`, async () => {
    await using rig = await withOne({
      plex: { switches: { ratingStep: step } },
      settings: { syncRating: true },
    });
    rig.stash.upsert([{ id: "1", rating100: 73 }]);
    await sync(rig);
    assertEquals(remembered(rig).rating, {
      sent: ["7.3"],
      stood: [String(stands)],
      ours: [String(stands)],
    });
    const writes = rig.writes().length;
    await sync(rig);
    assertEquals(rig.writes().length, writes);
    rig.stash.upsert([{ id: "1", rating100: null }]);
    await sync(rig);
    assertEquals(rig.plex.items()[0]!.userRating ?? null, null);
  });
}

Deno.test("a name in another letter case is replaced once, and so is a collection's", async () => {
  await using rig = await withOne();
  rig.stash.upsert([{ id: "1", tags: ["NEW wave"], studio: "Big STUDIO" }]);
  await edit(rig, "genre[0].tag.tag=New Wave&collection[0].tag.tag=Big Studio");
  await sync(rig);
  const [item] = rig.plex.items();
  assertEquals([item!.genres, item!.collections], [["NEW wave"], ["Big STUDIO"]]);
  const writes = rig.writes().length;
  await sync(rig);
  assertEquals(rig.writes().length, writes);
});

Deno.test("of 300 performers and 60 long tags all is written that fits, and the rest is told", async () => {
  await using rig = await withOne();
  rig.stash.upsert([{
    id: "1",
    performers: Array.from({ length: 300 }, (_, n) => `Performer Number ${n}`),
    tags: Array.from({ length: 60 }, (_, n) => `${"длинное слово ".repeat(6)}${n}`),
    details: "д".repeat(9_000),
  }]);
  await sync(rig);
  assertEquals(rig.store.deadLetters.count(), 0);
  const [item] = rig.plex.items();
  assertEquals(item!.title, "Ours");
  assert(item!.actors.length > 100 && item!.genres.length > 5 && item!.summary!.length > 500);
  assertEquals(rig.plex.requests().filter(({ status }) => status === 414).length, 0);
  const leftOut = JSON.parse(rig.store.outcomes.recent(1)[0]!.left_out) as string[];
  const fields = leftOut.map((text) => text.split(":")[0]);
  assertEquals(fields.sort(), ["performers", "summary", "tags"]);
  assert(!leftOut.some((text) => text.includes("max_tags")), leftOut.join("\n"));
  const writes = rig.writes().length;
  await sync(rig);
  assertEquals(rig.writes().length, writes);
});

Deno.test("a URL that is too long all the same teaches the limit, and nothing fails", async () => {
  await using rig = await withOne({ plex: { switches: { maxUrlLength: 3_000 } } });
  rig.stash.upsert([{
    id: "1",
    tags: Array.from({ length: 100 }, (_, n) => `A tag of some length, number ${n}`),
    details: "é".repeat(2_000),
  }]);
  await sync(rig);
  assertEquals(rig.store.deadLetters.count(), 0);
  assertEquals(rig.plex.items()[0]!.title, "Ours");
  const refused = rig.plex.requests().filter(({ status }) => status === 414).length;
  assert(refused > 0 && refused < 6, String(refused));
  const writes = rig.writes().length;
  await sync(rig);
  assertEquals(rig.writes().length, writes);
});

Deno.test("a scene of which nothing but a title is left gets back what we wrote, and no more", async () => {
  await using rig = await withOne();
  await edit(rig, "genre[0].tag.tag=Theirs&tagline.value=Theirs");
  rig.stash.upsert([{ id: "1", code: "", studio: null, performers: [], date: null }]);
  await sync(rig);
  rig.stash.upsert([{ id: "1", title: "Later", details: "", tags: [] }]);
  await sync(rig);
  const [item] = rig.plex.items();
  assertEquals([item!.title, item!.summary ?? "", item!.genres, item!.tagline], [
    "Ours",
    "",
    ["Theirs"],
    "Theirs",
  ]);
  await sync(rig);
  assertEquals(rig.outcomes(), { written: 2, skipped: 1 });
});

const left = [
  { settings: { onlyOrganized: true }, change: { organized: false }, why: "not organized" },
  { settings: { ignoreTags: ["PRIVATE"] }, change: { tags: ["Private"] }, why: "ignored tag" },
  { settings: { ignoreStudios: ["acme"] }, change: { studio: "Acme" }, why: "ignored studio" },
];
for (const { settings, change, why } of left) {
  Deno.test(`a scene is left alone, with what was written before: ${why}`, async () => {
    await using rig = await withOne({ settings });
    rig.stash.upsert([{ id: "1", organized: true }]);
    await sync(rig);
    rig.stash.upsert([{ id: "1", title: "Changed", details: "", ...change }]);
    await sync(rig);
    assertEquals(rig.plex.items()[0]!.title, "Ours");
    assertEquals(rig.plex.items()[0]!.summary, "Known");
    assertEquals(rig.store.outcomes.recent(1)[0]!.error_message, why);
  });
}

Deno.test("a day that no calendar has is left out and told, never sent", async () => {
  await using rig = await withOne();
  rig.stash.upsert([{ id: "1", date: "2024-02-30" }]);
  await sync(rig);
  assertEquals(rig.outcomes(), { written: 1 });
  assertEquals(JSON.parse(rig.store.outcomes.recent(1)[0]!.left_out), [
    "date: left out: 2024-02-30 is no day of the calendar",
  ]);
});

for (const episodeFields of ["ignored", "refused"] as const) {
  Deno.test(`an episode gets what episodes have, on a Plex where the rest is ${episodeFields}`, async () => {
    await using rig = await Rig.open({
      library: { scenes: 2 },
      settings: NO_IMAGES,
      plex: {
        sections: [{ key: "1", title: "Shows", type: "show", locations: ["/data"] }],
        switches: { episodeFields },
      },
    });
    rig.enqueue();
    await rig.once();
    assertEquals(rig.store.deadLetters.recent(1).map((row) => row.error_message), []);
    assertEquals(rig.outcomes(), { written: 2 });
    const said = rig.lines.filter(({ fields }) => fields.event === "fields_absent");
    assertEquals(said.length, 1);
    assertStringIncludes(said[0]!.message, "studio");
    const writes = rig.writes().length;
    rig.enqueue();
    await rig.once();
    assertEquals(rig.writes().length, writes);
  });
}

Deno.test("names that stand there and are too many for a request are left, and that is told", async () => {
  await using rig = await withOne();
  rig.plex.switches.singleTagEdit = "add";
  const theirs = Array.from({ length: 60 }, (_, n) => `Длинное слово ${"чужое ".repeat(8)}${n}`);
  for (let at = 0; at < theirs.length; at += 10) {
    const some = theirs.slice(at, at + 10);
    await edit(
      rig,
      some.map((tag, n) => `genre[${n}].tag.tag=${encodeURIComponent(tag)}`).join("&"),
    );
  }
  rig.plex.switches.singleTagEdit = "replace";
  const told = () =>
    (JSON.parse(rig.store.outcomes.recent(1)[0]!.left_out) as string[])
      .filter((text) => text.startsWith("tags: left as they are"));
  await sync(rig);
  const [item] = rig.plex.items();
  assertEquals([item!.title, item!.summary], ["Ours", "Known"]);
  assertEquals(item!.genres.sort(), theirs.sort());
  assertEquals([told().length, rig.store.deadLetters.count()], [1, 0]);
  const writes = rig.writes().length;
  await sync(rig);
  assertEquals([rig.writes().length, told().length], [writes, 1]);
});
