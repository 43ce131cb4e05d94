/** What a listing or an answer of Plex left out is looked for again soon, and ever less often. */
import { assertEquals } from "@std/assert";
import { TARGET } from "../../one_target.ts";
import { Rig } from "../rig.ts";
import { spoil as spoilLibrary, threeLibraries, WELL } from "./three_libraries.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SCENES = 6;
const HOURS = 6;
const STEP_MS = 2 * MINUTE_MS;
const LISTING = { route: "listing" };
const NOTHING = { answer: "nothing" };

function open(): Promise<Rig> {
  return Rig.open({ library: { scenes: SCENES }, libraries: ["1"] });
}

/** A scene whose file is none of Plex's yet. @returns its id, and how the file comes */
function lateScene(rig: Rig): { id: string; come: () => Promise<void> } {
  const path = "/data/scenes/late.mp4";
  const file = { path, size: 7_000_001, duration: 61.5 };
  const [id] = rig.stash.upsert([{ title: "Late", details: "Of late.", files: [file] }]);
  const come = async () => {
    // Its stamps lie where no question about changes reaches once others were written.
    rig.plex.jumpClock(-HOUR_MS);
    await rig.plex.addFiles([{ path, size: file.size, durationMs: 61_500 }]);
    rig.plex.jumpClock(HOUR_MS);
  };
  return { id: id!, come };
}

/** Works until all is written, and fails when that takes longer on the made-up clock. */
function untilWritten(rig: Rig, count: number, maxMs: number): Promise<void> {
  return rig.until(() => rig.outcomes().written === count, maxMs);
}

/** How often all was listed. */
function listings({ lines }: Rig): number {
  return lines.filter(({ fields }) => fields.event === "index_listing").length;
}

for (const what of ["one item", "another key"]) {
  const spoil = { ...LISTING, answer: what === "one item" ? "nothing" : "wrong_id" };
  Deno.test(`a scene whose item a listing did not give as it is (${what}) waits minutes for the next`, async () => {
    await using rig = await open();
    const late = lateScene(rig);
    await late.come();
    rig.plex.setFaults([{ ...spoil, item: rig.itemOf(late.id).ratingKey }]);
    rig.enqueue();
    await rig.once();
    assertEquals(rig.store.jobs.get(late.id, TARGET)?.state, "waiting");
    await rig.context.keeper.refresh(0);
    rig.plex.setFaults([]);
    await untilWritten(rig, SCENES + 1, 3 * MINUTE_MS);
  });
}

Deno.test("a scene that waits long does not wait for its own look when a listing is due again", async () => {
  await using rig = await open();
  const late = lateScene(rig);
  rig.enqueue();
  await rig.until(() => {
    const at = rig.store.jobs.nextWaitingAt(TARGET);
    return at !== null && at - rig.runtime.now() > 9 * MINUTE_MS;
  });
  await late.come();
  // Another one is left out of what changed, so that all is listed again.
  rig.plex.setFaults([{ ...LISTING, ...NOTHING, item: rig.itemOf("1").ratingKey }]);
  await rig.context.keeper.refresh(0);
  rig.plex.setFaults([]);
  await untilWritten(rig, SCENES + 1, 3 * MINUTE_MS);
});

Deno.test("a scene whose item an answer left out waits minutes for it, not a day", async () => {
  await using rig = await open();
  const late = lateScene(rig);
  await late.come();
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { written: SCENES + 1 });
  const change = (text: string, ids: string[]) => {
    rig.stash.upsert(ids.map((id) => ({ id, details: `${text} ${id}.` })));
    rig.enqueue(ids);
    return rig.once();
  };
  const all = rig.stash.scenes().map(({ id }) => id);
  // No question about changes reaches back to it when others were written since.
  rig.plex.jumpClock(HOUR_MS);
  await change("Changed", all.filter((id) => id !== late.id));
  await rig.context.keeper.refresh(0);
  rig.plex.setFaults([{ route: "item", ...NOTHING, item: rig.itemOf(late.id).ratingKey }]);
  await change("Once more", all);
  rig.plex.setFaults([]);
  await untilWritten(rig, 3 * SCENES + 2, 3 * MINUTE_MS);
});

/** What never ends, and what it costs in listings. */
const LASTING: Readonly<Record<string, (item: string) => Record<string, unknown>>> = {
  "every listing leaves out an item": (item) => ({ ...LISTING, ...NOTHING, item }),
  "every answer about changes leaves out an item": (item) => ({
    ...LISTING,
    ...NOTHING,
    item,
    path: "updatedAt",
  }),
  "an item that is listed is never given": (item) => ({ route: "item", ...NOTHING, item }),
};

for (const [when, rule] of Object.entries(LASTING)) {
  Deno.test(`all is listed ever less often while ${when}`, async () => {
    await using rig = await open();
    rig.enqueue();
    await rig.once();
    rig.plex.setFaults([rule(rig.itemOf("1").ratingKey)]);
    await rig.context.keeper.listed([]);
    rig.enqueue();
    const from = listings(rig);
    const end = rig.runtime.now() + HOURS * HOUR_MS;
    while (rig.runtime.now() < end) {
      await rig.context.keeper.refresh(0);
      await rig.once();
      await rig.runtime.sleep(STEP_MS);
    }
    const count = listings(rig) - from;
    // After a minute, two, four and so on, then one in each hour.
    assertEquals(count >= HOURS && count <= 6 + HOURS, true, `${count} listings`);
  });
}

Deno.test("after a listing that was whole the next is made again in a minute", async () => {
  await using rig = await open();
  const { keeper } = rig.context;
  await keeper.refresh(0);
  const spoil = [{ ...LISTING, ...NOTHING, item: rig.itemOf("1").ratingKey }];
  /** How many minutes it takes until all is listed. */
  const wait = async () => {
    const from = listings(rig);
    for (let minutes = 0;; minutes++) {
      await keeper.refresh(0);
      if (listings(rig) > from) return minutes;
      await rig.runtime.sleep(MINUTE_MS);
    }
  };
  rig.plex.setFaults(spoil);
  await keeper.listed([]);
  const waits = [];
  for (let n = 0; n < 8; n++) waits.push(await wait());
  assertEquals(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
  rig.plex.setFaults([]);
  assertEquals(await wait(), 60);
  await rig.runtime.sleep(5 * MINUTE_MS);
  await keeper.refresh(0);
  rig.plex.setFaults(spoil);
  await keeper.listed([]);
  assertEquals(await wait(), 1);
});

Deno.test("a library is not listed again for another one that cannot be listed", async () => {
  await using rig = await Rig.open({ document: threeLibraries() });
  // The last one: that it is its own fault is seen by asking one of those before it again.
  const sick = "3";
  spoilLibrary(rig, { status: 500 }, sick);
  for (let minutes = 0; minutes < 30; minutes++) {
    await rig.context.keeper.refresh(0);
    await rig.runtime.sleep(MINUTE_MS);
  }
  assertEquals(listings(rig), WELL.length);
});
