import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { learnSceneFiles } from "../../../src/intake/scene_files.ts";
import {
  type Case,
  CASES,
  file,
  itemOf,
  libraryOf,
  sceneOf,
  titleOf,
  type Want,
} from "./matching_cases.ts";
import { Rig } from "../rig.ts";
import { TARGET } from "../../one_target.ts";

const RULE = [{ stash: "/data", plex: "/media" }];

/** What became of a scene, in the words of a case. */
function outcomeOf(rig: Rig, sceneId: string): Want {
  const letter = rig.store.deadLetters.recent(1, { sceneIds: [sceneId] })[0];
  const candidates = letter === undefined
    ? []
    : (JSON.parse(letter.job_data) as { candidates: string[] }).candidates;
  if (letter?.error_type === "AmbiguousMatch") {
    return { ambiguous: candidates.map((text) => /^item (\d+):/.exec(text)![1]!).sort() };
  }
  if (letter?.error_type === "SharedItem") {
    const [, named = ""] = /scenes ([\d, ]+):/.exec(letter.error_message) ?? [];
    return { shared: named.split(", ") };
  }
  assertEquals(letter, undefined);
  if (rig.store.jobs.get(sceneId, TARGET)?.state === "waiting") return { waits: true };
  const items = rig.plex.items().filter(({ title }) => title === titleOf(sceneId));
  return { items: items.map(({ ratingKey }) => ratingKey).sort() };
}

function open({ scenes, items, pathMap = RULE }: Omit<Case, "name" | "want">): Promise<Rig> {
  return Rig.open({
    document: libraryOf(scenes, items),
    settings: { pathMap, syncPoster: false, syncBackground: false },
  });
}

for (const { name, want, ...given } of CASES) {
  Deno.test(`matching: ${name}`, async () => {
    await using rig = await open(given);
    rig.enqueue();
    await rig.once();
    const ids = Object.keys(want);
    assertEquals(Object.fromEntries(ids.map((id) => [id, outcomeOf(rig, id)])), want);
    const titles = new Set(ids.map(titleOf));
    const wanted = new Set(ids.flatMap((id) => {
      const each = want[id]!;
      return "items" in each ? each.items : [];
    }));
    for (const { ratingKey, title } of rig.plex.items()) {
      if (!wanted.has(ratingKey)) assert(!titles.has(title ?? ""), `item ${ratingKey} was written`);
    }
  });

  Deno.test(`matching, one by one and backwards: ${name}`, async () => {
    const ids = Object.keys(want);
    if (ids.length > 10) return;
    await using rig = await open(given);
    for (const id of ids.toReversed()) {
      rig.enqueue([id]);
      await rig.once();
    }
    assertEquals(Object.fromEntries(ids.map((id) => [id, outcomeOf(rig, id)])), want);
  });
}

Deno.test("a scene waits for the walk over all others before its file elsewhere counts", async () => {
  await using rig = await Rig.open({
    document: libraryOf(
      [sceneOf(1, file("/data/S/a.mp4", 1111, 60))],
      [itemOf("7", "1", file("/media/T/a.mp4", 1111, 60))],
    ),
    settings: { pathMap: RULE },
    isWalked: true,
  });
  rig.enqueue();
  await rig.once();
  assertEquals(outcomeOf(rig, "1"), { waits: true });
  assertStringIncludes(rig.store.jobs.get("1", TARGET)!.last_error_message!, "files of all scenes");
  await learnSceneFiles({ stash: rig.context.stash, store: rig.store, runtime: rig.runtime });
  await rig.once();
  assertEquals(outcomeOf(rig, "1"), { items: ["7"] });
});

Deno.test("a scene of several items is one attempt, and what was written stays when one fails", async () => {
  await using rig = await open({
    scenes: [sceneOf(1, file("/data/a.mp4", 1, 10), file("/data/b.mp4", 2, 20))],
    items: [
      itemOf("7", "1", file("/media/a.mp4", 1, 10)),
      itemOf("8", "1", file("/media/b.mp4", 2, 20)),
    ],
  });
  rig.plex.setFaults([{ path: "id=8&", method: "PUT", status: 403 }]);
  rig.enqueue();
  await rig.once();
  const [outcome, ...more] = rig.store.outcomes.recent(9);
  assertEquals([more.length, outcome?.outcome, outcome?.error_type], [
    0,
    "dead",
    "PlexPermanentError",
  ]);
  assertEquals((JSON.parse(outcome!.items) as string[]).sort(), ["7", "8"]);
  assert((JSON.parse(outcome!.changed_fields) as string[]).includes("title"));
  const memories = rig.store.of(TARGET).written.ofScene("1");
  assertEquals(memories.filter(({ writtenAt }) => writtenAt > 0).map(({ item }) => item), ["7"]);
});

