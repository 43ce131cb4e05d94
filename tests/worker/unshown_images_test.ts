import { assertEquals, assertMatch } from "@std/assert";
import { Rig } from "./rig.ts";

Deno.test("a Plex that takes every image and shows none is said once, and again after one was shown", async () => {
  await using rig = await Rig.open({ library: { scenes: 12 } });
  const covers = (round: string) =>
    rig.stash.upsert(
      rig.stash.scenes().map(({ id }) => ({ id, cover: btoa(`\x89PNG\r\n\x1a\n${round} ${id}`) })),
    );
  const said = () => rig.lines.filter(({ level }) => level === "warning");
  for (const round of [1, 2]) {
    rig.plex.setFaults([{ route: "upload", answer: "garbage" }]);
    covers(`lost ${round}`);
    rig.enqueue();
    await rig.once();
    assertEquals(said().length, round, said().map(({ message }) => message).join("\n"));
    assertMatch(said().at(-1)!.message, /^Scene \d+: Plex took the \w+ of item \d+ and does not/);
    rig.plex.setFaults([]);
    covers(`shown ${round}`);
    rig.enqueue();
    await rig.once();
    assertEquals(said().length, round, "what is shown is not said");
  }
});
