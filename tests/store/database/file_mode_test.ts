import { assertEquals } from "@std/assert";
import { ensureDataDir, makePrivate } from "../../../src/app/data/data_folder.ts";
import { snapshot } from "../../../src/store/files/snapshot.ts";
import { eachDriver } from "./drivers.ts";
import { T0 } from "../samples.ts";
import { openTestStore, TempFolder } from "../temp_store.ts";

const onWindows = Deno.build.os === "windows";

function modeOf(path: string): string {
  return (Deno.statSync(path).mode! & 0o777).toString(8);
}

if (!onWindows) {
  eachDriver(
    "promise 7: the database and all files beside it are their owner's",
    async (driver) => {
      using folder = new TempFolder();
      ensureDataDir(folder.file("data"));
      assertEquals(modeOf(folder.file("data")), "700");
      const path = folder.file("data/plexsync.db");
      makePrivate(path);
      const store = await openTestStore(path, driver);
      store.jobs.enqueue(["1"], "hook", T0);
      await snapshot(store.database, path, 1);
      for (const suffix of ["", "-wal", "-shm", ".before-schema-1"]) {
        assertEquals(modeOf(path + suffix), "600", suffix);
      }
      store.close();
    },
  );

  Deno.test("makePrivate() mends the mode of a file and keeps what is in it", () => {
    using folder = new TempFolder();
    const path = folder.file("plexsync.db");
    Deno.writeTextFileSync(path, "data", { mode: 0o644 });
    Deno.chmodSync(path, 0o644);
    makePrivate(path);
    assertEquals(modeOf(path), "600");
    assertEquals(Deno.readTextFileSync(path), "data");
  });
}
