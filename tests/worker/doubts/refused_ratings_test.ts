/** What becomes of the work while every rating is refused. */
import { assertEquals } from "@std/assert";
import { Rig } from "../rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 12;

for (const batchSize of [1, 3, 50]) {
  for (const status of [400, 403, 404, 500]) {
    for (const already of [false, true]) {
      const where = already ? ", in a library that was in sync" : "";

      Deno.test(`nothing else waits and nobody pays while ratings meet ${status}, by batches of ${batchSize}${where}`, async () => {
        await using rig = await Rig.open({
          library: { scenes: SCENES },
          settings: { maxRetries: 3, batchSize, syncRating: true },
        });
        const ids = rig.stash.scenes().map(({ id }) => id!);
        const rated = ids.slice(0, SCENES - 2);
        if (already) {
          rig.enqueue();
          await rig.once();
        }
        rig.plex.setFaults([{ path: "/:/rate", status }]);
        rig.stash.upsert(rated.map((id) => ({ id, rating100: 37 })));
        rig.enqueue(already ? rated : undefined);
        rig.runtime.after(3 * MINUTE_MS, () => {
          rig.stash.upsert([{ id: ids.at(-1)!, title: "Anew" }]);
          rig.enqueue(ids.slice(-1));
        });
        let meanwhile: unknown[] = [];
        rig.runtime.after(6 * MINUTE_MS, () => {
          const isAnew = rig.plex.items().some(({ title }) => title === "Anew");
          meanwhile = [isAnew, rig.gates.target.pausedBecause];
        });
        rig.runtime.after(30 * MINUTE_MS, () => rig.plex.setFaults([]));
        await rig.until(() => rig.store.jobs.count() === 0 && meanwhile.length > 0, 60 * MINUTE_MS);
        const { retry, dead } = rig.outcomes();
        assertEquals([...meanwhile, retry, dead], [true, null, undefined, undefined]);
        const ratings = rig.plex.items().map(({ userRating }) => userRating);
        assertEquals(
          ratings.filter((rating) => Math.round(rating ?? 0) === 4).length,
          rated.length,
        );
        const events = rig.lines.filter(({ level }) => level === "warning" || level === "error")
          .map(({ fields }) => fields.event);
        assertEquals(events, ["fields_rest"]);
      });
    }
  }
}
