import { assert, assertEquals, assertMatch } from "@std/assert";
import { Rig } from "../rig.ts";

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

Deno.test("images that Plex took in vain for a while are sent again by themselves, few while none is shown", async () => {
  await using rig = await Rig.open({ library: { scenes: 12 } });
  rig.plex.setFaults([{ route: "upload", status: 200, body: "<html>Log in</html>" }]);
  rig.enqueue();
  await rig.once();
  assertEquals(rig.outcomes(), { written: 12 });
  const uploads = () => rig.writes().filter((request) => /\/(posters|arts)$/.test(request)).length;
  const first = uploads();
  let during = 0;
  rig.runtime.after(179 * 60_000, () => void (during = uploads() - first));
  rig.runtime.after(180 * 60_000, () => rig.plex.setFaults([]));
  const isBare = () => rig.plex.items().some(({ poster, art }) => poster === null || art === null);
  await rig.until(() => !isBare(), 360 * 60_000);
  // Two of one scene each ten minutes.
  assert(during > 0 && during <= 36, `${during} uploads`);
  assertEquals(rig.store.deadLetters.count(), 0);
});
