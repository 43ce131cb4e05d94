/** A Plex that takes ratings and changes none: said once, and once when it is over. */
import { assertEquals } from "@std/assert";
import { Rig } from "../rig.ts";

const MINUTE_MS = 60_000;
const SCENES = 6;

/** What was said of ratings. */
function said(rig: Rig): unknown[] {
  return rig.lines.map(({ fields }) => fields.event)
    .filter((event) => event === "ratings_rest" || event === "ratings_back");
}

Deno.test("that ratings rest is told, and that it is over, as often as it begins", async () => {
  await using rig = await Rig.open({
    library: { scenes: SCENES },
    settings: { syncRating: true },
  });
  const ids = rig.stash.scenes().map(({ id }) => id!);
  for (const times of [1, 2]) {
    rig.stash.upsert(ids.map((id) => ({ id, rating100: 40 + 20 * times })));
    rig.plex.setFaults([{ route: "rate", status: 200 }]);
    rig.runtime.after(35 * MINUTE_MS, () => rig.plex.setFaults([]));
    rig.enqueue();
    await rig.until(() => rig.store.jobs.count() === 0, 120 * MINUTE_MS);
    assertEquals(said(rig), Array(times).fill(["ratings_rest", "ratings_back"]).flat());
  }
  assertEquals(rig.store.deadLetters.count(), 0);
});