Deno.test("an item that cannot be read keeps none of the scene's others from being written", async () => {
  await using rig = await open({
    scenes: [sceneOf(1, file("/data/a.mp4", 1, 10), file("/data/b.mp4", 2, 20))],
    items: [
      itemOf("7", "1", file("/media/a.mp4", 1, 10)),
      itemOf("8", "1", file("/media/b.mp4", 2, 20)),
    ],
  });
  rig.plex.setFaults([{ route: "item", item: "7", status: 503 }]);
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.plex.items().map(({ title }) => title), ["a", titleOf(1)]);
  assertEquals(rig.store.deadLetters.byType(), { PlexTemporaryError: 1 });
});

Deno.test("the same bytes under another name are ambiguous when the wait is over", async () => {
  await using rig = await open({
    scenes: [sceneOf(1, file("/data/S/a.mp4", 1111, 60))],
    items: [itemOf("7", "2", file("/backup/a (copy).mp4", 1111, 60))],
  });
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(outcomeOf(rig, "1"), { ambiguous: ["7"] });
  assertEquals(rig.writes(), []);
});

Deno.test("without strict matching they are taken when the wait is over, with low confidence", async () => {
  await using rig = await Rig.open({
    document: libraryOf(
      [sceneOf(1, file("/data/S/a.mp4", 1111, 60))],
      [itemOf("7", "2", file("/backup/a (copy).mp4", 1111, 60))],
    ),
    settings: { pathMap: RULE, strictMatching: false },
  });
  rig.enqueue();
  await rig.once();
  assertEquals(outcomeOf(rig, "1"), { waits: true });
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(outcomeOf(rig, "1"), { items: ["7"] });
  assertEquals(rig.store.outcomes.recent(1)[0]!.confidence, "low");
  const [memory] = rig.store.of(TARGET).written.ofScene("1");
  assertEquals([memory?.match?.evidence, memory?.match?.confidence], ["bytes", "low"]);
});

Deno.test("a rival that Stash no longer has is no rival", async () => {
  await using rig = await open({
    scenes: [
      sceneOf(1, file("/data/S/a.mp4", 1111, 60)),
      sceneOf(2, file("/data/S/b.mp4", 2222, 90)),
    ],
    items: [
      itemOf("7", "1", file("/media/S/a.mp4", 1111, 60), file("/media/S/b.mp4", 2222, 90)),
    ],
  });
  rig.enqueue(["2"]);
  await rig.once();
  rig.stash.destroy(["2"]);
  rig.enqueue(["1"]);
  await rig.once();
  assertEquals(outcomeOf(rig, "1"), { items: ["7"] });
});

Deno.test("a near miss is named with what speaks against it", async () => {
  await using rig = await open({
    scenes: [sceneOf(1, file("/data/UHD/a.mp4", 9000, 60))],
    items: [itemOf("7", "1", file("/media/SD/a.mp4", 1000, 60))],
  });
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0);
  const [letter] = rig.store.deadLetters.recent(1);
  assertEquals(letter?.error_type, "PlexNotFound");
  assertStringIncludes(letter!.job_data, "item 7: /media/SD/a.mp4 (");
});

for (
  const { what, fault, type } of [
    {
      what: "write",
      fault: { path: "id=7&", method: "PUT", status: 403 },
      type: "PlexPermanentError",
    },
    { what: "read", fault: { route: "item", item: "7", status: 503 }, type: "PlexTemporaryError" },
  ]
) {
  Deno.test(`the dead letter of a failed ${what} tells the item, its file and why it is the scene's`, async () => {
    await using rig = await open({
      scenes: [sceneOf(1, file("/data/b.mp4", 2, 20)), sceneOf(2, file("/data/c.mp4", 3, 30))],
      // The file of the scene is the second of the item's.
      items: [
        itemOf("7", "1", file("/media/a.mp4", 1, 10), file("/media/b.mp4", 2, 20)),
        itemOf("8", "1", file("/media/c.mp4", 3, 30)),
      ],
    });
    rig.plex.setFaults([fault]);
    rig.enqueue();
    await rig.until(() => rig.store.jobs.count() === 0);
    const [letter] = rig.store.deadLetters.recent(1);
    assertEquals([letter?.error_type, letter?.path], [type, "/media/b.mp4"]);
    const { candidates } = JSON.parse(letter!.job_data) as { candidates: string[] };
    assertEquals(candidates, ["item 7: /media/b.mp4 (right path)"]);
  });
}

