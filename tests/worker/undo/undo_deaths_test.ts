/** Processes that die while they take back: what one of many requests does costs no other. */
import { assertEquals } from "@std/assert";
import { TARGET } from "../../one_target.ts";
import type { SimItemView } from "../../sim/plex/server.ts";
import { Rig } from "../rig.ts";
import { NO_IMAGES, request, resultOf } from "./undo_rig.ts";

const SCENES = 5;

/** Five scenes that were written, and an undo of all that waits. */
async function asked(): Promise<{ rig: Rig; run: number; before: SimItemView[] }> {
  const rig = await Rig.open({ ...NO_IMAGES, library: { scenes: SCENES } });
  const before = rig.plex.items();
  rig.enqueue();
  await rig.once();
  return { rig, run: await request(rig), before };
}

/** A process takes requests and dies over them. @returns the scenes of those that it took */
function die(rig: Rig): string[] {
  const now = rig.runtime.now();
  const taken = rig.store.of(TARGET).undos.claim("dead", now, 50, 60_000);
  rig.store.jobs.rescueAll(now);
  return taken.map(({ request }) => request.scene_id);
}

Deno.test("an undo over which a process died is taken alone, and one that was alone after all others", async () => {
  const { rig } = await asked();
  await using _ = rig;
  assertEquals(die(rig), ["1", "2", "3", "4", "5"]);
  assertEquals([1, 2, 3, 4, 5].map(() => die(rig)), [["1"], ["2"], ["3"], ["4"], ["5"]]);
  assertEquals(die(rig), ["1"]);
});

Deno.test("however many processes die over an undo of many items, all comes back", async () => {
  const { rig, run, before } = await asked();
  await using _ = rig;
  for (let deaths = 0; deaths < SCENES; deaths++) die(rig);
  rig.start();
  await rig.once();
  assertEquals(resultOf(rig, run).errors, []);
  assertEquals(rig.plex.items(), before);
});

Deno.test("an undo that ends three processes is given up, and all others come back", async () => {
  const { rig, run, before } = await asked();
  await using _ = rig;
  const [ours] = rig.plex.items();
  rig.store.database.exec("UPDATE jobs SET deaths = 3 WHERE scene_id = '1'");
  await rig.once();
  assertEquals(resultOf(rig, run).errors, ["The process died 3 times while it was at it"]);
  assertEquals(rig.plex.items(), before.with(0, ours!));
});
