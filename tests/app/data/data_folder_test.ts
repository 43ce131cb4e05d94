import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { ensureDataDir, type FolderDisk, guardFile } from "../../../src/app/data/data_folder.ts";
import { UserError } from "../../../src/core/failures/errors.ts";
import { TempFolder } from "../../store/temp_store.ts";

const onWindows = Deno.build.os === "windows";

/** Somebody else owns what is there. */
const NOT_OURS: FolderDisk = {
  chmod() {
    throw new Deno.errors.PermissionDenied("Operation not permitted");
  },
};

function modeOf(path: string): string {
  return (Deno.statSync(path).mode! & 0o1777).toString(8);
}

const FOLDERS = [
  { what: "is empty", mode: 0o755, names: [], want: "700" },
  { what: "is empty and open to all", mode: 0o777, names: [], want: "700" },
  { what: "has our database", mode: 0o775, names: ["plexsync.db", "notes"], want: "700" },
  { what: "has our config file", mode: 0o755, names: ["plexsync.toml"], want: "700" },
  { what: "has something else", mode: 0o755, names: ["photos"], want: "a word" },
  { what: "has something else, open to a group", mode: 0o770, names: ["photos"], want: "refused" },
  { what: "is everybody's", mode: 0o1777, names: [], want: "refused" },
  {
    what: "is everybody's, with our database",
    mode: 0o1777,
    names: ["plexsync.db"],
    want: "refused",
  },
  { what: "is of somebody else", mode: 0o755, names: [], disk: NOT_OURS, want: "a word" },
  { what: "is of somebody else and open", mode: 0o777, names: [], disk: NOT_OURS, want: "refused" },
  { what: "is closed", mode: 0o700, names: ["photos"], want: "700" },
];

for (const { what, mode, names, disk, want } of FOLDERS) {
  Deno.test({
    name: `a data directory of mode ${mode.toString(8)} that ${what}: ${want}`,
    ignore: onWindows,
    fn() {
      using temp = new TempFolder();
      const path = temp.file("data");
      Deno.mkdirSync(path);
      Deno.chmodSync(path, mode);
      for (const name of names) Deno.writeTextFileSync(`${path}/${name}`, "");
      if (want === "refused") {
        const error = assertThrows(() => ensureDataDir(path, disk), UserError);
        assertStringIncludes(error.message, "other users can write to it");
        assertEquals(modeOf(path), mode.toString(8), "it is left as it was");
        return;
      }
      const said = ensureDataDir(path, disk);
      if (want === "a word") assertMatch(said!, /Other users can look into .* chmod 700/);
      else assertEquals(said, null);
      assertEquals(modeOf(path), want === "a word" ? mode.toString(8) : want);
    },
  });
}

const FILES = [
  { what: "that others can read", mode: 0o644, want: "600" },
  { what: "that others can write", mode: 0o666, want: "600" },
  { what: "of somebody else that others can read", mode: 0o644, disk: NOT_OURS, want: "644" },
  { what: "of somebody else that others can write", mode: 0o666, disk: NOT_OURS, want: null },
];

for (const { what, mode, disk, want } of FILES) {
  Deno.test({
    name: `a file of ours ${what} is ${want === null ? "refused" : `used with mode ${want}`}`,
    ignore: onWindows,
    fn() {
      using temp = new TempFolder();
      const path = temp.file("file");
      Deno.writeTextFileSync(path, "content");
      Deno.chmodSync(path, mode);
      if (want === null) assertThrows(() => guardFile(path, disk), UserError, "can write to it");
      else {
        guardFile(path, disk);
        assertEquals(modeOf(path), want);
      }
      assertEquals(Deno.readTextFileSync(path), "content");
    },
  });
}
