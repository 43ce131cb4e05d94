/** What of an edit is sent once more by itself. */
import { assertEquals } from "@std/assert";
import { PlexsyncError } from "../../../src/core/failures/errors.ts";
import { type Edit, type Item, NO_EDIT } from "../../../src/core/sync/item.ts";
import { sendEdit } from "../../../src/worker/batch/send_edit.ts";
import { PartsTurn } from "../../../src/worker/doubts/parts_turn.ts";

Deno.test("what was taken of an edit is known though another edit comes to nothing just then", async () => {
  const turn = new PartsTurn();
  const sent: string[] = [];
  const target = {
    title: "Plex",
    read: () => Promise.resolve(new Map()),
    write: (_: Item, edit: Edit) => {
      const fields = Object.keys(edit.text).join();
      sent.push(fields);
      if (fields === "title") return Promise.resolve({ edit, omitted: [] });
      // Of an edit that is sent beside it each part was refused.
      if (fields === "summary") turn.refused();
      return Promise.reject(new PlexsyncError("PlexPermanentError", "No", { status: 403 }));
    },
  };
  const edit = { ...NO_EDIT, text: { title: "A", summary: "B", tagline: "C" } };
  const { taken, refused } = await sendEdit({ id: "1" } as Item, edit, { target, turn });
  assertEquals(taken?.edit.text, { title: "A" });
  assertEquals([refused?.isUntried, refused?.error.fields], [false, ["summary", "tagline"]]);
  assertEquals(sent, ["title,summary,tagline", "title", "summary", "tagline"]);
});
