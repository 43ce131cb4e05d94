import { assert, assertEquals } from "@std/assert";
import { TARGET } from "../../one_target.ts";
import { eachDriver } from "../database/drivers.ts";
import { openTestStore, TempFolder } from "../temp_store.ts";

const pin = (scene_id: string, made_at: number) => ({
  scene_id,
  item: "1",
  paths: [`/media/${scene_id}.mp4`],
  files: [{ path: `/data/${scene_id}.mp4`, size: 1, durationMs: null }],
  made_at,
});

eachDriver(
  "list() reads pins once, and anew when one comes or goes, whoever changed it",
  async (driver) => {
    using folder = new TempFolder();
    const path = folder.file("plexsync.db");
    const [store, other] = [await openTestStore(path, driver), await openTestStore(path, driver)];
    const { pins } = store.of(TARGET);
    const listed = () => pins.list().map(({ scene_id }) => scene_id);
    try {
      assertEquals(listed(), []);
      pins.put(pin("7", 1));
      other.of(TARGET).pins.put(pin("8", 1));
      assertEquals(listed(), ["7", "8"]);
      assert(pins.list() === pins.list(), "the same list");
      const before = pins.list();
      // As many as before, and as new.
      other.of(TARGET).pins.remove(before[0]!.id);
      other.of(TARGET).pins.put(pin("6", 1));
      assertEquals(listed(), ["6", "8"]);
      assertEquals(before.map(({ scene_id }) => scene_id), ["7", "8"]);
      store.database.exec("BEGIN");
      pins.put(pin("5", 2));
      assertEquals(listed(), ["5", "6", "8"]);
      store.database.exec("ROLLBACK");
      // It is given the same id.
      pins.put(pin("4", 3));
      assertEquals(listed(), ["4", "6", "8"]);
      pins.clear();
      assertEquals(listed(), []);
    } finally {
      store.close();
      other.close();
    }
  },
);
