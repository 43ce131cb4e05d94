/** Libraries of Plex come and go while the daemon runs. */
import { assert, assertEquals, assertMatch } from "@std/assert";
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
const ALL = FILES.map((_, n) => String(n + 1));

/** A library as the simulated Plex makes it, and the items of the sick one with other keys. */
const section = (key: string, title = `Library ${SICK}`) => ({
  key,
  title,
  type: "movie" as const,
  locations: [`/data/${SICK}`],
});
const itemsAnew = (from: number) =>
  FILES.filter((each) => each.section === SICK).map(({ file: { path, size, seconds } }, n) => ({
    ratingKey: String(from + n),
    files: [{ path, size, durationMs: seconds * 1000 }],
  }));

/** All scenes are to be written anew, an hour later, and are as far as they can be. */
async function changed(rig: Rig, title: string): Promise<void> {
  await rig.runtime.sleep(HOUR_MS);
  rig.stash.upsert(rig.stash.scenes().map(({ id }) => ({ id, title: `${title} ${id}` })));
  rig.enqueue();
  await rig.once();
}

/** The rows of the index that are of a library. */
const indexed = (rig: Rig, section: string) =>
  rig.store.of(TARGET).index.paths(99).filter((path) => path.startsWith(`/data/${section}/`))
    .length;

Deno.test("a library that is deleted is let go with one line, and nothing waits for it", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  rig.enqueue();
  await rig.once();
  rig.plex.removeSection(SICK);
  await changed(rig, "Anew");
  assertEquals(unwritten(rig), OF_SICK);
  assertEquals([unread(rig), indexed(rig, SICK), said(rig)], [[SICK], EACH, []]);
  await rig.until(() => unread(rig).length === 0, 10 * MINUTE_MS);
  assertEquals(said(rig).length, 1);
  assertMatch(said(rig)[0]!, /^info: Plex no longer has library "Library 2" \(key 2\): /);
  assertEquals([indexed(rig, SICK), rig.gates.target.isDown], [0, false]);
  await rig.until(
    () => rig.store.queue.list(9).every((job) => job.last_error_type === "PlexNotFound"),
    MINUTE_MS,
  );
  assertEquals(
    rig.store.queue.list(9).map(({ scene_id, state, wait_count }) => [scene_id, state, wait_count]),
    OF_SICK.map((id) => [id, "waiting", 0]),
  );
  // As for any file that Plex does not have: given up in the end, and back when it comes.
  await rig.until(() => rig.store.deadLetters.count() === EACH, 4 * HOUR_MS);
  rig.plex.addSection(section("7"), itemsAnew(700));
  await rig.until(() => unwritten(rig).length === 0, HOUR_MS);
  assertEquals(said(rig).slice(1).length, 1);
  assertMatch(said(rig)[1]!, /^info: Plex has library "Library 2" \(key 7\): /);
});

Deno.test("what is a match by less than its path is one again when the library is let go", async () => {
  const film = file("/data/2/a.mp4", 1111, 60);
  const document = threeLibraries();
  document.stash.scenes = [sceneOf(1, film)];
  document.plex.items = [itemOf("7", "1", { ...film, path: "/data/1/copies/a.mp4" })];
  await using rig = await Rig.open({ document });
  await rig.context.keeper.refresh(0);
  rig.plex.removeSection(SICK);
  await rig.runtime.sleep(HOUR_MS);
  rig.enqueue();
  await rig.once();
  assertEquals(Object.keys(rig.outcomes()), ["waiting"]);
  await rig.until(() => rig.store.jobs.count() === 0, 10 * MINUTE_MS);
  assertEquals(unwritten(rig), []);
});

for (const libraries of [[], ["Library 2", "Library 1", "3"]]) {
  const how = libraries.length > 0 ? "named" : "one of all";
  Deno.test(`a library, ${how}, that is made anew under another key is found`, async () => {
    await using rig = await Rig.open({ document: threeLibraries(), libraries });
    rig.enqueue();
    await rig.once();
    rig.plex.removeSection(SICK);
    rig.plex.addSection(section("9"), itemsAnew(900));
    await changed(rig, "Anew");
    await rig.until(() => unwritten(rig).length === 0, 10 * MINUTE_MS);
    await rig.until(() => unread(rig).length === 0, 10 * MINUTE_MS);
    await changed(rig, "Again");
    assertEquals([unwritten(rig), rig.store.deadLetters.count(), rig.errors()], [[], 0, []]);
    assertEquals(said(rig).map((line) => /\(key \d\)/.exec(line)?.[0]), ["(key 9)", "(key 2)"]);
  });
}

