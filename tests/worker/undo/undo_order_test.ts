import { assertEquals } from "@std/assert";
import { edit, NO_IMAGES, state, sync, undo, withOne } from "./undo_rig.ts";

for (const singleTagEdit of ["add", "replace_unless_removal", "replace"] as const) {
  const what = singleTagEdit === "replace" ? "puts names at their place" : "names what it cannot";
  Deno.test(`an undo on a Plex whose single edits ${singleTagEdit} ${what}`, async () => {
    await using rig = await withOne({
      ...NO_IMAGES,
      settings: { ...NO_IMAGES.settings, tagMode: "mirror" },
      plex: { switches: { singleTagEdit } },
    });
    await edit(rig, "genre[0].tag.tag=A&genre[1].tag.tag=B&genre[2].tag.tag=C");
    await sync(rig, { tags: ["A", "C", "D"] });
    const { left } = await undo(rig);
    const { genres } = state(rig);
    assertEquals([...genres].sort(), ["A", "B", "C"]);
    const isMoved = genres.join() !== "A,B,C";
    assertEquals(isMoved, singleTagEdit !== "replace");
    assertEquals(left, isMoved ? ["tags: its names stand in another order"] : []);
  });
}
