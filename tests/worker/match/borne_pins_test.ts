import { assertEquals } from "@std/assert";
import { filesOf } from "../../../src/app/data/data_files.ts";
import { noteScenes } from "../../../src/store/library/scene_notes.ts";
import { BornePins } from "../../../src/worker/match/borne_pins.ts";
import { scene as sampleScene } from "../../core/samples.ts";
import { TARGET } from "../../one_target.ts";
import { openTestStore, TempFolder } from "../../store/temp_store.ts";

const file = (n: number) => ({ path: `/data/${n}.mp4`, size: 1_000 + n, durationMs: 60_000 + n });
const moved = (n: number) => ({ ...file(n), path: `/other/${n}.mp4` });

const cases: { when: string; files: ReturnType<typeof file>[]; want: number[] }[] = [
  { when: "it has the path under another id", files: [{ ...file(3), size: 0 }], want: [3] },
  { when: "it has the bytes and the name elsewhere", files: [moved(3)], want: [3] },
  { when: "it has nothing of it", files: [moved(9_999)], want: [] },
];

for (const { when, files, want } of cases) {
  Deno.test(`BornePins find the pin of a scene when ${when}, and look into no other`, async () => {
    using folder = new TempFolder();
    const store = await openTestStore(filesOf(folder.path).database, "builtin");
    try {
      noteScenes(store.database, [sampleScene({ id: "5000", files })], 0);
      const { pins } = store.of(TARGET);
      for (let n = 1; n <= 500; n++) {
        pins.put({
          scene_id: String(n),
          item: String(10_000 + n),
          paths: [`/media/${n}.mp4`],
          files: [file(n)],
          made_at: 0,
        });
      }
      let looks = 0;
      const borne = new BornePins(pins, {
        filesOf: (id) => store.scenes.filesOf(id),
        withFiles(paths, files) {
          looks++;
          return store.scenes.withFiles(paths, files);
        },
      });
      const found = borne.near("5000").filter((pin) => borne.bearerOf(pin) === "5000");
      assertEquals(found.map(({ scene_id }) => Number(scene_id)), want);
      assertEquals(looks, want.length);
      const byItem = (item: string, paths: string[]) =>
        borne.toItem(item, paths).map(({ scene_id }) => scene_id);
      assertEquals(byItem("10007", []), ["7"]);
      assertEquals(byItem("77", ["/media/8.mp4"]), ["8"], "its id was another one");
      assertEquals(byItem("77", ["/media/none.mp4"]), []);
    } finally {
      store.close();
    }
  });
}
