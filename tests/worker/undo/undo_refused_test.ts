/** What Plex, or a proxy before it, refuses of undos: of all for a while, or of one item alone. */
import { assert, assertEquals } from "@std/assert";
import { TARGET } from "../../one_target.ts";
import { Rig, type RigOptions } from "../rig.ts";
import { NO_IMAGES, request, resultOf } from "./undo_rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 6;

/** Everything is in sync, and to be taken back. */
async function open(options: RigOptions = {}): Promise<Rig> {
  const rig = await Rig.open({ ...NO_IMAGES, ...options, library: { scenes: SCENES } });
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { written: SCENES });
  rig.lines.splice(0);
  return rig;
}

function alarms(rig: Rig): string[] {
  return rig.lines.filter(({ level }) => level === "warning" || level === "error")
    .map(({ message }) => message);
}

function isDone(rig: Rig, run: number): boolean {
  const { items, ended } = rig.store.of(TARGET).undos.progress(run);
  return ended === items;
}

const STATUSES = [301, 400, 401, 403, 404, 405, 410, 500, 502, 503, 504];

for (const status of STATUSES) {
  Deno.test(`no undo is lost while Plex answers ${status} to all edits`, async () => {
    await using rig = await open();
    const run = await request(rig);
    rig.plex.setFaults([{ route: "edit", status }]);
    rig.runtime.after(30 * MINUTE_MS, () => rig.plex.setFaults([]));
    await rig.until(() => isDone(rig, run), 120 * MINUTE_MS);
    const { restored, errors, left } = resultOf(rig, run);
    assertEquals([errors, left], [[], []]);
    assert(restored.length >= SCENES);
    assertEquals(alarms(rig).length, 1, alarms(rig).join("\n"));
    assertEquals(rig.gates.pausedBecause, null);
  });

  Deno.test(`all other undos are done at once when Plex answers ${status} to the edit of one item`, async () => {
    await using rig = await open();
    const [bad] = rig.plex.items().map(({ ratingKey }) => ratingKey);
    rig.plex.setFaults([{ route: "edit", item: bad, status }]);
    const run = await request(rig);
    await rig.once();
    const { undos } = rig.store.of(TARGET);
    const done = undos.results(run).filter(({ result }) => result.error === null);
    assertEquals(done.length, SCENES - 1);
    assertEquals(rig.gates.pausedBecause, null);
    await rig.until(() => isDone(rig, run), 30 * MINUTE_MS);
    assertEquals(resultOf(rig, run).errors.length, 1);
    assertEquals(rig.gates.pausedBecause, null);
  });
}

for (const status of [401, 403, 405, 503]) {
  Deno.test(`all other undos are done when Plex answers ${status} to the list of one item's images`, async () => {
    await using rig = await open({ settings: {} });
    const [bad] = rig.plex.items().map(({ ratingKey }) => ratingKey);
    rig.plex.setFaults([{ route: "images", item: bad, status }]);
    const run = await request(rig);
    await rig.once();
    const { undos } = rig.store.of(TARGET);
    assert(undos.results(run).filter(({ result }) => result.error === null).length >= SCENES - 1);
    assertEquals(rig.gates.pausedBecause, null);
    await rig.until(() => isDone(rig, run), 30 * MINUTE_MS);
    assertEquals(rig.gates.pausedBecause, null);
  });
}
