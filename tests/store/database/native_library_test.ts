import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { UserError } from "../../../src/core/failures/errors.ts";
import { openDriver } from "../../../src/store/database/driver.ts";
import { placeLibrary } from "../../../src/store/database/native_library.ts";
import { TempFolder } from "../temp_store.ts";

const BYTES = new TextEncoder().encode("a library");
const SHA256 = new Uint8Array(await crypto.subtle.digest("SHA-256", BYTES)).toHex();
const unixTest = Deno.build.os === "windows" ? Deno.test.ignore : Deno.test;

/** The library, with a count of how often it was read out of the executable. */
function library() {
  const counted = { reads: 0 };
  const read = () => {
    counted.reads++;
    return BYTES;
  };
  return { counted, library: { sha256: SHA256, extension: "so", read } };
}

Deno.test("placeLibrary() puts the library there once, named by its digest", async () => {
  using folder = new TempFolder();
  const { counted, library: embedded } = library();
  const path = await placeLibrary(folder.path, embedded);
  assertEquals(path, folder.file(`lib/sqlite3-${SHA256}.so`));
  assertEquals(Deno.readFileSync(path), BYTES);
  assertEquals(await placeLibrary(folder.path, embedded), path);
  assertEquals(counted.reads, 1);
  assertEquals([...Deno.readDirSync(folder.file("lib"))].length, 1);
});

Deno.test("placeLibrary() replaces a file that is not whole", async () => {
  using folder = new TempFolder();
  const { library: embedded } = library();
  const path = await placeLibrary(folder.path, embedded);
  Deno.writeTextFileSync(path, "something else");
  await placeLibrary(folder.path, embedded);
  assertEquals(Deno.readFileSync(path), BYTES);
});

unixTest("placeLibrary() closes its folder to others, also one that was open", async () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.file("lib"), { mode: 0o755 });
  const path = await placeLibrary(folder.path, library().library);
  const mode = (at: string) => (Deno.statSync(at).mode ?? 0) & 0o777;
  assertEquals([mode(folder.file("lib")), mode(path)], [0o700, 0o600]);
});

unixTest("placeLibrary() follows no link, and changes nothing where it leads", async () => {
  using folder = new TempFolder();
  const { library: embedded } = library();
  const path = await placeLibrary(folder.path, embedded);
  // Even to the right bytes: whoever owns them can change them after the look.
  Deno.writeFileSync(folder.file("theirs"), BYTES);
  Deno.removeSync(path);
  Deno.symlinkSync(folder.file("theirs"), path);
  await placeLibrary(folder.path, embedded);
  assert(Deno.lstatSync(path).isFile);
  assertEquals(Deno.readFileSync(folder.file("theirs")), BYTES);

  Deno.removeSync(folder.file("lib"), { recursive: true });
  Deno.mkdirSync(folder.file("elsewhere"), { mode: 0o755 });
  Deno.symlinkSync(folder.file("elsewhere"), folder.file("lib"));
  await assertRejects(() => placeLibrary(folder.path, embedded), UserError, "must be a folder");
  assertEquals([...Deno.readDirSync(folder.file("elsewhere"))], []);
});

Deno.test("placeLibrary() leaves no part behind when the executable cannot be read", async () => {
  using folder = new TempFolder();
  const read = () => {
    throw new Error("gone");
  };
  const broken = { sha256: SHA256, extension: "so", read };
  await assertRejects(() => placeLibrary(folder.path, broken), Error, "gone");
  assertEquals([...Deno.readDirSync(folder.file("lib"))], []);
});

// Where a library is in use, the package is loaded already, and a process loads it once.
Deno.test({
  name: "openDriver() fails when the named library does not load",
  ignore: Boolean(Deno.env.get("DENO_SQLITE_PATH")),
  fn: async () => {
    const named = "/nowhere/libsqlite3.so";
    try {
      const error = await assertRejects(() => openDriver(":memory:", { named }), UserError);
      assertMatch(error.message, /^Cannot load the SQLite library \/nowhere\/libsqlite3\.so: ./);
      assertEquals([error.kind, /DENO_SQLITE_PATH/.test(error.hint ?? "")], ["usage", true]);
    } finally {
      Deno.env.delete("DENO_SQLITE_PATH");
    }
  },
});
