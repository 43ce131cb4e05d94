import { assertEquals } from "@std/assert";
import { Rig } from "./rig.ts";

for (
  const { what, spoil } of [
    {
      what: "a row of Plex's listing",
      spoil: (rig: Rig) =>
        rig.plex.setFaults([{ route: "listing", item: "1", answer: "big_number" }]),
    },
    {
      what: "an item of Plex",
      spoil: (rig: Rig) => rig.plex.setFaults([{ route: "item", item: "1", answer: "big_number" }]),
    },
    {
      what: "a scene of Stash",
      spoil: (rig: Rig) =>
        rig.stash.setFaults([{ route: "graphql", scene: "1", answer: "big_number" }]),
    },
  ]
) {
  Deno.test(`numbers that nobody can count in ${what} keep no other scene from being written`, async () => {
    await using rig = await Rig.open({ settings: { syncPoster: false, syncBackground: false } });
    spoil(rig);
    rig.enqueue();
    await rig.once();
    assertEquals([rig.outcomes().written! >= 19, rig.errors()], [true, []]);
  });
}