for (const libraries of [[], ["Library 2"]]) {
  const how = libraries.length > 0 ? "named" : "not named";
  Deno.test(`the only library, ${how}, that is made anew under another key is found`, async () => {
    const document = threeLibraries();
    document.plex.sections = document.plex.sections.filter(({ key }) => key === SICK);
    document.plex.items = document.plex.items.filter((item) => item.section === SICK);
    document.stash.scenes = document.stash.scenes.slice(EACH, 2 * EACH);
    await using rig = await Rig.open({ document, libraries });
    rig.enqueue();
    await rig.once();
    rig.plex.removeSection(SICK);
    await changed(rig, "Anew");
    assertEquals([unwritten(rig), rig.store.deadLetters.count()], [OF_SICK, 0]);
    rig.plex.addSection(section("9"), itemsAnew(900));
    await rig.until(() => unwritten(rig).length === 0, 10 * MINUTE_MS);
    await changed(rig, "Again");
    assertEquals([unwritten(rig), rig.store.deadLetters.count()], [[], 0]);
    await rig.until(() => unread(rig).length === 0, HOUR_MS);
  });
}

Deno.test("a library that is added is found, though nothing waits", async () => {
  const document = threeLibraries();
  document.plex.sections = document.plex.sections.filter(({ key }) => key !== SICK);
  document.plex.items = document.plex.items.filter((item) => item.section !== SICK);
  await using rig = await Rig.open({ document });
  rig.enqueue(ALL.filter((id) => !OF_SICK.includes(id)));
  await rig.once();
  rig.plex.addSection(section(SICK), itemsAnew(900));
  await rig.until(() => indexed(rig, SICK) === EACH, 30 * MINUTE_MS);
  assertEquals(said(rig).length, 1);
});

Deno.test("a library that Plex tells of is asked for with the next refresh, one of music once", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  const { keeper } = rig.context;
  await keeper.refresh(0);
  rig.plex.addSection(section("9"), []);
  rig.plex.clearRequests();
  const asked = async (sections: string[]) => {
    await rig.runtime.sleep(1_000);
    const wanted = sections.map((id) => keeper.heardOf(id));
    await keeper.refresh(0);
    const count = rig.plex.requests().filter(({ path }) => path === "/library/sections").length;
    return [...wanted, count];
  };
  assertEquals(await asked(["1", "2"]), [true, true, 0]);
  assertEquals(await asked(["9", "30", "9"]), [true, true, true, 1]);
  assertEquals(said(rig).length, 1);
  assertEquals(await asked(["9", "30"]), [true, false, 1]);
});

/** Lists of libraries of a Plex that has all of them, and that does not give the sick one. */
const row = (key: string) => ({ key, title: `Library ${key}`, type: "movie" });
const listed = (container: unknown) => ({
  route: "sections",
  body: JSON.stringify({ MediaContainer: container }),
  content_type: "application/json",
});
const WHOLE = listed({ size: 2, Directory: WELL.map(row) });
const missing = { route: "listing", path: `^/library/sections/${SICK}/all`, status: 404 };

const UNPROVEN: Record<string, Record<string, unknown>> = {
  "gives no library": listed({ size: 0 }),
  "counts more libraries than it gives": listed({ size: 3, Directory: WELL.map(row) }),
  "gives a library without a key": listed({ size: 3, Directory: [...WELL.map(row), {}] }),
  "answers 500": { route: "sections", status: 500 },
  "answers garbage": { route: "sections", answer: "garbage" },
  "answers 404": { route: "sections", status: 404 },
};
for (const [how, list] of Object.entries(UNPROVEN)) {
  Deno.test(`no library is taken for gone by a Plex that ${how} when asked for them`, async () => {
    await using rig = await Rig.open({ document: threeLibraries() });
    rig.enqueue();
    await rig.once();
    rig.plex.setFaults([list, missing]);
    for (let hour = 1; hour <= 3; hour++) {
      await changed(rig, `Hour ${hour}`);
      assertEquals([unwritten(rig), unread(rig)], [[], [SICK]]);
    }
    assertEquals([indexed(rig, SICK), rig.gates.target.isDown], [EACH, false]);
  });
}

Deno.test("a library that is absent from the list, and can be read, is not gone", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  rig.enqueue();
  await rig.once();
  rig.plex.setFaults([WHOLE]);
  for (let hour = 1; hour <= 3; hour++) {
    await changed(rig, `Hour ${hour}`);
    rig.start();
  }
  assertEquals([unwritten(rig), unread(rig), said(rig)], [[], [], []]);
});