/** Both scenes written to each other's item, by rules that were wrong. */
async function swapped(): Promise<Rig> {
  const rig = await Rig.open({
    document: libraryOf(
      [sceneOf(1, file("/data/a/x.mp4", 1, 10)), sceneOf(2, file("/data/b/x.mp4", 2, 20))],
      [
        itemOf("7", "1", file("/media/a/x.mp4", 1, 10)),
        itemOf("8", "1", file("/media/b/x.mp4", 2, 20)),
      ],
    ),
    settings: {
      pathMap: [{ stash: "/data/a", plex: "/media/b" }, { stash: "/data/b", plex: "/media/a" }],
      syncPoster: false,
      syncBackground: false,
    },
  });
  rig.enqueue();
  await rig.once();
  assertEquals([outcomeOf(rig, "1"), outcomeOf(rig, "2")], [{ items: ["8"] }, { items: ["7"] }]);
  rig.restart({ pathMap: RULE });
  return rig;
}

function assertUnswapped(rig: Rig): void {
  assertEquals([outcomeOf(rig, "1"), outcomeOf(rig, "2")], [{ items: ["7"] }, { items: ["8"] }]);
  const genres = rig.plex.items().map(({ ratingKey, genres }) => [ratingKey, genres]);
  assertEquals(genres.sort(), [["7", ["Tag 1"]], ["8", ["Tag 2"]]]);
  assertEquals(rig.store.of(TARGET).written.ofScene("1").map(({ item }) => item), ["7"]);
  assertEquals(rig.store.of(TARGET).written.ofScene("2").map(({ item }) => item), ["8"]);
}

Deno.test("two scenes that stood swapped are put right by a rule that is mended, unasked", async () => {
  await using rig = await swapped();
  await rig.once();
  assertUnswapped(rig);
});

for (const [first, second] of [["1", "2"], ["2", "1"]] as const) {
  Deno.test(`two scenes that stood swapped lose nothing when scene ${first} is first`, async () => {
    await using rig = await swapped();
    for (const id of [first, second]) {
      rig.store.jobs.enqueue([id], "hook", rig.runtime.now());
      await rig.once();
    }
    assertUnswapped(rig);
  });
}

Deno.test("the exact file that comes takes a scene from the copy that it was written to", async () => {
  await using rig = await open({
    scenes: [sceneOf(1, file("/data/S/a.mp4", 1111, 60))],
    items: [itemOf("7", "1", file("/media/T/a.mp4", 1111, 60))],
  });
  rig.enqueue();
  await rig.once();
  assertEquals(outcomeOf(rig, "1"), { items: ["7"] });
  await rig.plex.addFiles([{ path: "/media/S/a.mp4", size: 5, durationMs: 5_000 }]);
  rig.runtime.jump(1_000);
  await rig.context.keeper.refresh(0);
  await rig.once();
  const written = rig.plex.items().filter(({ files }) => files.includes("/media/S/a.mp4"));
  assertEquals(written.map(({ title }) => title), [titleOf(1)]);
});

Deno.test("an ambiguous scene comes back by itself when the exact file has come", async () => {
  await using rig = await open({
    scenes: [sceneOf(1, file("/data/S/a.mp4", 1111, 60))],
    items: [
      itemOf("7", "1", file("/media/T/a.mp4", 1111, 60)),
      itemOf("8", "1", file("/media/U/a.mp4", 1111, 60)),
    ],
  });
  rig.enqueue();
  await rig.once();
  assertEquals(outcomeOf(rig, "1"), { ambiguous: ["7", "8"] });
  await rig.plex.addFiles([{ path: "/media/S/a.mp4", size: 5, durationMs: 5_000 }]);
  rig.runtime.jump(1_000);
  await rig.context.keeper.refresh(0);
  await rig.once();
  assertEquals(rig.store.deadLetters.count(), 0);
});

