/** A library of Plex that cannot be listed, while another can, pauses alone. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import { TARGET } from "../../one_target.ts";
import { file, itemOf, sceneOf } from "../match/matching_cases.ts";
import { Rig } from "../rig.ts";
import {
  EACH,
  FILES,
  OF_SICK,
  said,
  SICK,
  spoil,
  threeLibraries,
  unread,
  unwritten,
  WELL,
} from "./three_libraries.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** In ms; long enough for an answer of the simulated Plex. */
const MOMENT = { connectTimeoutMs: 50, readTimeoutMs: 450 };

/** What Plex answers to each request for the library's items. */
const FAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "500": { status: 500 },
  "502": { status: 502 },
  "503": { status: 503 },
  "404": { status: 404 },
  "401": { status: 401 },
  "403": { status: 403 },
  "garbage": { answer: "garbage" },
  "a reset": { close: true },
  "silence": { hang: true },
};

for (const [what, effect] of Object.entries(FAULTS)) {
  Deno.test(`the scenes of other libraries are written while one library's listing answers ${what}`, async () => {
    await using rig = await Rig.open({ document: threeLibraries(), timeOuts: MOMENT });
    spoil(rig, effect);
    rig.enqueue();
    await rig.once();
    assertEquals(unwritten(rig), OF_SICK);
    assertEquals([unread(rig), rig.gates.target.isDown], [[SICK], false]);
    // Once longer than what no library has is waited for.
    const lengthMs = what === "500" ? 5 * HOUR_MS : 10 * MINUTE_MS;
    let looks: number[] = [];
    rig.runtime.after(lengthMs, () => {
      looks = rig.store.queue.list(99).map(({ wait_count }) => wait_count);
      rig.plex.setFaults([]);
    });
    await rig.until(() => rig.store.jobs.count() === 0, lengthMs + 30 * MINUTE_MS);
    assertEquals(looks, OF_SICK.map(() => 0));
    assertEquals([unwritten(rig), unread(rig)], [[], []]);
    const { written, waiting: _, ...others } = rig.outcomes();
    assertEquals([written, others], [FILES.length, {}]);
    const lines = said(rig);
    assertEquals(lines.length, 2, lines.join("\n"));
    assertMatch(lines[0]!, /^warning: Plex cannot list library "Library 2": .+/);
    assertMatch(lines[1]!, /^info: Plex lists library "Library 2" again/);
  });
}

Deno.test("nothing less than an equal path is a match while a library cannot be listed", async () => {
  const film = file("/data/2/a.mp4", 1111, 60);
  const document = threeLibraries();
  document.stash.scenes = [sceneOf(1, film)];
  document.plex.items = [
    // Of this name, size and length; and the scene's own file.
    itemOf("7", "1", { ...film, path: "/data/1/copies/a.mp4" }),
    itemOf("8", SICK, film),
  ];
  await using rig = await Rig.open({ document });
  spoil(rig, { status: 500 });
  rig.enqueue();
  await rig.once();
  assertEquals(Object.keys(rig.outcomes()), ["waiting"]);
  rig.plex.setFaults([]);
  await rig.until(() => rig.store.jobs.count() === 0, HOUR_MS);
  assertEquals(rig.store.of(TARGET).written.ofScene("1").map(({ item }) => item), ["8"]);
  assertEquals(rig.writes().filter((path) => path.includes("/7")), []);
});

Deno.test("what is a match by less than its path comes when the library is listed again", async () => {
  const film = file("/data/2/a.mp4", 1111, 60);
  const document = threeLibraries();
  document.stash.scenes = [sceneOf(1, film)];
  document.plex.items = [itemOf("7", "1", { ...film, path: "/data/1/copies/a.mp4" })];
  await using rig = await Rig.open({ document });
  spoil(rig, { status: 500 });
  rig.enqueue();
  await rig.once();
  assertEquals(Object.keys(rig.outcomes()), ["waiting"]);
  // It was written so by now: a failing library changes nothing.
  rig.plex.setFaults([]);
  await rig.until(() => rig.store.jobs.count() === 0, HOUR_MS);
  assertEquals(unwritten(rig), []);
  spoil(rig, { status: 500 });
  await rig.context.keeper.refresh(0);
  assertEquals(unread(rig), [SICK]);
  rig.stash.upsert([{ id: "1", title: "Anew" }]);
  rig.enqueue();
  await rig.once();
  assertEquals(unwritten(rig), []);
});