Deno.test("a library that is gone at one look, and there at the next, is not let go", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  rig.enqueue();
  await rig.once();
  for (let times = 0; times < 3; times++) {
    rig.plex.setFaults([WHOLE, missing]);
    await rig.context.keeper.refresh(0);
    assertEquals(unread(rig), [SICK]);
    // Whatever asks for all at once meanwhile, and a restart: that is not apart.
    await rig.context.keeper.listed([]);
    rig.start();
    await rig.context.keeper.refresh(0);
    assertEquals([unread(rig), indexed(rig, SICK)], [[SICK], EACH]);
    rig.plex.setFaults([]);
    await rig.runtime.sleep(10 * MINUTE_MS);
    await rig.context.keeper.refresh(0);
    assertEquals(unread(rig), []);
  }
  assertEquals([indexed(rig, SICK), said(rig)], [EACH, []]);
});

Deno.test("a library that is listed and answers 404 is unread, and no more than that", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  rig.enqueue();
  await rig.once();
  rig.plex.setFaults([{ ...WHOLE, times: 1 }, missing]);
  await rig.context.keeper.refresh(0);
  await rig.runtime.sleep(HOUR_MS);
  await rig.context.keeper.refresh(0);
  await rig.runtime.sleep(HOUR_MS);
  await rig.context.keeper.refresh(0);
  assertEquals([unread(rig), indexed(rig, SICK)], [[SICK], EACH]);
  assertEquals(said(rig).map((line) => line.slice(0, 40)), [
    'warning: Plex cannot list library "Libra',
  ]);
});

Deno.test("a library that is deleted, and answers 500, is let go after an hour", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  rig.enqueue();
  await rig.once();
  rig.plex.removeSection(SICK);
  spoil(rig, { status: 500 });
  await changed(rig, "Anew");
  const began = rig.runtime.now();
  await rig.until(() => unread(rig).length === 0, 2 * HOUR_MS);
  const minutes = (rig.runtime.now() - began) / MINUTE_MS;
  assert(minutes >= 60 && minutes <= 80, `${minutes} minutes`);
  assertEquals(indexed(rig, SICK), 0);
});

Deno.test("looks of several processes, one an hour after the other, let a library go", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  rig.enqueue();
  await rig.once();
  rig.plex.removeSection(SICK);
  for (const left of [[SICK], []]) {
    rig.start();
    await changed(rig, "Anew");
    assertEquals(unread(rig), left);
  }
  assertEquals([indexed(rig, SICK), said(rig).length], [0, 1]);
});

Deno.test("a start with a list that is cut short forgets nothing", async () => {
  for (const list of [listed({ size: 0 }), WHOLE]) {
    await using rig = await Rig.open({ document: threeLibraries() });
    rig.enqueue();
    await rig.once();
    rig.plex.setFaults([{ ...list, times: 1 }]);
    rig.start();
    await changed(rig, "Anew");
    assertEquals([unwritten(rig), indexed(rig, SICK), rig.errors()], [[], EACH, []]);
  }
});

Deno.test("a library that is named and deleted stops none of the others", async () => {
  await using rig = await Rig.open({ document: threeLibraries(), libraries: ["1", "Library 2"] });
  rig.enqueue(ALL.slice(0, 2 * EACH));
  await rig.once();
  rig.plex.removeSection(SICK);
  await changed(rig, "Anew");
  await rig.until(() => unread(rig).length === 0, 10 * MINUTE_MS);
  await changed(rig, "Again");
  assertEquals(unwritten(rig), ALL.slice(EACH));
  assertEquals([rig.gates.needsPerson, rig.store.deadLetters.count()], [false, 0]);
  const named = rig.lines.filter(({ fields }) => fields.event === "section_named");
  assertEquals(named.length, 1);
  assertMatch(named[0]!.message, /no movie or show library "Library 2".*until the next start/);
});

Deno.test("a library whose title changes is synced on", async () => {
  const libraries = ["Library 1", "Library 2"];
  await using rig = await Rig.open({ document: threeLibraries(), libraries });
  rig.enqueue(ALL.slice(0, 2 * EACH));
  await rig.once();
  const renamed = [row("1"), { ...row(SICK), title: "Other" }, row("3")];
  rig.plex.setFaults([listed({ size: 3, Directory: renamed })]);
  for (let hour = 1; hour <= 3; hour++) {
    await changed(rig, `Hour ${hour}`);
  }
  assertEquals([unwritten(rig), unread(rig)], [ALL.slice(2 * EACH), []]);
  assertEquals(rig.lines.filter(({ level }) => level === "warning").length, 1);
});