Deno.test("a file that comes brings in no scene that plexsync never had to do with", async () => {
  await using rig = await open({
    scenes: [sceneOf(1, file("/data/S/a.mp4", 1111, 60))],
    items: [itemOf("7", "1", file("/media/T/b.mp4", 1, 1))],
  });
  await learnSceneFiles({ stash: rig.context.stash, store: rig.store, runtime: rig.runtime });
  await rig.plex.addFiles([{ path: "/media/S/a.mp4" }]);
  rig.runtime.jump(1_000);
  await rig.context.keeper.refresh(0);
  await rig.once();
  assertEquals(rig.writes(), []);
});

Deno.test("of a scene with an item of its own and one that it shares the own one is written", async () => {
  await using rig = await open({
    scenes: [
      sceneOf(1, file("/data/S/a.mp4", 1111, 60), file("/data/S/own.mp4", 3333, 30)),
      sceneOf(2, file("/data/S/b.mp4", 2222, 90)),
    ],
    items: [
      itemOf("7", "1", file("/media/S/a.mp4", 1111, 60), file("/media/S/b.mp4", 2222, 90)),
      itemOf("8", "1", file("/media/S/own.mp4", 3333, 30)),
    ],
  });
  const titles = () => rig.plex.items().map(({ ratingKey, title }) => [ratingKey, title]);
  const foreign = titles().find(([key]) => key === "7");
  let ended = 0;
  for (const ids of [["1", "2"], ["1"], ["2"]]) {
    rig.enqueue(ids);
    await rig.once();
    assertEquals(titles(), [foreign, ["8", titleOf(1)]]);
    for (const id of ["1", "2"]) assertEquals(outcomeOf(rig, id), { shared: ["1", "2"] });
    ended += ids.length;
    assertEquals(rig.lines.filter(({ fields }) => fields.event === "job_dead").length, ended);
  }
  const { path, job_data } = rig.store.deadLetters.recent(1, { sceneIds: ["1"] })[0]!;
  assertEquals(path, "/media/S/a.mp4");
  assertEquals(JSON.parse(job_data).candidates, [
    "item 7: /media/S/a.mp4 (right path)",
    "scene 2",
    "item 8: /media/S/own.mp4 (right path)",
  ]);
  // Other rules let all scenes be looked at again, and these end no other way.
  rig.restart({ strictMatching: false });
  await rig.once();
  assertEquals(rig.lines.filter(({ fields }) => fields.event === "job_dead").length, ended);
  // Its rival goes, so that both are its own.
  rig.stash.destroy(["2"]);
  rig.enqueue(["2"]);
  await rig.once();
  assertEquals(outcomeOf(rig, "1"), { items: ["7", "8"] });
});

for (const [first, second] of [["1", "2"], ["2", "1"]] as const) {
  Deno.test(`what scene ${first} wrote before its item was known to be shared stays there`, async () => {
    await using rig = await open({
      scenes: [
        sceneOf(1, file("/data/S/a.mp4", 1111, 60), file("/data/S/own.mp4", 3333, 30)),
        sceneOf(2, file("/data/S/b.mp4", 2222, 90)),
      ],
      items: [
        itemOf("7", "1", file("/media/S/a.mp4", 1111, 60), file("/media/S/b.mp4", 2222, 90)),
        itemOf("8", "1", file("/media/S/own.mp4", 3333, 30)),
      ],
    });
    for (const ids of [[first], [second]]) {
      rig.enqueue(ids);
      await rig.once();
    }
    assertEquals(rig.plex.items().map(({ title }) => title), [titleOf(first), titleOf(1)]);
    for (const id of ["1", "2"]) assertEquals(outcomeOf(rig, id), { shared: ["1", "2"] });
  });
}

for (const how of ["other files", "no longer in Stash"] as const) {
  Deno.test(`a scene that shared its item is synced when its rival has ${how}`, async () => {
    await using rig = await open({
      scenes: [
        sceneOf(1, file("/data/S/a.mp4", 1111, 60)),
        sceneOf(2, file("/data/S/b.mp4", 2222, 90)),
      ],
      items: [
        itemOf("7", "1", file("/media/S/a.mp4", 1111, 60), file("/media/S/b.mp4", 2222, 90)),
      ],
    });
    rig.enqueue();
    await rig.once();
    assertEquals(outcomeOf(rig, "1"), { shared: ["1", "2"] });
    if (how === "other files") {
      rig.stash.upsert([{ id: 2, files: [{ path: "/data/S/c.mp4", size: 3333, duration: 120 }] }]);
    } else rig.stash.destroy(["2"]);
    rig.enqueue(["2"]);
    await rig.once();
    assertEquals(outcomeOf(rig, "1"), { items: ["7"] });
  });
}
