/** A listing of Plex that always leaves out one item costs that item's scene a wait, and no other. */
import { assertEquals, assertMatch } from "@std/assert";
import { Rig } from "../rig.ts";
import { TARGET } from "../../one_target.ts";

const HOUR_MS = 3_600_000;
const SCENES = 6;
const LEFT_OUT = "3";
const ONE_LIBRARY = { library: { scenes: SCENES }, libraries: ["1"] };
/** In ms; long enough for an answer of the simulated Plex. */
const MOMENT = { connectTimeoutMs: 50, readTimeoutMs: 450 };

/** What was said that people see, but for what was written. */
function said(rig: Rig): string[] {
  return rig.lines.filter(({ level }) => level === "warning" || level === "error")
    .map(({ message }) => message);
}

for (const answer of ["nothing", "wrong_id", "big_number"]) {
  Deno.test(`all but one scene are written while Plex's listing answers ${answer} for one item`, async () => {
    await using rig = await Rig.open(ONE_LIBRARY);
    rig.plex.setFaults([{ route: "listing", item: rig.itemOf(LEFT_OUT).ratingKey, answer }]);
    rig.enqueue();
    await rig.once();
    const { written = 0, waiting: _, ...others } = rig.outcomes();
    assertEquals([written >= SCENES - 1, others], [true, {}]);
    assertEquals([rig.gates.target.isDown, rig.store.deadLetters.count()], [false, 0]);
    rig.plex.setFaults([]);
    await rig.until(() => rig.store.jobs.count() === 0);
    assertEquals(rig.outcomes().written, SCENES);
  });
}

Deno.test("an item that the listing leaves out is told once, and never taken for removed", async () => {
  await using rig = await Rig.open(ONE_LIBRARY);
  rig.enqueue();
  await rig.once();
  const item = rig.itemOf(LEFT_OUT).ratingKey;
  rig.plex.setFaults([{ route: "listing", item, answer: "nothing" }]);
  for (let day = 1; day <= 3; day++) {
    await rig.runtime.sleep(25 * HOUR_MS);
    rig.stash.upsert(rig.stash.scenes().map(({ id }) => ({ id, title: `Day ${day} of ${id}` })));
    rig.enqueue();
    await rig.once();
    assertEquals(rig.outcomes(), { written: SCENES * (day + 1) });
  }
  assertEquals(rig.store.of(TARGET).index.count().files, SCENES);
  const lines = said(rig);
  assertEquals(lines.length, 1, lines.join("\n"));
  assertMatch(lines[0]!, /listing of ".+" counts 6 items and gives 5: nothing is forgotten/);
});

Deno.test("a scene whose item no listing shows becomes a dead letter, and comes back with the item", async () => {
  await using rig = await Rig.open({ library: { scenes: SCENES } });
  rig.plex.setFaults([{
    route: "listing",
    item: rig.itemOf(LEFT_OUT).ratingKey,
    answer: "nothing",
  }]);
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.store.deadLetters.byType(), { PlexNotFound: 1 });
  rig.plex.setFaults([]);
  await rig.runtime.sleep(2 * HOUR_MS);
  await rig.context.keeper.refresh(0);
  await rig.until(() => rig.store.jobs.count() === 0 && rig.store.deadLetters.count() === 0);
  assertEquals(rig.outcomes().written, SCENES);
});

/** What Plex answers instead of a page that has a bad row on it. */
const SPOILS: Record<string, Record<string, unknown>> = {
  "500": { status: 500 },
  "502": { status: 502 },
  "503": { status: 503 },
  "garbage": { answer: "garbage" },
  "a reset": { close: true },
  "half an answer": { close: "body" },
  "silence": { hang: true },
};

for (const [answer, spoil] of Object.entries(SPOILS)) {
  Deno.test(`all but one scene are written while Plex's listing is ${answer} where one item stands`, async () => {
    await using rig = await Rig.open({ ...ONE_LIBRARY, timeOuts: MOMENT });
    const item = rig.itemOf(LEFT_OUT).ratingKey;
    rig.plex.setFaults([{ route: "listing", holds: item, ...spoil }]);
    rig.enqueue();
    await rig.once();
    const { written = 0, waiting = 0, ...others } = rig.outcomes();
    assertEquals([written, waiting, others], [SCENES - 1, 1, {}]);
    assertEquals([rig.gates.target.isDown, rig.store.deadLetters.count()], [false, 0]);
    const [line, ...more] = said(rig);
    assertEquals(more, []);
    assertMatch(
      line!,
      /listing of ".+" leaves out what .+ \(Cannot list .+\): nothing is forgotten/,
    );
    rig.plex.setFaults([]);
    await rig.until(() => rig.store.jobs.count() === 0);
    assertEquals(rig.outcomes().written, SCENES);
  });
}

Deno.test("an item that a listing cannot give any more is kept, and new files are found", async () => {
  await using rig = await Rig.open(ONE_LIBRARY);
  rig.enqueue();
  await rig.once();
  const item = rig.itemOf(LEFT_OUT).ratingKey;
  rig.plex.setFaults([{ route: "listing", holds: item, status: 500 }]);
  for (let day = 1; day <= 3; day++) {
    await rig.runtime.sleep(25 * HOUR_MS);
    const path = `/data/scenes/new ${day}.mp4`;
    await rig.plex.addFiles([{ path, size: 1_000_000 + day, durationMs: 60_000 }]);
    await rig.context.keeper.refresh(0);
    assertEquals(rig.store.of(TARGET).index.count().files, SCENES + day);
  }
  assertEquals(said(rig).length, 1, said(rig).join("\n"));
});

Deno.test("a section is listed anew in a minute, however often its changes leave out an item", async () => {
  await using rig = await Rig.open(ONE_LIBRARY);
  const { keeper } = rig.context;
  await keeper.refresh(0);
  rig.plex.setFaults([{
    route: "listing",
    path: "updatedAt",
    item: rig.itemOf(LEFT_OUT).ratingKey,
    answer: "nothing",
  }]);
  const listings = () =>
    rig.plex.requests().filter(({ path, query }) =>
      path.endsWith("/all") && !query.includes("updatedAt")
    ).length;
  const before = listings();
  for (let seconds = 0; seconds < 60; seconds += 10) {
    await keeper.refresh(0);
    await rig.runtime.sleep(10_000);
  }
  await keeper.refresh(0);
  assertEquals(listings() > before, true);
});
