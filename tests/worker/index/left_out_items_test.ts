/** An item that Plex lists, and answers 200 for without it, is one that is not there just now. */
import { assertEquals } from "@std/assert";
import { Rig } from "../rig.ts";

const HOUR_MS = 3_600_000;
const SCENES = 6;

for (const what of ["answers without it", "answers 404"]) {
  for (const hours of [1, 30]) {
    Deno.test(`the scene of an item that Plex lists and ${what} for ${hours} hours waits, and is synced by itself`, async () => {
      await using rig = await Rig.open({
        library: { scenes: SCENES },
        settings: { maxRetries: 2 },
      });
      const effect = what === "answers 404" ? { status: 404 } : { answer: "nothing" };
      rig.plex.setFaults([{
        route: "item",
        item: rig.itemOf("1").ratingKey,
        path: "\\d+\\?",
        ...effect,
      }]);
      rig.enqueue();
      await rig.once();
      assertEquals(rig.outcomes(), { written: SCENES - 1, waiting: 1 });
      rig.runtime.after(hours * HOUR_MS, () => rig.plex.setFaults([]));
      await rig.until(() => rig.store.jobs.count() === 0);
      await rig.runtime.sleep((hours + 25) * HOUR_MS);
      await rig.context.keeper.refresh(0);
      await rig.once();
      assertEquals([rig.outcomes().written, rig.store.deadLetters.count()], [SCENES, 0]);
    });
  }
}
