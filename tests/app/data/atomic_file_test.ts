import { assertEquals, assertThrows } from "@std/assert";
import { type Disk, realDisk, writeAtomic } from "../../../src/app/data/atomic_file.ts";
import { TempFolder } from "../../store/temp_store.ts";

type Step = "create" | "write" | "sync" | "rename" | "syncFolder";

/** The real disk, with every step noted, and one that fails. */
function noting(failing?: Step): { disk: Disk; steps: string[] } {
  const steps: string[] = [];
  const name = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const step = (what: Step, detail = "") => {
    steps.push(detail === "" ? what : `${what} ${detail}`);
    if (what === failing) throw new Error("No space left on device (os error 28)");
  };
  const disk: Disk = {
    create(path) {
      step("create", name(path));
      const file = realDisk.create(path);
      return {
        writeSync(bytes) {
          // A disk that runs full takes a part first.
          const taken = file.writeSync(bytes.subarray(0, 5));
          step("write");
          return taken;
        },
        syncSync() {
          step("sync");
          file.syncSync();
        },
        close: () => file.close(),
      };
    },
    rename(from, to) {
      step("rename", `${name(from)} ${name(to)}`);
      realDisk.rename(from, to);
    },
    remove: realDisk.remove,
    syncFolder(path) {
      step("syncFolder");
      realDisk.syncFolder(path);
    },
  };
  return { disk, steps };
}

Deno.test("writeAtomic() writes beside the file, flushes, renames, and flushes the folder", () => {
  using folder = new TempFolder();
  const { disk, steps } = noting();
  writeAtomic(folder.file("a"), "0123456", disk);
  assertEquals(steps, ["create a.tmp", "write", "write", "sync", "rename a.tmp a", "syncFolder"]);
  assertEquals(Deno.readTextFileSync(folder.file("a")), "0123456");
  assertEquals(folder.names(), ["a"]);
});

for (const failing of ["create", "write", "sync", "rename"] as const) {
  Deno.test(`writeAtomic() leaves the old file and no rest when ${failing} fails`, () => {
    using folder = new TempFolder();
    Deno.writeTextFileSync(folder.file("a"), "old");
    const { disk } = noting(failing);
    assertThrows(() => writeAtomic(folder.file("a"), "newer content", disk), Error, "No space");
    assertEquals(Deno.readTextFileSync(folder.file("a")), "old");
    assertEquals(folder.names(), ["a"]);
    writeAtomic(folder.file("a"), "newer content");
    assertEquals(Deno.readTextFileSync(folder.file("a")), "newer content");
  });
}

Deno.test("writeAtomic() overwrites what a killed writer left, and closes the file to others", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("a.tmp"), "half of something that was much longer");
  writeAtomic(folder.file("a"), "new");
  assertEquals(Deno.readTextFileSync(folder.file("a")), "new");
  writeAtomic(folder.file("b"), "new");
  assertEquals(folder.names(), ["a", "b"]);
  const { mode } = Deno.statSync(folder.file("b"));
  if (mode !== null) assertEquals(mode & 0o777, 0o600);
});
