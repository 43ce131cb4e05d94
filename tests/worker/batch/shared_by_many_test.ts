import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Rig } from "../rig.ts";

const SCENES = 60;
const file = { path: "/data/one.mp4", size: 1_000, duration: 60 };
const ids = Array.from({ length: SCENES }, (_, n) => String(n + 1));

const document = {
  plex: {
    sections: [{ key: "1", title: "Films", type: "movie" as const, locations: ["/data"] }],
    items: [{
      ratingKey: "1",
      section: "1",
      title: "one",
      media: [{ parts: [{ file: file.path, size: file.size, duration_ms: 60_000 }] }],
    }],
  },
  stash: { scenes: ids.map((id) => ({ id, title: `Scene ${id}`, details: "x", files: [file] })) },
};

Deno.test("of sixty scenes that share an item each letter names twenty others, and the last one left is written", async () => {
  await using rig = await Rig.open({ document });
  rig.enqueue();
  await rig.until(() => rig.store.jobs.count() === 0);
  assertEquals(rig.store.deadLetters.byType(), { SharedItem: SCENES });
  for (const letter of rig.store.deadLetters.recent(SCENES)) {
    assertStringIncludes(letter.error_message, `${letter.scene_id}`);
    assertMatch(letter.error_message, / and [23]9 more: none of them/);
    assert(letter.job_data.length < 1_000, `${letter.job_data.length} characters`);
  }
  const last = "33";
  const gone = ids.filter((id) => id !== last);
  rig.stash.destroy(gone);
  rig.enqueue(gone);
  await rig.until(() => rig.plex.items()[0]!.title === `Scene ${last}`, 60 * 60_000);
});
