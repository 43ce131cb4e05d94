/** A listing of Plex that always leaves out one item costs that item's scene a wait, and no other. */
import { assertEquals, assertMatch } from "@std/assert";
import { Rig } from "./rig.ts";
import { TARGET } from "../one_target.ts";

const HOUR_MS = 3_600_000;
const SCENES = 6;
const LEFT_OUT = "3";

function itemOf(rig: Rig, sceneId: string): string {
  const path = rig.stash.scenes().find(({ id }) => id === sceneId)!.files[0]!.path;
  return rig.plex.items().find(({ files }) => files.includes(path))!.ratingKey;
}

/** What was said that people see, but for what was written. */
function said(rig: Rig): string[] {
  return rig.lines.filter(({ level }) => level === "warning" || level === "error")
    .map(({ message }) => message);
}

for (const answer of ["nothing", "wrong_id", "big_number"]) {
  Deno.test(`all but one scene are written while Plex's listing answers ${answer} for one item`, async () => {
    await using rig = await Rig.open({ library: { scenes: SCENES }, libraries: ["1"] });
    rig.plex.setFaults([{ route: "listing", item: itemOf(rig, LEFT_OUT), answer }]);
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
  await using rig = await Rig.open({ library: { scenes: SCENES }, libraries: ["1"] });
  rig.enqueue();
  await rig.once();
  const item = itemOf(rig, LEFT_OUT);
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
  rig.plex.setFaults([{ route: "listing", item: itemOf(rig, LEFT_OUT), answer: "nothing" }]);
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.store.deadLetters.byType(), { PlexNotFound: 1 });
  rig.plex.setFaults([]);
  await rig.runtime.sleep(2 * HOUR_MS);
  await rig.context.keeper.refresh(0);
  await rig.until(() => rig.store.jobs.count() === 0 && rig.store.deadLetters.count() === 0);
  assertEquals(rig.outcomes().written, SCENES);
});