Deno.test("a library that was listed before loses nothing while it cannot be listed", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  rig.enqueue();
  await rig.once();
  spoil(rig, { status: 500 });
  for (let day = 1; day <= 3; day++) {
    await rig.runtime.sleep(25 * HOUR_MS);
    rig.stash.upsert(rig.stash.scenes().map(({ id }) => ({ id, title: `Day ${day} of ${id}` })));
    rig.enqueue();
    await rig.once();
    assertEquals(unwritten(rig), []);
  }
  assertEquals(rig.store.of(TARGET).index.count().files, FILES.length);
  assertEquals([rig.store.deadLetters.count(), rig.gates.target.isDown], [0, false]);
});

/** Item of a scene in the library that cannot be listed. */
const ITEM_OF_SICK = String(100 + EACH);

Deno.test("an item that a read leaves out is not forgotten while its library cannot be listed", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  rig.enqueue();
  await rig.once();
  const listing = { route: "listing", path: `^/library/sections/${SICK}/all`, status: 500 };
  rig.plex.setFaults([listing, { route: "item", item: ITEM_OF_SICK, answer: "nothing" }]);
  rig.stash.upsert(rig.stash.scenes().map(({ id }) => ({ id, title: `Anew ${id}` })));
  await rig.context.keeper.refresh(0);
  rig.enqueue();
  await rig.once();
  assertEquals([unread(rig), unwritten(rig)], [[SICK], [OF_SICK[0]!]]);
  assertEquals(rig.store.of(TARGET).index.count().files, FILES.length);
  rig.plex.setFaults([]);
  await rig.until(() => rig.store.jobs.count() === 0, HOUR_MS);
  assertEquals([unwritten(rig), rig.store.deadLetters.count()], [[], 0]);
});

Deno.test("nothing is said to be listed no more while its library cannot be listed", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  const { keeper } = rig.context;
  await keeper.refresh(0);
  spoil(rig, { status: 500 });
  await rig.runtime.sleep(MINUTE_MS);
  assertEquals(await keeper.listed(["100", "gone"]), ["100"]);
  assertEquals(unread(rig), [SICK]);
  await assertRejects(() => keeper.listed(["100", ITEM_OF_SICK]), PlexsyncError, "500");
  rig.plex.setFaults([]);
  assertEquals(await keeper.listed([ITEM_OF_SICK]), [ITEM_OF_SICK]);
});

Deno.test("a restart neither gives up what waits for a library nor tells of it again", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  spoil(rig, { status: 500 });
  rig.enqueue();
  await rig.once();
  rig.start();
  await rig.once();
  assertEquals([unread(rig), said(rig).length], [[SICK], 1]);
  rig.plex.setFaults([]);
  rig.start();
  await rig.until(() => rig.store.jobs.count() === 0, HOUR_MS);
  assertEquals([unwritten(rig), unread(rig), said(rig).length], [[], [], 2]);
});

Deno.test("a library that is not asked for any more holds nothing up", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  spoil(rig, { status: 500 });
  rig.enqueue();
  await rig.once();
  assertEquals(unread(rig), [SICK]);
  rig.withLibraries(WELL);
  await rig.context.keeper.refresh(0);
  assertEquals(unread(rig), []);
});

Deno.test("a Plex that lists no library at all is an outage of the whole", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  rig.plex.setFaults([{ route: "listing", status: 500 }]);
  rig.enqueue();
  rig.runtime.after(10 * MINUTE_MS, () => rig.plex.setFaults([]));
  await rig.until(() => rig.gates.target.isDown, HOUR_MS);
  assertEquals([unread(rig), said(rig)], [[], []]);
  await rig.until(() => rig.store.jobs.count() === 0, HOUR_MS);
  assertEquals([rig.outcomes(), unwritten(rig)], [{ written: FILES.length }, []]);
});

Deno.test("libraries that fail after the others were listed are an outage where these fail by then too", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  await rig.context.keeper.refresh(0);
  const faults = ["2", "3"].map((section) => ({
    route: "listing",
    path: `^/library/sections/${section}/all`,
    status: 500,
  }));
  // The first is listed once more, and no more after that.
  const once = { route: "listing", path: "^/library/sections/1/all", delay_ms: 1, times: 1 };
  rig.plex.setFaults([...faults, once, { route: "listing", status: 500 }]);
  await assertRejects(() => rig.context.keeper.refresh(0), PlexsyncError);
  assertEquals(unread(rig), []);
});
