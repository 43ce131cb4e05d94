import { assertEquals, assertMatch } from "@std/assert";
import { Rig } from "./rig.ts";

for (
  const { what, spoil, says } of [
    {
      what: "a row of Plex's listing",
      spoil: (rig: Rig) =>
        rig.plex.setFaults([{ route: "listing", item: "1", answer: "big_number" }]),
      says: [/^Item 1 was added or changed at a time that lies ahead of Plex's clock.*1\.2345/],
    },
    {
      what: "an item of Plex",
      spoil: (rig: Rig) => rig.plex.setFaults([{ route: "item", item: "1", answer: "big_number" }]),
      // The item is written: nothing of it is left out.
      says: [],
    },
    {
      what: "a scene of Stash",
      spoil: (rig: Rig) =>
        rig.stash.setFaults([{ route: "graphql", scene: "1", answer: "big_number" }]),
      says: [],
    },
  ]
) {
  Deno.test(`numbers that nobody can count in ${what} cost no attempt, and what they leave out is said`, async () => {
    await using rig = await Rig.open({ settings: { syncPoster: false, syncBackground: false } });
    spoil(rig);
    rig.enqueue();
    await rig.once();
    const { written = 0, waiting = 0, ...paid } = rig.outcomes();
    assertEquals([written, paid], [waiting > 0 ? 19 : 20, {}]);
    const said = rig.lines.filter(({ level }) => level === "warning" || level === "error");
    assertEquals(said.length, says.length, said.map(({ message }) => message).join("\n"));
    says.forEach((want, at) => assertMatch(said[at]!.message, want));
    rig.plex.setFaults([]);
    rig.stash.setFaults([]);
    // What waits meanwhile is found as soon as the listing can be read.
    rig.start();
    await rig.context.keeper.listed([]);
    await rig.until(() => rig.store.jobs.count() === 0, 60 * 60_000);
    assertEquals(rig.outcomes().written, 20);
  });
}
