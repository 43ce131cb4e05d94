import { assertEquals } from "@std/assert";
import { Play } from "./undo_play.ts";

Deno.test("what a film's own scene has again is what an undo holds by, though another wrote it last", async () => {
  await using play = await Play.open({ syncPoster: false, syncBackground: false });
  const { rig } = play;
  const title = () => rig.plex.items()[4]!.title;
  const before = title();
  await play.sync();
  play.move("films/3", "2");
  const since = rig.runtime.now();
  await play.sync();
  await play.undo({ kind: "since", at: since });
  play.move("films/3", "1");
  await play.sync();
  await play.undo();
  assertEquals(title(), before);
  rig.stash.upsert([{ id: "1", code: "Unrelated" }]);
  await play.sync();
  assertEquals(title(), before);
});

Deno.test("of a scene whose writes are kept only with another's an undo says whose undo takes them back", async () => {
  await using play = await Play.open({ syncPoster: false, syncBackground: false });
  const { rig } = play;
  const before = rig.plex.items()[4]!;
  await play.sync();
  play.move("films/3", "2");
  await play.sync();
  play.prune(0, false);
  const ours = rig.plex.items()[4]!;
  const scene = (id: string) => ({ kind: "scene" as const, scene: id });
  const results = async (id: string) => {
    const { run } = await play.undo(scene(id));
    return rig.store.of("plex").undos.results(run)
      .find(({ item }) => item === before.ratingKey)!.result;
  };
  const { left } = await results("1");
  const why = "kept only together with what scene 2 wrote later: " +
    "undo --scene 2 goes back to before plexsync";
  assertEquals(left.find(({ field }) => field === "title")?.why, why);
  assertEquals(rig.plex.items()[4]!.title, ours.title);
  const history = rig.store.of("plex").journal.ofScene("1", 100);
  assertEquals(history.some(({ item }) => item === before.ratingKey), true);
  assertEquals((await results("2")).left, []);
  assertEquals(rig.plex.items()[4], before);
});
