import { assertEquals } from "@std/assert";
import { readLibrary } from "../sim/library_document.ts";
import { file, itemOf, libraryOf, sceneOf, titleOf } from "./match/matching_cases.ts";
import { Rig } from "./rig.ts";

const HOUR_MS = 60 * 60_000;

Deno.test("an idle daemon sees that the right file of a scene came, for a few requests an hour", async () => {
  const scenes = [sceneOf(1, file("/data/a.mp4", 1111, 60))];
  const copy = itemOf("7", "1", file("/media/old/a.mp4", 1111, 60));
  await using rig = await Rig.open({
    document: libraryOf(scenes, [copy]),
    settings: {
      pathMap: [{ stash: "/data", plex: "/media" }],
      syncPoster: false,
      syncBackground: false,
    },
  });
  rig.enqueue();
  await rig.once();
  assertEquals(rig.plex.items().map(({ title }) => title), [titleOf(1)]);

  const before = rig.plex.requests().length;
  const end = rig.runtime.now() + HOUR_MS;
  await rig.until(() => rig.runtime.now() >= end);
  const idle = rig.plex.requests().length - before;
  // Who answers, the libraries once, and a question about changes for each of two libraries.
  assertEquals(idle > 0 && idle <= 20, true, `${idle} requests in an hour`);

  const right = itemOf("8", "1", file("/media/a.mp4", 1111, 60));
  const { sections, items } = readLibrary(libraryOf(scenes, [copy, right]));
  rig.plex.load(sections, items);
  const isRight = () =>
    rig.plex.items().some((each) => each.ratingKey === "8" && each.title === titleOf(1));
  await rig.until(isRight, HOUR_MS);
});
