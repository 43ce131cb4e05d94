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
